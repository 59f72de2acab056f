import type { Timers } from '../system/clock.ts';

/** Waits; an abort ends it early. Never rejects. */
export async function pause(delayMs: number, timers: Timers, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const onAbort = (): void => resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  const timer = timers.after(delayMs, resolve);
  await promise;
  timer.cancel();
  signal.removeEventListener('abort', onAbort);
}
