import { StarlarkError } from '../error.ts';
import type { CancelSignal, Limits } from '../limits.ts';
import { maxElements } from '../limits.ts';
import type { Position } from '../position.ts';
import type { Value } from '../values/object.ts';
import { weights } from './weights.ts';

/** How many steps may pass before the signal is looked at again. */
const signalInterval = 4096;

/** From here on it matters how often one string becomes part of others. */
export const longText = 4096;

/** So many texts may grow in turns. */
const lastJoins = 16;

export interface ThreadOptions {
  readonly limits: Limits;
  readonly allowsRecursion: boolean;
  readonly print: (message: string, position: Position) => void;
  readonly signal?: CancelSignal | undefined;
  /** Milliseconds since any moment. */
  readonly now?: (() => number) | undefined;
}

/** What one evaluation has used so far, and where it stands. */
export class Thread {
  steps = 0;
  /** The step count at which `tick` must be called. */
  checkpoint: number;
  allocated = 0;
  depth = 0;
  /** What the `return` statement under way gives. */
  result: Value = null;
  readonly limits: Limits;
  readonly allowsRecursion: boolean;
  readonly print: (message: string, position: Position) => void;
  readonly #signal: CancelSignal | undefined;
  readonly #now: (() => number) | undefined;
  readonly #startMs: number;
  /** Lengths of the last long strings that were joined. */
  readonly #joined: number[] = [];
  #joins = 0;

  constructor(options: ThreadOptions) {
    this.limits = options.limits;
    this.allowsRecursion = options.allowsRecursion;
    this.print = options.print;
    this.#signal = options.signal;
    this.#now = options.now;
    this.#startMs = options.now?.() ?? 0;
    this.checkpoint = 0;
  }

  /** Slow path of counting a step; callers raise `steps` and compare with `checkpoint`. */
  tick(): void {
    if (this.steps > this.limits.steps) {
      throw new StarlarkError('too many steps', {
        isFatal: true,
        hint: `the limit is ${this.limits.steps} loop iterations and calls`,
      });
    }
    const signal = this.#signal;
    if (signal?.aborted) {
      const reason = signal.reason === undefined ? 'aborted' : String(signal.reason);
      throw new StarlarkError(`evaluation cancelled: ${reason}`, { isFatal: true });
    }
    const { wallMs } = this.limits;
    if (this.#now !== undefined && this.#now() - this.#startMs > wallMs) {
      throw new StarlarkError('too much time', {
        isFatal: true,
        hint: `the limit is ${wallMs} milliseconds`,
      });
    }
    const isWatched = signal !== undefined || this.#now !== undefined;
    const next = !isWatched ? this.limits.steps : this.steps + signalInterval;
    this.checkpoint = Math.min(this.limits.steps, next);
  }

  /** Counts work done in a built-in: one step for each element, or 64 characters. */
  work(steps: number): void {
    this.steps += steps;
    if (this.steps > this.checkpoint) this.tick();
  }

  /** Charges memory before it is taken. */
  allocate(bytes: number): void {
    this.allocated += bytes;
    if (this.allocated > this.limits.allocationBytes) {
      throw new StarlarkError('too much memory', {
        isFatal: true,
        hint: `the limit is ${this.limits.allocationBytes} bytes of results`,
      });
    }
  }

  /** Charges a string to be made, and the time to make it. */
  text(units: number): void {
    if (units > maxElements) throw new StarlarkError(`excessive string (${units} characters)`);
    this.allocate(units * 2);
    this.work(units / 64);
  }

  /**
   * Charges two strings to be joined. A text that grows bit by bit costs what is added to it; one
   * that is joined anew with many others is charged each time, as each of them may be read.
   */
  join(x: number, y: number): void {
    const grows = this.#joined.includes(Math.max(x, y));
    this.allocate(2 * (grows ? Math.min(x, y) : x + y) + 32);
    this.#joined[this.#joins % lastJoins] = x + y;
    this.#joins++;
  }

  /** A joined string is put together when it is read: from then on it is one of its own. */
  read(length: number): void {
    if (length < longText) return;
    const at = this.#joined.indexOf(length);
    if (at < 0) return;
    this.#joined[at] = 0;
    this.work(length / 64);
  }

  /** Charges a search: at its worst it compares all of what it looks for at every place. */
  search(length: number, wanted: number): void {
    const places = length - wanted + 1;
    if (places > 0) this.work(length / 64 + (places * wanted) / 256);
  }

  /** Charges a dict or set to be made with so many entries, and the time to hash them. */
  entries(count: number): void {
    this.allocate(weights.dict + count * weights.entry);
    this.work(count);
  }

  /** Charges tuples to be made. */
  tuples(count: number, width: number): void {
    this.allocate(count * (weights.tuple + 8 * width));
    this.work(count * Math.max(1, width / 8));
  }

  /** Charges a list to be made, and the time to fill it. */
  sequence(length: number): void {
    if (length > maxElements) throw new StarlarkError(`excessive sequence (${length} elements)`);
    this.allocate(length * 8);
    this.work(length);
  }
}
