/**
 * The raw frames between us and an agent, in the order in which they stood on the wire: what a handler is
 * given comes later and in another order. Kept in pieces as they come, so that a crash leaves them.
 */
import type { Clock } from '../../../../system/clock.ts';
import type { LeafHost } from '../../../leaf-host.ts';
import type { LeafJob } from '../../../leaf-job.ts';

/** Bytes of one piece. */
const PIECE_BYTES = 64 * 1024;
/** Of one leaf; what comes beyond is counted only. */
const MAX_BYTES = 32 * 2 ** 20;
/** Of one frame: what is longer is cut, since files stand in them. */
const MAX_FRAME = 256 * 1024;

export type FrameSide = 'agent' | 'client';

export interface JournalParts {
  readonly job: LeafJob;
  readonly host: LeafHost;
  readonly clock: Clock;
  readonly toShown: (text: string) => string;
}

export class FrameJournal {
  readonly #parts: JournalParts;
  readonly #began: number;
  #lines: string[] = [];
  #length = 0;
  #kept = 0;
  #count = 0;
  #first = 1;

  constructor(parts: JournalParts) {
    this.#parts = parts;
    this.#began = parts.clock.monotonic();
  }

  /** `frame`: one line as it stood, JSON or not. */
  add(from: FrameSide, frame: string): void {
    this.#count += 1;
    if (this.#kept > MAX_BYTES) return;
    const { toShown, clock } = this.#parts;
    const text = toShown(frame.slice(0, MAX_FRAME).toWellFormed());
    const cut = frame.length > MAX_FRAME ? { cut: frame.length } : {};
    const at = Math.round(clock.monotonic() - this.#began);
    const line = JSON.stringify({ at, from, ...cut, frame: text });
    this.#lines.push(line);
    this.#length += line.length;
    this.#kept += line.length;
    if (this.#length >= PIECE_BYTES) this.flush();
  }

  /** Records what has come since the last piece. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const { host, job } = this.#parts;
    const { path, attempt } = job;
    const frames = host.keep(`${this.#lines.join('\n')}\n`, 'text');
    const count = this.#lines.length;
    void host.record({ type: 'agent.framed', path, attempt, first: this.#first, count, frames });
    this.#lines = [];
    this.#length = 0;
    this.#first = this.#count + 1;
  }
}
