/**
 * Small contents that this process has committed lately: what a leaf gave is mostly read by what
 * follows it, and a query with the check of its digest costs ten times as much. Nothing rests on it.
 */
import { type Blob, DigestedBlob } from '../content.ts';

const MAX_BYTES = 1024 * 1024;
const MAX_CONTENT_BYTES = 4 * 1024;
/** What an entry takes besides its bytes. */
const ENTRY_BYTES = 64;

export class RecentContents {
  /** Oldest first. */
  readonly #data = new Map<string, Uint8Array>();
  #bytes = 0;

  /** Takes note of contents that are durable in the store. */
  note(blobs: readonly Blob[]): void {
    for (const blob of blobs) {
      const { ref, data } = blob;
      // Others may still change under their digest.
      if (!(blob instanceof DigestedBlob) || data.length > MAX_CONTENT_BYTES) continue;
      if (this.#data.has(ref.digest)) continue;
      this.#data.set(ref.digest, data);
      this.#bytes += data.length + ENTRY_BYTES;
    }
    if (this.#bytes <= MAX_BYTES) return;
    for (const [digest, data] of this.#data) {
      this.#data.delete(digest);
      this.#bytes -= data.length + ENTRY_BYTES;
      if (this.#bytes <= MAX_BYTES) return;
    }
  }

  get(digest: string): Uint8Array | undefined {
    return this.#data.get(digest);
  }

  clear(): void {
    this.#data.clear();
    this.#bytes = 0;
  }
}
