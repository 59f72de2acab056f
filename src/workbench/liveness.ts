import { readFileSync } from 'node:fs';
import { isHeld } from '../trace/lease-rule.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { leaseOptions, pidHere, STALE_MS } from './driver-process.ts';
import type { Workbench } from './workbench.ts';

/**
 * The state of a run as shown. Where its row says running and nobody drives it: `waiting` when there is
 * nothing to do until a person answers, so that its driver went home; else `lost`.
 */
export type ShownState = RunRow['state'] | 'waiting' | 'lost';

/** Concludes whether the driver of a run lives; a run just made has a moment to find its driver. */
export function shownState(workbench: Workbench, store: TraceStore, row: RunRow): ShownState {
  if (row.state !== 'running' && row.state !== 'pausing') return row.state;
  if (isDriven(workbench, store, row.run)) return row.state;
  const isReleased = store.lease(row.run) === undefined;
  if (isReleased && row.waiting > 0 && row.inFlight === 0) return 'waiting';
  return isReleased && isFresh(workbench, row) ? row.state : 'lost';
}

/**
 * Made a moment ago, and handed over to a driver that is starting. Whoever has driven a run and gives its
 * lease back while it runs has ended by an error.
 */
const isFresh = ({ clock }: Workbench, { startedAt, updatedAt }: RunRow): boolean =>
  updatedAt === startedAt && Math.abs(clock.now() - updatedAt) < START_GRACE_MS;

const START_GRACE_MS = 4_000;

/** Says whether a living process holds the lease of a run. */
export function isDriven({ clock, holder }: Workbench, store: TraceStore, run: string): boolean {
  const lease = store.lease(run);
  return lease !== undefined && isHeld(lease, holder, leaseOptions(clock));
}

/** A driver that lives and has not been heard of for long. */
export interface Silence {
  readonly ms: number;
  readonly pid: number;
  /** Somebody has stopped its process (Ctrl-Z, SIGSTOP): it does nothing until it is told to go on. */
  readonly isStopped: boolean;
}

/** How long the driver of a run has been silent; undefined while it speaks, or where none lives. */
export function silenceOf(
  { clock, holder }: Workbench,
  store: TraceStore,
  run: string,
): Silence | undefined {
  const lease = store.lease(run);
  const ms = clock.now() - (lease?.heartbeatAt ?? 0);
  const pid = ms > STALE_MS ? pidHere(lease, holder) : undefined;
  return pid === undefined ? undefined : { ms, pid, isStopped: isProcessStopped(pid) };
}

/** The state is the letter behind the name, which may hold any character: T by a signal, t by a tracer. */
function isProcessStopped(pid: number): boolean {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return /^[Tt]$/.test(text.slice(text.lastIndexOf(')') + 2, text.lastIndexOf(')') + 3));
  } catch {
    return false;
  }
}
