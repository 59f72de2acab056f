/**
 * What waits for its turn, first come first: leaves that have been requested and wait to begin, ends that
 * wait for their commit. Those that are not due any more are dropped when their turn comes.
 */
export class WaitingLine<Entry> {
  readonly #isDue: (entry: Entry) => boolean;
  #list: Entry[] = [];
  #head = 0;

  constructor(isDue: (entry: Entry) => boolean) {
    this.#isDue = isDue;
  }

  add(entry: Entry): void {
    this.#list.push(entry);
  }

  /** Those that were taken and have not had their turn after all: they are the first again. */
  putBack(entries: readonly Entry[]): void {
    const head = this.#head - entries.length;
    if (head < 0) {
      this.#list = [...entries, ...this.#list.slice(this.#head)];
      this.#head = 0;
      return;
    }
    for (const [index, entry] of entries.entries()) this.#list[head + index] = entry;
    this.#head = head;
  }

  /** Those that have not had their turn. */
  get size(): number {
    return this.#list.length - this.#head;
  }

  /** The next ones that are due, at most `limit`. */
  take(limit: number): readonly Entry[] {
    const taken: Entry[] = [];
    while (taken.length < limit) {
      const entry = this.#list[this.#head];
      if (entry === undefined) break;
      this.#head += 1;
      if (this.#isDue(entry)) taken.push(entry);
    }
    // A line that is never empty must not keep all that it has ever held.
    if (this.#head > this.size) {
      this.#list = this.#list.slice(this.#head);
      this.#head = 0;
    }
    return taken;
  }
}
