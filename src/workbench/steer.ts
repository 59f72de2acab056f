/** Words to a run: cancel, resume, fork, retry. */
import { WhaleFlowError } from '../base/errors.ts';
import { foldRun } from '../engine/drive.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { RunStarted } from '../trace/run-state.ts';
import { liveAt } from '../trace/run-state.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import type { Address } from './find-run.ts';
import { driveRun } from './launch-run.ts';
import { isDriven } from './liveness.ts';
import type { Workbench } from './workbench.ts';

const FINISHED = new Set<RunRow['state']>(['succeeded', 'degraded', 'failed', 'cancelled']);

function isFinished(row: RunRow): boolean {
  return FINISHED.has(row.state);
}

/**
 * Cancels a run or one leaf. A living driver gets a word. Without one, this process takes the lease and
 * records the end of the run itself; the word about a leaf waits for the next driver.
 * @throws {WhaleFlowError} WF5004 when the run is finished, WF2006 no such leaf.
 */
export async function cancel(
  workbench: Workbench,
  { row, path }: Address,
  by: string,
): Promise<void> {
  requireUnfinished(row);
  const store = workbench.store('write');
  if (path !== undefined && liveAt(foldRun(store, row.run), path) === undefined) {
    throw new WhaleFlowError('WF2006', `${path} of ${row.run} is not running`, {
      hint: `see what is: whaleflow show ${row.run}`,
    });
  }
  if (path === undefined && !isDriven(workbench, store, row.run)) {
    // As its first fact: a run that its budget stops would end again before a word is read.
    const cancelled = { type: 'run.cancelled', by } as const;
    await driveRun(workbench, row.run, new AbortController().signal, [cancelled]);
    return;
  }
  const command =
    path === undefined ? ({ type: 'cancel' } as const) : ({ type: 'cancel', path } as const);
  await store.send(row.run, by, workbench.clock.now(), command);
}

/** @throws {WhaleFlowError} WF5004. */
function requireUnfinished(row: RunRow): void {
  if (!isFinished(row)) return;
  throw new WhaleFlowError('WF5004', `${row.run} is ${row.state}`, {
    hint: `a finished run is never reopened: whaleflow fork ${row.run}`,
  });
}

/** What a resume keeps and what it will run again. */
export interface ResumeOutlook {
  readonly kept: number;
  readonly keptCostMicroUsd: number;
  /** Attempts that were in flight. */
  readonly again: readonly {
    readonly path: string;
    readonly attempt: number;
    readonly maybeRepeated: boolean;
  }[];
}

/**
 * Looks at a run that is to go on. @throws {WhaleFlowError} WF5004 finished, WF5005 driven by another.
 */
export function resumeOutlook(workbench: Workbench, row: RunRow): ResumeOutlook {
  requireUnfinished(row);
  const store = workbench.store('write');
  if (isDriven(workbench, store, row.run)) {
    const lease = store.lease(row.run);
    throw new WhaleFlowError(
      'WF5005',
      `${row.run} is driven by pid ${lease?.pid} on ${lease?.host}`,
      {
        hint: `watch it: whaleflow watch ${row.run}`,
      },
    );
  }
  const state = foldRun(store, row.run);
  return {
    kept: state.leavesDone,
    keptCostMicroUsd: state.totals.costMicroUsd,
    again: [...state.inFlight.values()]
      .filter((flight) => !flight.aborted)
      .map(({ path, attempt, started, slot }) => ({
        path,
        attempt,
        maybeRepeated: started && slot === 'command',
      })),
  };
}

/** The first fact of a run. */
export function startedOf(store: TraceStore, run: string): RunStarted {
  const [event] = store.read(run, 0, 1);
  if (event?.type !== 'run.started') {
    throw new WhaleFlowError('WF5003', `${run} does not begin with run.started`);
  }
  return event;
}
