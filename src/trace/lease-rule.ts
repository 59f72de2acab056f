import type { AcquireOptions, Lease, LeaseHolder } from './trace-store.ts';

/**
 * Says whether the holder of `lease` may still be at work, as seen by `asking`. A pid of this boot and
 * host is asked for directly; of anyone else only the heartbeat is known. A heartbeat from the future
 * (the clock went back) grows stale like one of the past.
 */
export function isHeld(lease: Lease, asking: LeaseHolder, options: AcquireOptions): boolean {
  if (lease.host === asking.host && lease.bootId === asking.bootId) {
    return options.isAlive(lease);
  }
  return Math.abs(options.now - lease.heartbeatAt) <= options.staleMs;
}

/** Says whether a lease is held by `holder` and by nobody who had its pid before. */
export function isHeldBy(lease: Lease, holder: LeaseHolder): boolean {
  if (lease.pid !== holder.pid || lease.start !== holder.start) return false;
  return lease.host === holder.host && lease.bootId === holder.bootId;
}
