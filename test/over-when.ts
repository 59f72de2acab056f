import type { TimerHandle, Timers } from '../src/system/clock.ts';
import { nodeTimers } from '../src/system/node/node-clock.ts';

/** A time limit that is over when something has happened, and not before: machines are shared. */
export const CONDITION_MS = 100_000;

/** Timers in which waits of `CONDITION_MS`, or somewhat less, are for that. */
export function overWhen(hasHappened: () => boolean): Timers {
  return {
    ...nodeTimers,
    after(delayMs: number, action: () => void): TimerHandle {
      if (delayMs < CONDITION_MS / 2 || delayMs > CONDITION_MS) {
        return nodeTimers.after(delayMs, action);
      }
      const look = setInterval(() => {
        if (!hasHappened()) return;
        clearInterval(look);
        action();
      }, 10);
      return { cancel: () => clearInterval(look) };
    },
  };
}
