/**
 * The real loop over a store in memory, with leaves that answer by path and try, trees in memory, and a
 * store that fails at a chosen append, before or after it took effect: a crash without a process.
 */

import type { Json } from '../../src/base/json.ts';
import { type DriveEnd, drive } from '../../src/engine/drive.ts';
import { outputValue } from '../../src/engine/outputs.ts';
import type { Reuse } from '../../src/engine/reuse.ts';
import { startRun } from '../../src/engine/start-run.ts';
import type { LeafJob } from '../../src/leaf/leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerTable } from '../../src/leaf/leaf-runner.ts';
import { mergeRunner } from '../../src/leaf/runners/merge-runner.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import type { Lease, NewEvent, TraceStore } from '../../src/trace/trace-store.ts';
import type { LeafTask } from '../../src/workflow/task.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import {
  type MemoryWorkspace,
  memoryWorkspace,
} from '../../src/workspace/memory/memory-workspace.ts';
import type { Tree } from '../../src/workspace/workspace.ts';
import { seedOf } from './chance.ts';
import { CRASH, type Crash, crashing, hasty, nextTurn } from './crashing-store.ts';

/** `nth` counts the reports of the leaf that the trace holds, from 1; `write` is for agents. */
export type Answer = (
  path: string,
  nth: number,
  signal: AbortSignal,
) => Promise<RunnerReport> | RunnerReport;

export interface CrashWorld {
  readonly store: TraceStore;
  readonly executions: readonly string[];
  /** Attempts that were executed though the trace had their end, or a success of their leaf. */
  readonly repeated: readonly string[];
  readonly workspace: MemoryWorkspace;
  start(run: string, spec: WorkflowSpec): Promise<void>;
  /** Drives until the run ends or the store fails; says how many appends that took. */
  drive(
    run: string,
    crash?: Crash,
    reuse?: Reuse,
  ): Promise<{ readonly end: DriveEnd | 'crashed'; readonly appends: number }>;
  takeLease(run: string): Promise<Lease>;
  append(run: string, epoch: number, events: readonly NewEvent[]): Promise<void>;
  events(run: string): readonly TraceEvent[];
  /** How the run ended, and what it gave and left. */
  result(run: string): Json;
}

const HOLDER = { pid: 1, host: 'here', bootId: 'boot' };
/** What hangs is told to stop, and seen to have hung; it measures nothing. */
const LIMIT_MS = 100_000;

export function crashWorld(answer: Answer): CrashWorld {
  const store = memoryStore();
  const executions: string[] = [];
  const repeated: string[] = [];
  const trees = new Map<string, Tree>();
  const memory = memoryWorkspace({ 'readme.md': 'hello' });
  const workspace: MemoryWorkspace = {
    ...memory,
    async open(request, signal) {
      const tree = await memory.open(request, signal);
      trees.set(tree.root, tree);
      return tree;
    },
  };
  let running = 0;

  const runner = <Task extends LeafTask>(): LeafRunner<Task> => ({
    async run(job: LeafJob<Task>, { root }, signal) {
      const { run, path, attempt } = job;
      executions.push(`${run} ${path}#${attempt}`);
      const reports = store
        .read(run, 0)
        .filter((event) => event.type === 'leaf.finished' && event.path === path && !event.late);
      const isDone = reports.some(
        (event) =>
          event.type === 'leaf.finished' &&
          (event.attempt === attempt || event.result.status !== 'failed'),
      );
      if (isDone) repeated.push(`${run} ${path}#${attempt}`);
      running += 1;
      try {
        for (let turns = seedOf(path, reports.length) % 5; turns > 0; turns -= 1) await nextTurn();
        const report = await answer(path, reports.length + 1, signal);
        const tree = root === undefined ? undefined : trees.get(root);
        const isWriter = job.node.task.type === 'agent' && report.status === 'succeeded';
        if (tree !== undefined && isWriter) memory.write(tree, `${job.node.id}.txt`, path);
        return report;
      } finally {
        running -= 1;
      }
    },
  });
  const runners: RunnerTable = {
    model: runner(),
    command: runner(),
    agent: runner(),
    merge: mergeRunner(workspace),
  };
  const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });

  const takeLease = (run: string): Promise<Lease> =>
    store.acquire(run, HOLDER, { now: 0, staleMs: 0, isAlive: () => false });

  return {
    store,
    executions,
    repeated,
    workspace,
    async start(run, spec) {
      const base = await workspace.base({ run });
      const started = {
        type: 'run.started',
        spec,
        params: {},
        seed: 1,
        config: {
          concurrency: { model: 3, command: 2 },
          wiring: 'test',
          sandbox: 'none',
          routes: {},
        },
        base,
        consent: { by: 'library', commands: ['*'] },
        lineage: { mode: 'live' },
        rulesVersion: RULES_VERSION,
      } as const;
      await startRun(store, { run, started, holder: HOLDER }, nodeClock);
    },
    async drive(run, crash, reuse) {
      const lease = await takeLease(run);
      const stop = new AbortController();
      const counted = crashing(store, crash, stop);
      const request = {
        run,
        epoch: lease.epoch,
        driver: { pid: 1, host: 'here', versions: {}, mark: 'one' },
        store: counted.store,
        clock: nodeClock,
        timers: hasty,
        world: { runners, workspace, sandbox },
        ...(reuse === undefined ? {} : { reuse }),
      };
      const end = await drive(
        request,
        AbortSignal.any([stop.signal, AbortSignal.timeout(LIMIT_MS)]),
      ).catch((error: unknown) => {
        if (error !== CRASH) throw error;
        return 'crashed' as const;
      });
      // A process that dies takes its leaves along.
      while (running > 0) await nextTurn();
      await nextTurn();
      return { end, appends: counted.appends() };
    },
    takeLease,
    async append(run, epoch, events) {
      const row = store.run(run);
      if (row === undefined) throw new Error(`no run ${run}`);
      await store.append({ run, epoch, after: row.seq, events, row });
    },
    events: (run) => store.read(run, 0),
    result(run) {
      const state = foldRun(store, run);
      const output = outputValue(state, '', (ref) => store.blob(ref.digest) ?? new Uint8Array());
      const commit = state.trees.get('')?.at ?? '';
      const { outcome } = state.finished ?? {};
      return {
        outcome: (outcome ?? null) as Json,
        output,
        files: { ...workspace.filesOf(commit) },
      };
    },
  };
}
