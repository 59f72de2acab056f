/** A word to a run, from any process: heard once, by the driver that lives or by one that it wakes. */
import { WhaleFlowError } from '../base/errors.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { Command } from '../trace/trace-store.ts';
import { type DriveOrder, spawnDriver } from './launch-run.ts';
import { isDriven, type ShownState, shownState } from './liveness.ts';
import type { Workbench } from './workbench.ts';

/** Who steers, and how a driver is started for a run that has none. */
export interface Steering {
  readonly by: string;
  /** A detached process where absent. */
  readonly startDriver?: (workbench: Workbench, run: string, order: DriveOrder) => Promise<unknown>;
}

/** `left`: nobody drives the run, and this word is no reason to; its next driver hears it. */
export type Heard = 'heard' | 'left';

const POLL_MS = 50;
/** A driver reads words 20 times a second, unless its machine is very busy. */
const HEAR_MS = 15_000;
/** A driver that was started has so long to take the lease. */
const START_MS = 5_000;

/**
 * Leaves a word, wakes a driver where the word needs one, and waits until it is part of the trace.
 * @throws {WhaleFlowError} WF5004 when the run is finished, or ended before it heard.
 */
export async function tell(
  workbench: Workbench,
  { run }: RunRow,
  command: Command,
  { by, startDriver = spawnDriver }: Steering,
): Promise<Heard> {
  const { clock, timers } = workbench;
  const store = workbench.store('write');
  requireUnfinished(rowOf(workbench, run));
  const id = await store.send(run, by, clock.now(), command);
  const begun = clock.monotonic();
  let startedAt = Number.NEGATIVE_INFINITY;
  while (store.commands(run).some((row) => row.id === id)) {
    const row = rowOf(workbench, run);
    requireUnfinished(row);
    const now = clock.monotonic();
    if (now - begun > HEAR_MS) return 'left';
    const state = shownState(workbench, store, row);
    const isAsleep = !AWAKE.has(state) && !isDriven(workbench, store, run);
    if (isAsleep && !isWakeUp(command, row, state)) return 'left';
    if (isAsleep && now - startedAt > START_MS) {
      startedAt = now;
      await startDriver(workbench, run, {});
    }
    await new Promise<void>((resolve) => void timers.after(POLL_MS, resolve));
  }
  return 'heard';
}

const AWAKE = new Set<ShownState>(['running', 'pausing']);

/**
 * A paused run stays paused and a waiting one waits on: hearing costs nothing. A stopped or lost run
 * would go on and spend, which `resume` says first; but to pause it, or to answer all that it waits for,
 * is what the person wants now.
 */
function isWakeUp({ type }: Command, row: RunRow, state: ShownState): boolean {
  if (state === 'paused' || state === 'waiting') return true;
  if (state !== 'lost') return false;
  return type === 'pause' || (type === 'answer' && row.inFlight === 0);
}

function rowOf(workbench: Workbench, run: string): RunRow {
  const row = workbench.store('write').run(run);
  if (row === undefined)
    throw new WhaleFlowError('WF2004', `no run ${run}`, { hint: 'runs: whaleflow ls --all' });
  return row;
}

const FINISHED = new Set<RunRow['state']>(['succeeded', 'degraded', 'failed', 'cancelled']);

export function isFinished(row: RunRow): boolean {
  return FINISHED.has(row.state);
}

/** A fork takes what failed from the record too: only `retry` does it again. */
function instead({ run, state }: RunRow): string {
  return state === 'failed' || state === 'degraded'
    ? `a failed leaf again, in a new run: whaleflow retry ${run}/LEAF     which failed: whaleflow show ${run}`
    : `go on from it in a new run: whaleflow fork ${run}`;
}

/** @throws {WhaleFlowError} WF5004. */
export function requireUnfinished(row: RunRow): void {
  if (!isFinished(row)) return;
  throw new WhaleFlowError('WF5004', `${row.run} has ended: ${row.state}`, {
    hint: `a finished run is never reopened; ${instead(row)}`,
  });
}
