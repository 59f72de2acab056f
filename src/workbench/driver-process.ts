/** Processes as holders of leases: this one, and whether another still is the one that took a lease. */
import { hostname } from 'node:os';
import { processSpace } from '../sandbox/none/process-start.ts';
import { hasProcessTable, startTicks } from '../sandbox/none/process-table.ts';
import type { Clock } from '../system/clock.ts';
import type { AcquireOptions, Lease, LeaseHolder } from '../trace/trace-store.ts';

/** A driver that says nothing for so long is dead. */
export const STALE_MS = 8_000;

/** This process, as the holder of leases. */
export function thisProcess(): LeaseHolder {
  const { pid } = process;
  const start = hasProcessTable() ? startTicks(pid) : undefined;
  const began = start === undefined ? {} : { start };
  return { pid, ...began, host: hostname(), bootId: processSpace() };
}

/** Says whether a process of this host lives; one that is dead and that nobody has buried does not. */
export function isProcessAlive({ pid, start }: Pick<Lease, 'pid' | 'start'>): boolean {
  let isOurs = true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
    isOurs = false;
  }
  // What can be signalled is all that is known.
  if (!hasProcessTable()) return true;
  const ticks = startTicks(pid);
  // Processes of others may be hidden.
  if (ticks === undefined) return !isOurs;
  return start === undefined || start === ticks;
}

/** By what a lease is judged at this moment. */
export function leaseOptions(clock: Clock): AcquireOptions {
  return { now: clock.now(), staleMs: STALE_MS, isAlive: isProcessAlive };
}

/** The pid of a holder that lives on this host, and means the same process to us. */
export function pidHere(
  lease: Lease | undefined,
  { host, bootId }: LeaseHolder,
): number | undefined {
  if (lease === undefined || lease.host !== host || lease.bootId !== bootId) return undefined;
  return isProcessAlive(lease) ? lease.pid : undefined;
}
