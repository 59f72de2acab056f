import type { StreamOutput } from './sandbox.ts';

/**
 * Keeps the head and the tail of a stream in bounded memory and counts all of it. What is kept is one
 * text without a gap as long as no more than the limit has come.
 */
export class OutputCapture {
  readonly #head: Uint8Array;
  readonly #ring: Uint8Array;
  #total = 0;

  /** `maxBytes`: of head and tail together. Untouched pages of the buffers take no memory. */
  constructor(maxBytes: number) {
    const headBytes = Math.floor(maxBytes / 2);
    this.#head = new Uint8Array(headBytes);
    this.#ring = new Uint8Array(maxBytes - headBytes);
  }

  add(chunk: Uint8Array): void {
    const room = Math.max(0, this.#head.length - this.#total);
    const first = chunk.subarray(0, room);
    this.#head.set(first, this.#total === 0 ? 0 : Math.min(this.#total, this.#head.length));
    this.#addToRing(chunk.subarray(first.length), this.#total + first.length - this.#head.length);
    this.#total += chunk.length;
  }

  output(): StreamOutput {
    const inHead = Math.min(this.#total, this.#head.length);
    return {
      head: this.#head.slice(0, inHead),
      tail: this.#tail(this.#total - inHead),
      totalBytes: this.#total,
    };
  }

  #addToRing(chunk: Uint8Array, offset: number): void {
    const size = this.#ring.length;
    if (size === 0 || chunk.length === 0) return;
    const kept = chunk.subarray(Math.max(0, chunk.length - size));
    const start = (offset + chunk.length - kept.length) % size;
    const untilEnd = kept.subarray(0, size - start);
    this.#ring.set(untilEnd, start);
    this.#ring.set(kept.subarray(untilEnd.length), 0);
  }

  #tail(bytes: number): Uint8Array {
    const size = this.#ring.length;
    if (bytes <= size) return this.#ring.slice(0, bytes);
    const start = bytes % size;
    const tail = new Uint8Array(size);
    tail.set(this.#ring.subarray(start), 0);
    tail.set(this.#ring.subarray(0, start), size - start);
    return tail;
  }
}
