/** Time as a port, so that tests and simulations own it. */
export interface Clock {
  /** Wall time, integer milliseconds since 1970; may jump. For people and events only. */
  now(): number;
  /** Milliseconds that never go back, with fractions. For every duration and limit. */
  monotonic(): number;
}

/** Timers as a port. */
export interface Timers {
  /** Calls `action` once, after at least `delayMs` (0 to 2^31 - 1). The handle cancels it. */
  after(delayMs: number, action: () => void): TimerHandle;
  /** Calls `action` once after the pending I/O of this turn of the event loop (setImmediate). */
  nextTurn(action: () => void): void;
}

export interface TimerHandle {
  cancel(): void;
}
