/** A person at a terminal: the built command line, in a folder of its own, with a home of its own. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { RunRow } from '../../src/trace/run-row.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { isProcessAlive } from '../../src/workbench/driver-process.ts';
import { usersTree } from './users-tree.ts';

export const cli: string = join(import.meta.dirname, '..', '..', 'dist', 'cli.js');

export interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly err: string;
}

/** A line of `logs --json`. */
export interface LoggedEvent {
  readonly type: string;
  readonly seq: number;
  readonly [name: string]: unknown;
}

export interface Shell extends Disposable {
  /** A git repository with one commit. */
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
  write(path: string, text: string): void;
  /** Writes the settings of the user. */
  configure(text: string): void;
  whaleflow(...words: string[]): Said;
  /** The same, its stdout parsed as JSON. */
  json(...words: string[]): unknown;
  events(run: string): readonly LoggedEvent[];
  /** Process of the newest driver of a run. */
  driverOf(run: string): number;
  git(...words: string[]): string;
  /** Identity of everything of the user’s: files, index, HEAD, branches; state and our refs aside. */
  fingerprint(): string;
}

/** Of one command; a real agent takes its time to start on a busy machine. */
const TIMEOUT_MS = 120_000;
const WRITING: ReadonlySet<string> = new Set(['apply', 'undo', 'init']);

/** Opens a shell in a fresh repository; `files` are committed. */
export function openShell(files: Readonly<Record<string, string>> = {}): Shell {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-shell-'));
  const root = join(folder, 'repository');
  const bin = join(folder, 'bin');
  for (const one of [root, bin]) mkdirSync(one);
  // As it is installed: what is printed to be typed is `whaleflow …`.
  symlinkSync(cli, join(bin, 'whaleflow'));
  const env = {
    PATH: [bin, process.env['PATH']].join(delimiter),
    HOME: join(folder, 'home'),
    CI: '1',
    LANG: 'C.UTF-8',
    // What is tried in the sandbox says so.
    WHALEFLOW_SANDBOX_MODE: 'off',
  };
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=U', '-c', 'user.email=u@localhost', ...words], {
      cwd: root,
      env,
      encoding: 'utf8',
    });
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const [path, text] of Object.entries({ 'README.md': 'hello\n', ...files }))
    write(path, text);
  git('init', '--quiet', '--initial-branch=main');
  git('add', '--all');
  git('commit', '--quiet', '--message=start');
  const fingerprint = (): string => usersTree(root);
  const whaleflow = (...words: string[]): Said => {
    const options = { cwd: root, env, encoding: 'utf8', timeout: TIMEOUT_MS } as const;
    const before = fingerprint();
    const done = spawnSync(process.execPath, [cli, ...words], options);
    // Only what a person asks to be written may change among the user's.
    const isAsked = words.includes('-o') || WRITING.has(words[0] ?? '');
    if (!isAsked && fingerprint() !== before) {
      throw new Error(`whaleflow ${words.join(' ')} changed what is the user's`);
    }
    return { exit: done.status, out: done.stdout, err: done.stderr };
  };
  const events = (run: string): readonly LoggedEvent[] =>
    whaleflow('logs', run, '--json')
      .out.trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as LoggedEvent);
  return {
    root,
    env,
    write,
    configure: (text) => write('../home/.config/whaleflow/config.toml', text),
    git,
    whaleflow,
    json: (...words) => JSON.parse(whaleflow(...words).out) as unknown,
    events,
    driverOf(run) {
      const pid = events(run).findLast(({ type }) => type === 'run.driven')?.['pid'];
      // 0 would be everything that runs this test.
      if (typeof pid !== 'number' || pid <= 0) throw new Error(`nobody has driven ${run}`);
      return pid;
    },
    fingerprint,
    [Symbol.dispose]() {
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Whether a process is at work: one that is dead and that nobody has buried is not. */
export const isAlive = (pid: number): boolean => isProcessAlive({ pid });

/** What hangs ends so; it measures nothing. */
const PATIENCE_MS = 100_000;

/** Looks again until it holds; when the last look began that found it not so, in ms: a look takes its time. */
export async function until(holds: () => boolean): Promise<number> {
  const begun = performance.now();
  for (let lastMs = 0; ; ) {
    const lookedMs = performance.now() - begun;
    if (holds()) return lastMs;
    lastMs = lookedMs;
    if (performance.now() - begun > PATIENCE_MS)
      throw new Error(`not so after ${PATIENCE_MS} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const LOOK_MS = 10;

/**
 * Waits until the row of the newest run is so. Reads the store itself: a process for each look would take
 * longer than most of what is waited for.
 */
export async function untilRow({ root }: Shell, holds: (row: RunRow) => boolean): Promise<void> {
  const stateFolder = join(root, '.whaleflow/state');
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  using store = openStore({ stateFolder, mode: 'read', ...world });
  const begun = performance.now();
  for (;;) {
    const [row] = store.runs();
    if (row !== undefined && holds(row)) return;
    if (performance.now() - begun > PATIENCE_MS)
      throw new Error(`not so after ${PATIENCE_MS} ms: ${holds}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
