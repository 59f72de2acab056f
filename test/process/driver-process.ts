/** Drivers as processes of their own, and what must hold after whatever befell them. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { buildDriver } from './build-driver.ts';

const built = buildDriver('crashing-driver.ts');
export const buildFolder: string = built.folder;
export const driver: string = built.script;

export interface Ended {
  readonly run: string;
  readonly outcome: unknown;
  readonly output: unknown;
  readonly commits: number;
}

/** When a driver dies: at a commit of its own, or after some time that it does not know of. */
export interface Death {
  readonly at?: number;
  readonly when?: string;
  readonly afterMs?: number;
  /** For want of memory, in the first attempt of the leaf at this path. */
  readonly hoard?: string;
  /** Of its disk: the environment of `failing-disk.c`. */
  readonly disk?: Readonly<Record<string, string>>;
}

/** What such a driver has of it. */
const SMALL_HEAP_MIB = 64;

/** Runs a driver process; undefined when it was killed, out of memory or lost its disk. */
export function drive(folder: string, run: string, death: Death = {}): Ended | undefined {
  const { at = 0, when = 'after', afterMs, hoard, disk } = death;
  const heap = hoard === undefined ? [] : [`--max-old-space-size=${SMALL_HEAP_MIB}`];
  const words = [...heap, ...built.words, folder, run, `${at}`, when];
  const timeout = afterMs === undefined ? {} : { timeout: Math.max(1, Math.round(afterMs)) };
  const hoards = hoard === undefined ? {} : { WHALEFLOW_TEST_HOARD: hoard };
  const env = { ...built.env, ...hoards, ...disk };
  const options = { encoding: 'utf8', killSignal: 'SIGKILL', env, ...timeout } as const;
  const done = spawnSync(process.execPath, words, options);
  if (done.signal === 'SIGKILL') return undefined;
  if (hoard !== undefined) {
    expect(done.stderr).toContain('JavaScript heap out of memory');
    expect(done.signal).toBe('SIGABRT');
    return undefined;
  }
  if (disk !== undefined && done.status !== 0) {
    expect(done.stderr).toMatch(/code: 'WF70(?:03|09)'/);
    return undefined;
  }
  expect(done.stderr).toBe('');
  return JSON.parse(done.stdout) as Ended;
}

export function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-kill-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function traceIn(folder: string): { readonly run: string; readonly events: readonly TraceEvent[] } {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  // Killed before it made anything.
  if (!existsSync(join(folder, 'whaleflow.db'))) return { run: '', events: [] };
  using store = openStore({ stateFolder: folder, mode: 'create', ...world });
  const [row] = store.runs();
  const run = row?.run ?? '';
  return { run, events: row === undefined ? [] : store.read(run, 0) };
}

const executionsIn = (folder: string): readonly string[] => linesOf(join(folder, 'executions'));

const linesOf = (file: string): readonly string[] =>
  existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];

/** What must hold after any history of crashes. */
export function check(folder: string, ended: Ended | undefined, clean: Ended): void {
  expect(ended?.output).toEqual(clean.output);
  expect(ended?.outcome).toEqual(clean.outcome);
  const { events } = traceIn(folder);
  const acknowledged = linesOf(join(folder, 'acknowledged')).map(Number);
  expect(events.length).toBeGreaterThanOrEqual(Math.max(...acknowledged));
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  const executed = executionsIn(folder);
  const finished = events.filter((event) => event.type === 'leaf.finished');
  for (const { path, attempt } of finished) {
    const again = executed.filter((line) => line === `${path}#${attempt}`);
    expect(again).toHaveLength(1);
    const later = executed.filter(
      (line) => Number(line.split('#')[1]) > attempt && line.startsWith(`${path}#`),
    );
    expect(later).toEqual([]);
  }
  expect(replay(events)).toMatchObject({ verdict: 'identical' });
}

/** A crash before the first commit leaves no run: the next one begins anew. */
export function traceOrNew(folder: string): { readonly run: string } {
  const { run } = traceIn(folder);
  return { run: run === '' ? 'new' : run };
}
