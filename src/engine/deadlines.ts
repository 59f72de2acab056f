/** When attempts have to end: one timer for all of them, set for the first. */
import type { Clock, TimerHandle, Timers } from '../system/clock.ts';

export interface Deadlines {
  /** Calls `over` for a key after `ms`; a key has one deadline, the last that was set. */
  set(key: string, ms: number): void;
  clear(key: string): void;
  /** Ends all of them. */
  close(): void;
}

export function deadlines(
  { clock, timers }: { readonly clock: Clock; readonly timers: Timers },
  over: (key: string) => void,
): Deadlines {
  const due = new Map<string, number>();
  let armed: { readonly at: number; readonly handle: TimerHandle } | undefined;

  const arm = (at: number): void => {
    if (armed !== undefined && armed.at <= at) return;
    armed?.handle.cancel();
    const waitMs = Math.min(MAX_WAIT_MS, Math.max(0, at - clock.monotonic()));
    armed = { at, handle: timers.after(waitMs, look) };
  };
  const look = (): void => {
    armed = undefined;
    const now = clock.monotonic();
    const late = Array.from(due).filter(([, at]) => at <= now);
    for (const [key] of late) due.delete(key);
    const [first, ...rest] = due.values();
    if (first !== undefined) arm(rest.reduce((least, at) => Math.min(least, at), first));
    for (const [key] of late) over(key);
  };

  return {
    set(key, ms) {
      const at = clock.monotonic() + ms;
      due.set(key, at);
      arm(at);
    },
    // The timer stays: the next ones are due soon after.
    clear: (key) => void due.delete(key),
    close() {
      due.clear();
      armed?.handle.cancel();
    },
  };
}

/** Timers do not wait for longer; who is not due then is looked at again. */
const MAX_WAIT_MS = 86_400_000;
