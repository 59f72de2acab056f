/**
 * Our own timers around a call. A provider that keeps a connection open and says nothing looks alive to
 * `fetch`, and comments keep its idle timer from striking; here only content counts.
 */
import type { TimerHandle, Timers } from '../../system/clock.ts';

export interface CallLimits {
  /** Until the first byte of the answer’s head. */
  readonly headersMs: number;
  /** From there to the first piece of content. */
  readonly firstTokenMs: number;
  /** Between two pieces of content. */
  readonly idleMs: number;
  readonly totalMs: number;
}

export const DEFAULT_CALL_LIMITS: CallLimits = {
  headersMs: 60_000,
  firstTokenMs: 120_000,
  idleMs: 60_000,
  totalMs: 600_000,
};

export class CallWatch {
  readonly #limits: CallLimits;
  readonly #timers: Timers;
  readonly #controller = new AbortController();
  readonly #total: TimerHandle;
  readonly #outer: AbortSignal;
  readonly #onAbort = (): void => this.#controller.abort();
  #step: TimerHandle;
  #why: string | undefined;

  constructor(limits: CallLimits, timers: Timers, outer: AbortSignal) {
    this.#limits = limits;
    this.#timers = timers;
    this.#outer = outer;
    this.#total = this.#strikeAfter(limits.totalMs, 'took longer than');
    this.#step = this.#strikeAfter(limits.headersMs, 'did not answer within');
    outer.addEventListener('abort', this.#onAbort, { once: true });
    if (outer.aborted) this.#onAbort();
  }

  /** Aborts at a limit, and with the outer signal. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Which limit struck; undefined while none did. */
  get struck(): string | undefined {
    return this.#why;
  }

  onHead(): void {
    this.#next(this.#limits.firstTokenMs, 'sent no content within');
  }

  onContent(): void {
    this.#next(this.#limits.idleMs, 'stopped sending content for');
  }

  close(): void {
    this.#total.cancel();
    this.#step.cancel();
    this.#outer.removeEventListener('abort', this.#onAbort);
  }

  #next(delayMs: number, words: string): void {
    this.#step.cancel();
    this.#step = this.#strikeAfter(delayMs, words);
  }

  #strikeAfter(delayMs: number, words: string): TimerHandle {
    return this.#timers.after(delayMs, () => {
      this.#why ??= `${words} ${delayMs / 1000} s`;
      this.#controller.abort();
    });
  }
}
