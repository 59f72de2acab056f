/** One process of the benchmark of long runs: `measure-long.ts SHAPE LEAVES` prints its figures as JSON. */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { apply } from '../../src/trace/apply.ts';
import { foldRun, viewRun } from '../../src/trace/read-run.ts';
import { emptyRunState } from '../../src/trace/run-state.ts';
import { RunView } from '../../src/trace/run-view.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { WIDTH, workflowOf } from '../engine/shapes.ts';

export interface LongFigures {
  readonly events: number;
  readonly seconds: number;
  /** The most that one turn of the event loop took: CPU of the driving thread. */
  readonly turnMs: number;
  /** Heap after a collection as the last leaf begins, without what was there before the run. */
  readonly heapBytesPerLeaf: number;
  /** Of the process, with its reader. */
  readonly peakMb: number;
  readonly diskBytesPerLeaf: number;
  /** The largest write-ahead log, beside a reader that polls. */
  readonly walMb: number;
  /** The state, and the view of it, from the last snapshot; `whole`: from the first event. */
  readonly stateMs: number;
  readonly wholeStateMs: number;
  readonly viewMs: number;
  readonly wholeViewMs: number;
  /** The last 100 events. */
  readonly tailMs: number;
  readonly listMs: number;
}

const PARALLEL = 256;
/** As many as a run may have in flight. */
const MOST_PARALLEL = 10_000;
const PAGE = 5_000;
const WAL_EVERY_MS = 100;
const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 0,
  costStatus: 'exact',
} as const;

const [shape = '', size = '0'] = process.argv.slice(2);
const leaves = Number(size);
/** A fan-out, and the branch sets of an expand, of which all leaves are in flight at once. */
const CROWDS: Readonly<Record<string, string>> = { crowd: 'fan-out', flood: 'wide' };
const { [shape]: base = shape } = CROWDS;
const isCrowd = shape in CROWDS;
const count = base === 'wide' ? leaves / WIDTH : leaves;
const items = JSON.stringify({ items: Array.from({ length: count }, (_, n) => `k${n}`) });
let heapBefore = 0;
let heapBytes = 0;
let calls = 0;

const provider: ModelProvider = {
  name: 'immediate',
  async *call() {
    calls += 1;
    if (calls === leaves) heapBytes = collected() - heapBefore;
    const text =
      (base === 'expand' || base === 'wide') && calls === 1
        ? items
        : shape === 'loop'
          ? '{"done":false}'
          : 'done';
    yield { type: 'finished', text, usage, model: 'immediate' };
  },
};

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-long-'));
try {
  process.stdout.write(JSON.stringify(await measure(folder)));
} finally {
  rmSync(folder, { recursive: true });
}

async function measure(stateFolder: string): Promise<LongFigures> {
  const reader = new Worker(new URL('./poll.ts', import.meta.url), { workerData: stateFolder });
  let wal = 0;
  const watch = setInterval(() => {
    wal = Math.max(wal, sizeOf(join(stateFolder, 'whaleflow.db-wal')));
  }, WAL_EVERY_MS);
  heapBefore = collected();
  const parsed = parseWorkflow(workflowOf(base, leaves));
  if (!('spec' in parsed)) throw new Error(JSON.stringify(parsed.diagnostics));
  const begun = performance.now();
  const longestTurn = watchTurns();
  const { run, outcome } = await runWorkflow(parsed.spec, {
    provider,
    stateFolder,
    parallel: isCrowd ? MOST_PARALLEL : PARALLEL,
  });
  const turnMs = longestTurn();
  const seconds = (performance.now() - begun) / 1000;
  clearInterval(watch);
  await reader.terminate();
  if (outcome?.status !== 'succeeded' && outcome?.status !== 'degraded') {
    throw new Error(`${shape} ended as ${JSON.stringify(outcome)}`);
  }
  const peakMb = Math.round(process.resourceUsage().maxRSS / 1000);
  const files = readdirSync(stateFolder, { recursive: true, encoding: 'utf8' });
  const disk = files.reduce((sum, name) => sum + sizeOf(join(stateFolder, name)), 0);
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  using store = openStore({ stateFolder, mode: 'read', ...world });
  const events = store.run(run)?.seq ?? 0;
  const tailMs = spentMs(() => store.read(run, events - 100));
  const listMs = spentMs(() => store.runs());
  return {
    events,
    seconds: rounded(seconds),
    turnMs: rounded(turnMs),
    heapBytesPerLeaf: Math.round(heapBytes / leaves),
    peakMb,
    diskBytesPerLeaf: Math.round(disk / leaves),
    walMb: rounded(wal / 1e6),
    stateMs: spentMs(() => foldRun(store, run)),
    wholeStateMs: spentMs(() => wholeState(store, run)),
    viewMs: spentMs(() => viewRun(store, run)),
    wholeViewMs: spentMs(() => wholeView(store, run)),
    tailMs,
    listMs,
  };
}

/** Looks at each turn of the event loop from now on; ends with the longest of them. */
function watchTurns(): () => number {
  let longest = 0;
  let isOver = false;
  let last = threadMs();
  const look = (): void => {
    const now = threadMs();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    isOver = true;
    return longest;
  };
}

/** CPU of this thread: what other processes take is no time of ours. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function wholeState(store: TraceStore, run: string): unknown {
  const state = emptyRunState();
  for (let after = 0; ; after += PAGE) {
    const events = store.read(run, after, PAGE);
    for (const event of events) apply(state, event, event.at);
    if (events.length < PAGE) return state;
  }
}

function wholeView(store: TraceStore, run: string): unknown {
  const view = new RunView();
  for (let after = 0; ; after += PAGE) {
    const events = store.read(run, after, PAGE);
    for (const event of events) view.see(event);
    if (events.length < PAGE) return view;
  }
}

function spentMs(action: () => unknown): number {
  globalThis.gc?.();
  const begun = performance.now();
  action();
  return rounded(performance.now() - begun);
}

function collected(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
