/**
 * What the leaves in flight are doing, for people who watch. Rows are written together, at most four
 * times a second: a leaf that ends before its turn comes costs nothing.
 */
import type { TimerHandle, Timers } from '../system/clock.ts';
import type { LiveRow, TraceStore } from '../trace/trace-store.ts';

/** Between two writes. */
const PERIOD_MS = 250;

export class LiveBoard {
  readonly #store: Pick<TraceStore, 'putLive' | 'clearLive'>;
  readonly #timers: Timers;
  readonly #unwritten = new Map<string, () => LiveRow>();
  readonly #written = new Set<string>();
  #timer: TimerHandle | undefined;
  #isStopped = false;

  constructor(store: Pick<TraceStore, 'putLive' | 'clearLive'>, timers: Timers) {
    this.#store = store;
    this.#timers = timers;
  }

  /** Shows what a leaf does now, in place of what it did before; `toRow` is asked when it is written. */
  show(path: string, toRow: () => LiveRow): void {
    if (this.#isStopped) return;
    this.#unwritten.set(path, toRow);
    this.#timer ??= this.#timers.after(PERIOD_MS, () => this.#write());
  }

  /** Takes the row of a leaf that has ended away. */
  clear(run: string, path: string): void {
    this.#unwritten.delete(path);
    if (this.#written.delete(path)) this.#store.clearLive(run, path);
  }

  /** Writes no more. */
  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
  }

  #write(): void {
    this.#timer = undefined;
    if (this.#unwritten.size === 0) return;
    this.#store.putLive(Array.from(this.#unwritten.values(), (toRow) => toRow()));
    for (const path of this.#unwritten.keys()) this.#written.add(path);
    this.#unwritten.clear();
  }
}
