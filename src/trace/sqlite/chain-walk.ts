/**
 * Follows a run’s hash chain and names the event that was changed. Where an event’s `prev` is not the
 * hash of the event before, either of the two may be at fault; the link to the event after decides: if it
 * holds with the hash that `prev` ought to have been, the `prev` itself was changed.
 */
import { chainHash, FIRST_PREV } from './event-codec.ts';

export interface StoredEvent {
  readonly seq: number;
  readonly at: number;
  readonly prev: Uint8Array;
  readonly body: Uint8Array;
}

export type Report = (seq: number, message: string) => void;

export class ChainWalk {
  readonly #report: Report;
  #seq = 0;
  /** The hash up to the last event, as it is stored. */
  #hash = FIRST_PREV;
  /** The same had its `prev` been right; undefined where it is right. */
  #mended: Uint8Array | undefined;
  #isSound = true;

  constructor(report: Report) {
    this.#report = (seq, message) => {
      this.#isSound = false;
      report(seq, message);
    };
  }

  /** The last event that was visited. */
  get seq(): number {
    return this.#seq;
  }

  /** Says whether no problem has been found yet. */
  get isSound(): boolean {
    return this.#isSound && this.#mended === undefined;
  }

  /** Says whether the chain up to the last event may have this hash. */
  hasHash(hex: string): boolean {
    return [this.#hash, this.#mended].some(
      (hash) => hash !== undefined && Buffer.from(hash).toString('hex') === hex,
    );
  }

  /** Takes the next event; seqs grow. */
  visit(event: StoredEvent): void {
    const { seq, at, prev, body } = event;
    let expected = this.#hash;
    if (seq !== this.#seq + 1) {
      this.#reportGap(seq - 1);
      expected = prev;
    } else if (this.#holds(prev)) {
      expected = prev;
    }
    this.#seq = seq;
    this.#hash = chainHash(prev, seq, at, body);
    this.#mended = same(prev, expected) ? undefined : chainHash(expected, seq, at, body);
  }

  /** Compares with the end that the run’s row states. */
  end(seq: number, hash: Uint8Array): void {
    if (this.#seq < seq) this.#reportGap(seq);
    else if (!this.#holds(hash))
      this.#report(this.#seq, 'it was changed, or the head of its run was');
  }

  /** Decides what the last event’s `prev` left open; says whether the link to what follows holds. */
  #holds(link: Uint8Array): boolean {
    if (this.#mended !== undefined) {
      const isMended = same(link, this.#mended);
      this.#mended = undefined;
      if (isMended) {
        this.#report(this.#seq, 'its link to the event before was changed');
        return true;
      }
      this.#report(Math.max(this.#seq - 1, 1), 'it was changed after it was written');
    }
    return same(link, this.#hash);
  }

  #reportGap(last: number): void {
    if (this.#mended !== undefined) this.#holds(FIRST_PREV);
    const first = this.#seq + 1;
    this.#report(
      first,
      first === last ? 'it is missing' : `events ${first} to ${last} are missing`,
    );
  }
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return Buffer.compare(one, other) === 0;
}
