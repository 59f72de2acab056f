/**
 * Lines out of a stream of bytes, in bounded memory: what an agent prints is what it likes, also without
 * end and without a line break.
 */

export interface LineLimits {
  /** Of one line, without its end. */
  readonly maxLineBytes: number;
  /** Of the whole stream. */
  readonly maxTotalBytes: number;
}

const DEFAULT_LINE_LIMITS: LineLimits = {
  maxLineBytes: 16 * 2 ** 20,
  maxTotalBytes: 512 * 2 ** 20,
};

const LINE_FEED = 0x0a;

export class LineReader {
  readonly #limits: LineLimits;
  readonly #onLine: (line: Uint8Array) => void;
  #pieces: Uint8Array[] = [];
  #held = 0;
  #total = 0;
  #problem: string | undefined;

  /** `onLine`: called for each line that is not empty, without its end. */
  constructor(onLine: (line: Uint8Array) => void, limits: LineLimits = DEFAULT_LINE_LIMITS) {
    this.#onLine = onLine;
    this.#limits = limits;
  }

  /** Why nothing more is read; undefined while all is well. */
  get problem(): string | undefined {
    return this.#problem;
  }

  /** False once a limit is passed; nothing is read from then on. */
  add(chunk: Uint8Array): boolean {
    if (this.#problem !== undefined) return false;
    const { maxLineBytes, maxTotalBytes } = this.#limits;
    this.#total += chunk.length;
    if (this.#total > maxTotalBytes) return this.#stop(`more than ${maxTotalBytes} bytes`);
    let at = 0;
    for (let end = chunk.indexOf(LINE_FEED); end >= 0; end = chunk.indexOf(LINE_FEED, at)) {
      this.#hold(chunk.subarray(at, end));
      if (this.#held > maxLineBytes) return this.#stop(`a line of more than ${maxLineBytes} bytes`);
      this.#flush();
      at = end + 1;
    }
    this.#hold(chunk.subarray(at));
    return this.#held <= maxLineBytes || this.#stop(`a line of more than ${maxLineBytes} bytes`);
  }

  /** The end of the stream: what stands there without an end of its own is a line too. */
  end(): void {
    if (this.#problem === undefined) this.#flush();
  }

  #hold(piece: Uint8Array): void {
    if (piece.length === 0) return;
    // The sender may use its buffer again.
    this.#pieces.push(Uint8Array.from(piece));
    this.#held += piece.length;
  }

  #flush(): void {
    const line = this.#pieces.length === 1 ? this.#pieces[0] : Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#held = 0;
    if (line !== undefined && line.length > 0) this.#onLine(line);
  }

  #stop(problem: string): false {
    this.#problem = problem;
    this.#pieces = [];
    return false;
  }
}
