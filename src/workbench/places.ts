/** Where things live: found by looking for `.git` upwards, without starting a process. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';

export interface Places {
  /** Root of the checkout around the working folder, or the working folder itself. */
  readonly root: string;
  /** Root of the main worktree of the repository; `root` without git. State belongs to it. */
  readonly mainRoot: string;
  readonly hasGit: boolean;
  /**
   * `.whaleflow/state` of the main worktree, or what `--state-dir` or WHALEFLOW_HOME say. For a bare repository,
   * which has no main worktree, a folder of the user's: nothing of ours lies in a git folder.
   */
  readonly stateFolder: string;
  /** `.whaleflow` of the checkout: workflows and config to commit. */
  readonly projectFolder: string;
  /** The user’s config and global workflows. */
  readonly userFolder: string;
  /** Worktrees and other things that can be made again. */
  readonly cacheFolder: string;
}

/** A git folder without a checkout: there are no files to work on. */
export function isBare(folder: string): boolean {
  return ['HEAD', 'objects', 'refs'].every((name) => existsSync(join(folder, name)));
}

export interface PlacesRequest {
  /** Absolute. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stateDir?: string;
}

/** Looks the places up. Reads at most a few small files. */
export function findPlaces({ cwd, env, stateDir }: PlacesRequest): Places {
  const found = findGit(cwd);
  const root = found?.root ?? cwd;
  const mainRoot = found?.mainRoot ?? root;
  const home = env['HOME'] ?? homedir();
  const own = env['WHALEFLOW_HOME'];
  const xdg = (name: string, fallback: string): string => env[name] ?? join(home, fallback);
  const bare = found === undefined ? bareAround(cwd) : found.bare;
  const ofBare = (folder: string): string =>
    join(xdg('XDG_STATE_HOME', '.local/state'), 'whaleflow', nameOf(folder));
  const state =
    stateDir ??
    (own === undefined ? undefined : join(own, 'state')) ??
    (bare === undefined ? undefined : ofBare(bare));
  return {
    root,
    mainRoot,
    hasGit: found !== undefined,
    stateFolder: state === undefined ? join(mainRoot, '.whaleflow', 'state') : resolve(cwd, state),
    projectFolder: join(root, '.whaleflow'),
    userFolder: own ?? join(xdg('XDG_CONFIG_HOME', '.config'), 'whaleflow'),
    cacheFolder:
      own === undefined ? join(xdg('XDG_CACHE_HOME', '.cache'), 'whaleflow') : join(own, 'cache'),
  };
}

/** Tells repositories of one name apart: `project.git-1f0a…`. */
function nameOf(folder: string): string {
  const hash = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return `${basename(folder)}-${hash}`;
}

/** The bare repository that a folder is or lies in. */
function bareAround(cwd: string): string | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    if (isBare(folder)) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}

interface FoundGit {
  readonly root: string;
  readonly mainRoot: string;
  /** The bare repository that the checkout is linked to. */
  readonly bare?: string;
}

function findGit(cwd: string): FoundGit | undefined {
  for (let folder = cwd; ; folder = dirname(folder)) {
    const git = join(folder, '.git');
    if (existsSync(git)) return { root: folder, ...mainOf(folder, git) };
    if (dirname(folder) === folder) return undefined;
  }
}

/** Follows the `.git` file of a linked worktree to the main one. */
function mainOf(root: string, git: string): Omit<FoundGit, 'root'> {
  if (statSync(git).isDirectory()) return { mainRoot: root };
  const line = readFileSync(git, 'utf8').match(/^gitdir: (.+)$/m)?.[1];
  if (line === undefined) return { mainRoot: root };
  const gitFolder = resolve(root, line.trim());
  const common = join(gitFolder, 'commondir');
  if (!existsSync(common)) return { mainRoot: root };
  const commonFolder = resolve(gitFolder, readFileSync(common, 'utf8').trim());
  return basename(commonFolder) === '.git'
    ? { mainRoot: dirname(commonFolder) }
    : { mainRoot: root, bare: commonFolder };
}
