/** A repository in a temporary folder, and plain git as a user has it, for tests. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Chance } from '../../system/chance.ts';
import type { Workspace } from '../workspace.ts';
import { toFile } from './byte-path.ts';
import { type GitWorkspaceOptions, gitWorkspace } from './git-workspace.ts';
import { removeFolder } from './remove-folder.ts';

export interface TestRepository {
  readonly root: string;
  readonly cacheFolder: string;
  /** Holds all of it, for what a test needs besides. */
  readonly folder: string;
  /** Git without our walls; its trimmed output. */
  git(...args: string[]): string;
  write(path: string, text: string | Buffer): void;
  workspace(options?: Partial<GitWorkspaceOptions>): Workspace;
  dispose(): Promise<void>;
}

const USER: readonly string[] = ['-c', 'user.name=U', '-c', 'user.email=u@localhost'];

export async function makeTestRepository(
  files: Readonly<Record<string, string>> = {},
): Promise<TestRepository> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-workspace-')));
  const root = join(folder, 'repository');
  const cacheFolder = join(folder, 'cache');
  const home = join(folder, 'home');
  mkdirSync(root);
  mkdirSync(home);
  const variables = { PATH: process.env['PATH'], HOME: home };
  const git = (...args: string[]) =>
    execFileSync('git', [...USER, ...args], {
      cwd: root,
      env: { ...variables, GIT_CONFIG_NOSYSTEM: '1' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();
  const write = (path: string, text: string | Buffer) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  git('init', '--quiet', '--initial-branch=main');
  for (const [path, text] of Object.entries(files)) write(path, text);
  if (Object.keys(files).length > 0) {
    git('add', '--all');
    git('commit', '--quiet', '--message=first');
  }
  return {
    root,
    cacheFolder,
    folder,
    git,
    write,
    workspace: (options) =>
      gitWorkspace({
        repositoryRoot: root,
        cacheFolder,
        chance: countingChance(),
        variables,
        ...options,
      }),
    dispose: () => removeFolder(folder),
  };
}

let seed = 0;

/** Never the same bytes twice in a process, always the same in the same order. */
function countingChance(): Chance {
  return {
    bytes(count) {
      seed += 1;
      return createHash('sha256').update(`${process.pid} ${seed}`).digest().subarray(0, count);
    },
  };
}

/** Names, kinds, rights and contents of everything below a folder, but of what `skip` says. */
export function fingerprint(
  folder: string,
  skip: (path: string) => boolean = () => false,
): Record<string, string> {
  const found: Record<string, string> = {};
  const visit = (path: string) => {
    for (const name of readdirSync(toFile(folder, path), { encoding: 'latin1' })) {
      const inner = path === '' ? name : `${path}/${name}`;
      if (skip(inner)) continue;
      const file = toFile(folder, inner);
      const entry = lstatSync(file);
      if (entry.isDirectory()) {
        found[inner] = 'folder';
        visit(inner);
      } else {
        const bytes = entry.isSymbolicLink() ? readlinkSync(file, 'buffer') : readFileSync(file);
        const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 16);
        found[inner] = `${entry.mode.toString(8)} ${hash}`;
      }
    }
  };
  visit('');
  return found;
}
