/** Real processes, killed with SIGKILL at commits: nothing is lost, nothing runs twice, all ends the same. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const driver = join(import.meta.dirname, 'crashing-driver.ts');

interface Ended {
  readonly run: string;
  readonly outcome: unknown;
  readonly output: unknown;
  readonly commits: number;
}

/** Runs a driver process; undefined when it was killed. */
function drive(folder: string, run: string, dieAt = 0, when = 'after'): Ended | undefined {
  const words = ['--disable-warning=ExperimentalWarning', driver, folder, run, String(dieAt), when];
  const done = spawnSync(process.execPath, words, { encoding: 'utf8' });
  if (done.signal === 'SIGKILL') return undefined;
  expect(done.stderr).toBe('');
  return JSON.parse(done.stdout) as Ended;
}

function inFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-kill-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function traceIn(folder: string): { readonly run: string; readonly events: readonly TraceEvent[] } {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  using store = openStore({ stateFolder: folder, mode: 'read', ...world });
  const [row] = store.runs();
  const run = row?.run ?? '';
  return { run, events: row === undefined ? [] : store.read(run, 0) };
}

const executionsIn = (folder: string): readonly string[] =>
  readFileSync(join(folder, 'executions'), 'utf8').trim().split('\n');

/** What must hold after any history of crashes. */
function check(folder: string, ended: Ended | undefined, clean: Ended): void {
  expect(ended?.output).toEqual(clean.output);
  expect(ended?.outcome).toEqual(clean.outcome);
  const { events } = traceIn(folder);
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

const clean = inFolder((folder) => drive(folder, 'new') as Ended);

test('without a crash the run has 60 leaves and more', () => {
  expect(clean.outcome).toMatchObject({ status: 'succeeded' });
  expect(clean.commits).toBeGreaterThan(30);
});

const commits = Array.from({ length: clean.commits }, (_, index) => index + 1);
const slice = commits.filter((commit) => IS_SOAK || commit % 10 === 3);

test.each(slice.flatMap((commit) => ['before', 'after'].map((when) => ({ commit, when }))))(
  'kill -9 $when commit $commit, then resume, ends as if there had been none',
  ({ commit, when }) =>
    inFolder((folder) => {
      const first = drive(folder, 'new', commit, when);
      const { run } = traceOrNew(folder);
      check(folder, first ?? drive(folder, run), clean);
    }),
  20_000,
);

/** A crash before the first commit leaves no run: the next one begins anew. */
function traceOrNew(folder: string): { readonly run: string } {
  const { run } = traceIn(folder);
  return { run: run === '' ? 'new' : run };
}

const doubles = IS_SOAK ? 500 : 50;

test(`${doubles} double crashes: at a commit of the run and at one of its resume`, () => {
  for (let index = 0; index < doubles; index += 1) {
    const first = 1 + ((index * 37) % (clean.commits - 1));
    const second = 1 + ((index * 13) % (clean.commits - first + 1));
    inFolder((folder) => {
      drive(folder, 'new', first, index % 2 === 0 ? 'after' : 'before');
      const { run } = traceOrNew(folder);
      const early = drive(folder, run, second, index % 3 === 0 ? 'before' : 'after');
      check(folder, early ?? drive(folder, traceOrNew(folder).run), clean);
    });
  }
}, 3_600_000);
