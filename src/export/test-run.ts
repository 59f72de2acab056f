/** Real runs for the tests of exports: the engine in this process, over mocks and a store in memory. */
import { drive } from '../engine/drive.ts';
import type { Reuse } from '../engine/reuse.ts';
import { startRun } from '../engine/start-run.ts';
import type { CallMemo } from '../leaf/call/call-memo.ts';
import type { RunnerTable } from '../leaf/leaf-runner.ts';
import { mockRunners } from '../leaf/runners/mock/mock-runners.ts';
import { mockProvider } from '../model/mock/mock-provider.ts';
import type { MockRule } from '../model/mock-rule.ts';
import type { Clock, Timers } from '../system/clock.ts';
import { nodeTimers } from '../system/node/node-clock.ts';
import { type Fact, RULES_VERSION, type TraceEvent } from '../trace/events.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { RunStarted } from '../trace/run-state.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import type { WorkflowDocument } from '../workflow/document.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { memoryWorkspace } from '../workspace/memory/memory-workspace.ts';
import type { RunTraceRequest } from './build-run-trace.ts';

export interface TestRun {
  readonly run: string;
  readonly store: TraceStore;
  readonly events: readonly TraceEvent[];
  readonly blob: (digest: string) => Uint8Array | undefined;
}

export interface TestRunParts {
  readonly rules?: readonly MockRule[];
  readonly started?: Partial<RunStarted>;
  readonly run?: string;
  readonly memo?: CallMemo;
  readonly reuse?: Reuse;
  /** Runners instead of the mocked ones. */
  readonly runners?: RunnerTable;
  /** Facts to begin with, after `run.driven`. */
  readonly first?: readonly Fact[];
  /** Goes on with a run that is in this store. */
  readonly store?: TraceStore;
  readonly signal?: AbortSignal;
}

const holder = { pid: 1, host: 'whale.example', bootId: 'boot' };
const START = Date.UTC(2026, 10, 21, 12, 0, 0, 0);

/** Runs a workflow until it ends or waits. */
export async function testRun(
  document: WorkflowDocument,
  parts: TestRunParts = {},
): Promise<TestRun> {
  const run = parts.run ?? 'run0run0run0';
  const clock = countingClock();
  const store = parts.store ?? memoryStore();
  if (store.run(run) === undefined) {
    await startRun(store, { run, started: startedOf(document, parts.started), holder }, clock);
  } else {
    await store.acquire(run, holder, { now: START, staleMs: 0, isAlive: () => false });
  }
  const chance = { bytes: (count: number) => new Uint8Array(count) };
  const memo = parts.memo === undefined ? {} : { memo: parts.memo };
  const fixture = { rules: parts.rules ?? [] };
  const provider = mockProvider({ timers: quickTimers, fixture });
  const mocks = mockRunners(fixture, { provider, clock, timers: quickTimers, chance, ...memo });
  const sandbox = { level: 'none', run: () => Promise.reject(new Error('no process')) } as const;
  await drive(
    {
      run,
      epoch: store.lease(run)?.epoch ?? 1,
      driver: {
        pid: 1,
        host: holder.host,
        versions: { whaleflow: '0.0.0', node: '24.0.0' },
        mark: 'one',
      },
      store,
      clock,
      timers: quickTimers,
      world: { runners: { ...mocks, ...parts.runners }, workspace: memoryWorkspace(), sandbox },
      ...(parts.reuse === undefined ? {} : { reuse: parts.reuse }),
      ...(parts.first === undefined ? {} : { first: parts.first }),
    },
    parts.signal ?? new AbortController().signal,
  );
  await store.release(run, store.lease(run)?.epoch ?? 1);
  return recorded(store, run);
}

function recorded(store: TraceStore, run: string): TestRun {
  return { run, store, events: store.read(run, 0), blob: (digest) => store.blob(digest) };
}

function startedOf(document: WorkflowDocument, parts: Partial<RunStarted> = {}): RunStarted {
  const parsed = parseWorkflow(document);
  if ('diagnostics' in parsed) {
    throw new Error(parsed.diagnostics.map(({ message }) => message).join('; '));
  }
  return {
    type: 'run.started',
    spec: parsed.spec,
    params: {},
    seed: 7,
    config: { concurrency: { model: 4, command: 2 }, wiring: 'mock', sandbox: 'none', routes: {} },
    consent: { by: 'library', commands: ['*'] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
    ...parts,
  };
}

/** What an export is asked for when a test says nothing else. */
export function requestOf(
  { run, events, blob }: Pick<TestRun, 'run' | 'events' | 'blob'>,
  parts: Partial<RunTraceRequest> = {},
): RunTraceRequest {
  return {
    run,
    events,
    blob,
    exportedAt: START + 3_600_000,
    exporter: { name: 'whaleflow', version: '0.0.0' },
    content: 'full',
    redact: true,
    secrets: [],
    ...parts,
  };
}

/** Waits of retries pass a hundred times as fast; the grace of an abort stays. */
const quickTimers: Timers = {
  after: (delayMs, action) => nodeTimers.after(delayMs < 5_000 ? delayMs / 100 : delayMs, action),
  nextTurn: (action) => nodeTimers.nextTurn(action),
};

/** Each look at the clock takes a millisecond. */
function countingClock(): Clock {
  let ticks = 0;
  return {
    now: () => {
      ticks += 1;
      return START + ticks;
    },
    monotonic: () => ticks,
  };
}
