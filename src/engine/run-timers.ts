/** The timers of a driver: what nodes wait for, and what the loop itself does now and then or at a limit. */
import type { Clock, TimerHandle, Timers } from '../system/clock.ts';
import type { NewEvent } from '../trace/trace-store.ts';

export interface RunTimersParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** The wait of a node is over. */
  readonly fire: (path: string, timer: string) => void;
  /** What is done now and then has thrown; it is not done again. */
  readonly fail: (error: unknown) => void;
}

export interface WaitingNode {
  readonly path: string;
  readonly timer: string;
}

export class RunTimers {
  readonly #parts: RunTimersParts;
  /** Of nodes, by path: each waits for one at a time. */
  readonly #armed = new Map<string, TimerHandle>();
  readonly #others = new Set<TimerHandle>();
  /** When the timers of earlier drivers were to fire. */
  readonly #due = new Map<string, { readonly at: number; readonly delayMs: number }>();
  #isClosed = false;

  constructor(parts: RunTimersParts) {
    this.#parts = parts;
  }

  /** Some node waits for time to pass. */
  get isArmed(): boolean {
    return this.#armed.size > 0;
  }

  /** Hears what earlier drivers recorded. */
  see(event: NewEvent): void {
    if (event.type !== 'timer.requested') return;
    const { at, delayMs, path, timer } = event;
    this.#due.set(`${path} ${timer}`, { at: at + delayMs, delayMs });
  }

  /** Arms what earlier drivers had armed, for what is left of it. */
  armAgain(waiting: readonly WaitingNode[]): void {
    const now = this.#parts.clock.now();
    for (const { path, timer } of waiting) {
      const due = this.#due.get(`${path} ${timer}`) ?? { at: now, delayMs: 0 };
      // A clock that went back makes no wait longer than it was to be.
      this.arm(path, timer, Math.min(due.delayMs, Math.max(0, due.at - now)));
    }
    this.#due.clear();
  }

  arm(path: string, timer: string, delayMs: number): void {
    this.disarm(path);
    if (this.#isClosed) return;
    const handle = this.#parts.timers.after(delayMs, () => {
      this.#armed.delete(path);
      this.#parts.fire(path, timer);
    });
    this.#armed.set(path, handle);
  }

  disarm(path: string): void {
    this.#armed.get(path)?.cancel();
    this.#armed.delete(path);
  }

  after(delayMs: number, action: () => void): void {
    if (this.#isClosed) return;
    const handle = this.#parts.timers.after(delayMs, () => {
      this.#others.delete(handle);
      action();
    });
    this.#others.add(handle);
  }

  every(periodMs: number, action: () => void): void {
    this.after(periodMs, () => {
      try {
        action();
      } catch (error) {
        this.#parts.fail(error);
        return;
      }
      this.every(periodMs, action);
    });
  }

  /** Nothing fires any more, and nothing is armed. */
  close(): void {
    this.#isClosed = true;
    for (const handle of [...this.#armed.values(), ...this.#others]) handle.cancel();
    this.#armed.clear();
    this.#others.clear();
  }
}
