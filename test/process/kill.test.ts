/** Real processes, killed with SIGKILL at commits: nothing is lost, nothing runs twice, all ends the same. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildSync } from 'esbuild';
import { afterAll, expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { TraceEvent } from '../../src/trace/events.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
/** Bundled, a driver starts three times as fast as from source. */
const buildFolder = mkdtempSync(join(tmpdir(), 'whaleflow-driver-'));
const driver = join(buildFolder, 'driver.mjs');
buildSync({
  entryPoints: [join(import.meta.dirname, 'crashing-driver.ts')],
  outfile: driver,
  bundle: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  // Bundled CommonJS packages call require() for Node’s own modules.
  banner: {
    js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
  },
});
afterAll(() => rmSync(buildFolder, { recursive: true }));

interface Ended {
  readonly run: string;
  readonly outcome: unknown;
  readonly output: unknown;
  readonly commits: number;
}

/** When a driver dies: at a commit of its own, or after some time that it does not know of. */
interface Death {
  readonly at?: number;
  readonly when?: string;
  readonly afterMs?: number;
}

/** Runs a driver process; undefined when it was killed. */
function drive(folder: string, run: string, death: Death = {}): Ended | undefined {
  const { at = 0, when = 'after', afterMs } = death;
  const words = ['--disable-warning=ExperimentalWarning', driver, folder, run, `${at}`, when];
  const timeout = afterMs === undefined ? {} : { timeout: Math.max(1, Math.round(afterMs)) };
  const env = { ...process.env, NODE_COMPILE_CACHE: buildFolder };
  const options = { encoding: 'utf8', killSignal: 'SIGKILL', env, ...timeout } as const;
  const done = spawnSync(process.execPath, words, options);
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
function check(folder: string, ended: Ended | undefined, clean: Ended): void {
  expect(ended?.output).toEqual(clean.output);
  expect(ended?.outcome).toEqual(clean.outcome);
  const { events } = traceIn(folder);
  const acknowledged = linesOf(join(folder, 'acknowledged')).map(Number);
  expect(events.length).toBe(Math.max(...acknowledged));
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

/** A leaf that loses its driver three times fails, as it should: two deaths, then it has to end. */
const MAX_KILLS_OF_A_RUN = 2;
const MAX_TRIES = 20;

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
      const first = drive(folder, 'new', { at: commit, when });
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
      drive(folder, 'new', { at: first, when: index % 2 === 0 ? 'after' : 'before' });
      const { run } = traceOrNew(folder);
      const early = drive(folder, run, { at: second, when: index % 3 === 0 ? 'before' : 'after' });
      check(folder, early ?? drive(folder, traceOrNew(folder).run), clean);
    });
  }
}, 3_600_000);

const kills = IS_SOAK ? 5_000 : 200;

test(
  `${kills} kills at random times, resumed until done`,
  () => {
    const begun = performance.now();
    inFolder((folder) => drive(folder, 'new'));
    const lifeMs = performance.now() - begun;
    const histories = Math.ceil(kills / MAX_KILLS_OF_A_RUN);
    let killed = 0;
    for (let history = 0; killed < kills && history < histories * MAX_TRIES; history += 1) {
      inFolder((folder) => {
        for (let life = 0; life < MAX_KILLS_OF_A_RUN; life += 1) {
          const { run } = traceOrNew(folder);
          const ended = drive(folder, run, { afterMs: Math.random() * lifeMs });
          if (ended !== undefined) return check(folder, ended, clean);
          killed += 1;
        }
        check(folder, drive(folder, traceOrNew(folder).run), clean);
      });
    }
    expect(killed).toBeGreaterThanOrEqual(kills);
  },
  24 * 3_600_000,
);
