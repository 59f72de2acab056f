/** Ends what dead drivers left running, before anybody begins the same work again. */
import type { Clock, Timers } from '../../system/clock.ts';
import { isMarkOf, type Leftovers } from '../process-mark.ts';
import { endMarked, signalProcess } from './end-marked.ts';
import { signalGroup } from './process-group.ts';
import { isSameProcess } from './process-start.ts';
import { markedProcesses } from './process-table.ts';

const GRACE_MS = 2_000;
const POLL_MS = 50;

export interface EndLeftoversParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

/**
 * SIGTERM, a grace, SIGKILL: for every process that carries the mark of one of the drivers, and for the
 * groups whose recorded leaders are still the same processes. Resolves to how many there were; never rejects.
 */
export async function endLeftovers(
  left: Leftovers,
  { clock, timers, graceMs = GRACE_MS }: EndLeftoversParts,
): Promise<number> {
  const isWanted = (mark: string): boolean => isMarkOf(mark, left);
  const leaders = (): readonly number[] =>
    left.processes.filter(isSameProcess).map(({ pid }) => pid);
  const found = (): ReadonlySet<number> =>
    new Set([...leaders(), ...markedProcesses(isWanted).pids]);
  const first = found();
  if (first.size === 0) return endMarked(isWanted, timers);
  for (const pid of leaders()) signalGroup(pid, 'SIGTERM');
  for (const pid of first) signalProcess(pid, 'SIGTERM');
  const until = clock.monotonic() + graceMs;
  while (clock.monotonic() < until && found().size > 0) {
    const { promise, resolve } = Promise.withResolvers<void>();
    timers.after(POLL_MS, resolve);
    await promise;
  }
  for (const pid of leaders()) signalGroup(pid, 'SIGKILL');
  return Math.max(first.size, await endMarked(isWanted, timers));
}
