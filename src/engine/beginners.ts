/**
 * Leaves that have been requested and wait to begin, first come first. Those that were ended meanwhile,
 * or asked for again, are dropped when their turn comes.
 */
export class Beginners<Request> {
  readonly #isDue: (request: Request) => boolean;
  #list: Request[] = [];
  #head = 0;

  constructor(isDue: (request: Request) => boolean) {
    this.#isDue = isDue;
  }

  add(request: Request): void {
    this.#list.push(request);
  }

  /** Those that have not had their turn. */
  get size(): number {
    return this.#list.length - this.#head;
  }

  /** The next ones that are due, at most `limit`. */
  take(limit: number): readonly Request[] {
    const taken: Request[] = [];
    while (taken.length < limit) {
      const request = this.#list[this.#head];
      if (request === undefined) break;
      this.#head += 1;
      if (this.#isDue(request)) taken.push(request);
    }
    if (this.size === 0) {
      this.#list = [];
      this.#head = 0;
    }
    return taken;
  }
}
