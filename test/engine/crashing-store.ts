/** A store that fails at a chosen append, before or after it took effect: a crash without a process. */
import type { Timers } from '../../src/system/clock.ts';
import { nodeTimers } from '../../src/system/node/node-clock.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';

/** Dies, or is told to stop, at the nth append of its driver, from 1. */
export interface Crash {
  readonly at: number;
  readonly when: 'before' | 'after' | 'interrupt';
}

const FASTER = 100;
/** What is given up after so long is really to be given up: work on files takes its time. */
const GRACE_MS = 10_000;

/** Nothing here waits as long as it says, but for what is asked to end. */
export const hasty: Timers = {
  after: (delayMs, action) =>
    nodeTimers.after(delayMs >= GRACE_MS ? delayMs : delayMs / FASTER, action),
  nextTurn: (action) => nodeTimers.nextTurn(action),
};

export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const CRASH: Error = new Error('the driver died');

/** `stop` is aborted where the crash is an interrupt. */
export function crashing(
  store: TraceStore,
  crash: Crash | undefined,
  stop: AbortController,
): { readonly store: TraceStore; readonly appends: () => number } {
  let appends = 0;
  let isDead = false;
  const wrapped: TraceStore = {
    ...store,
    async append(request) {
      appends += 1;
      if (isDead) throw CRASH;
      const isTime = appends === crash?.at;
      if (isTime && crash?.when === 'interrupt') stop.abort();
      else isDead = isTime;
      if (isDead && crash?.when === 'before') throw CRASH;
      const last = await store.append(request);
      if (isDead) throw CRASH;
      return last;
    },
    [Symbol.dispose]: () => {},
  };
  return { store: wrapped, appends: () => appends };
}
