/** What trees have beside what git holds: linked folders of the user's checkout, and what a setup left. */
import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve, sep } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { printable } from '../base/printable.ts';
import { commandEnvironment, privateHome } from '../leaf/runners/command-place.ts';
import { tailText } from '../leaf/runners/stream-text.ts';
import type { ProcessReport, Sandbox } from '../sandbox/sandbox.ts';
import type { RecordedSetup, RunDependencies } from '../trace/run-terms.ts';
import { prepareSetup } from '../workspace/git/setup-cache.ts';
import type { LinkedFolder, LinkedFolders } from '../workspace/linked-folder.ts';
import type { Workbench } from './workbench.ts';

export interface DependenciesRequest {
  /** As it was asked for, or as it was recorded. */
  readonly wanted: RunDependencies;
  /** The base of the run. */
  readonly commit: string;
  readonly sandbox: Sandbox;
  readonly tell?: (line: string) => void;
}

export interface Dependencies {
  readonly links: LinkedFolders;
  /** With what is known of the setup now. */
  readonly recorded: RunDependencies;
}

/**
 * Finds linked folders, and runs the setup where nobody has yet.
 * @throws {WhaleFlowError} WF6008 the setup did not end well; WF6009 what cannot be linked.
 */
export async function prepareDependencies(
  workbench: Workbench,
  request: DependenciesRequest,
  signal?: AbortSignal,
): Promise<Dependencies> {
  const { wanted, sandbox } = request;
  const made = await setUp(workbench, request, signal);
  const found = wanted.link.flatMap((path) => linkOf(workbench, path));
  // What was installed for these lockfiles is nearer to the tree than what lies in the user's folder.
  const folders = [
    ...(made?.folders ?? []),
    ...found.filter(({ path }) => !made?.folders.some((other) => other.path === path)),
  ];
  const as = sandbox.level === 'strict' ? 'mount' : 'symlink';
  if (as === 'symlink') for (const folder of folders) refuseWaysBack(folder);
  return {
    links: { folders, as },
    recorded: { ...wanted, ...(made === undefined ? {} : { setup: made.recorded }) },
  };
}

/** Of this checkout, or of the main one: linked worktrees seldom have installed anything. */
function linkOf({ places }: Workbench, path: string): readonly LinkedFolder[] {
  const found = [places.root, places.mainRoot]
    .map((root) => join(root, path))
    .find((folder) => existsSync(folder) && lstatSync(realpathSync(folder)).isDirectory());
  return found === undefined ? [] : [{ path, target: realpathSync(found) }];
}

/**
 * Packages of a workspace are links from the folder back to sources beside it. Through a link such a way
 * leads to the user's sources (or nowhere), not to those of the tree.
 */
function refuseWaysBack({ path, target }: LinkedFolder): void {
  const names = readdirSync(target).flatMap((name) =>
    name.startsWith('@') && lstatSync(join(target, name)).isDirectory()
      ? readdirSync(join(target, name)).map((inner) => join(name, inner))
      : [name],
  );
  const back = names.find((name) => {
    const entry = join(target, name);
    if (!lstatSync(entry).isSymbolicLink()) return false;
    return !`${resolve(entry, '..', readlinkSync(entry))}${sep}`.startsWith(target + sep);
  });
  if (back === undefined) return;
  throw new WhaleFlowError('WF6009', `${join(path, back)} leads back into the repository`, {
    notes: ['a tree would read your sources there in place of its own; nothing was started'],
    hint: 'run it with --sandbox strict, which mounts the folder, or leave it out of `workspace.link`',
  });
}

interface MadeSetup {
  readonly folders: readonly LinkedFolder[];
  readonly recorded: RecordedSetup;
}

async function setUp(
  workbench: Workbench,
  { wanted, commit, sandbox, tell = () => {} }: DependenciesRequest,
  signal?: AbortSignal,
): Promise<MadeSetup | undefined> {
  const { setup } = wanted;
  if (setup === undefined) return undefined;
  const { places, chance } = workbench;
  const { root: repositoryRoot, cacheFolder } = places;
  const made = await prepareSetup(
    { repositoryRoot, cacheFolder, chance },
    {
      commit,
      command: setup.command,
      platform: `${process.platform} ${process.arch} node ${process.versions.modules}`,
      install: async (root, stop) => {
        tell(`setup: ${setup.command}`);
        await install(workbench, { setup, root, sandbox }, stop);
      },
      onWait: () => tell('setup: another run is at it; waiting for what it makes'),
    },
    signal,
  );
  const { key, lockfiles, durationMs, folders } = made;
  return { folders, recorded: { ...setup, key, lockfiles, durationMs } };
}

const MAX_OUTPUT_BYTES = 1024 * 1024;
const SHOWN_BYTES = 2048;
const MAX_LINES = 12;

interface Installing {
  readonly setup: RecordedSetup;
  readonly root: string;
  readonly sandbox: Sandbox;
}

async function install(
  { env }: Workbench,
  { setup, root, sandbox }: Installing,
  signal: AbortSignal = new AbortController().signal,
): Promise<void> {
  const home = await privateHome(tmpdir());
  try {
    const report = await sandbox.run(
      {
        argv: ['bash', '-c', setup.command],
        root,
        cwd: root,
        env: commandEnvironment(env, [], home),
        timeoutMs: setup.limitMs,
        maxOutputBytes: MAX_OUTPUT_BYTES,
        writable: [root],
        scratch: [home.home, home.temporary],
        network: setup.network,
      },
      signal,
    );
    signal.throwIfAborted();
    if (report.exitCode !== 0) throw failed(setup, report, sandbox);
  } finally {
    await home.close();
  }
}

function failed(
  { command, network, limitMs }: RecordedSetup,
  { exitCode, timedOut, spawnError, signal, stdout, stderr }: ProcessReport,
  { level }: Sandbox,
): WhaleFlowError {
  const why = timedOut
    ? `not done after ${limitMs / 60_000} min`
    : (spawnError ?? (exitCode === null ? `ended by ${signal}` : `exit status ${exitCode}`));
  const said = `${tailText(stdout, SHOWN_BYTES)}\n${tailText(stderr, SHOWN_BYTES)}`;
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const isCut = level === 'strict' && !network;
  return new WhaleFlowError('WF6008', `the setup failed: ${command}: ${why}`, {
    notes: [
      ...lines.slice(-MAX_LINES).map(printable),
      'no leaf was started, and nothing was spent',
    ],
    hint: isCut
      ? 'it had no network: whaleflow config set workspace.setup_network on'
      : 'try the command in a fresh clone; its limit is `workspace.setup_minutes`',
  });
}
