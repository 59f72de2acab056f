/** What one closing block of a test runner says. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  /** With those that are to do, pending or ignored. */
  readonly skipped: number;
}

/** Reads the closing blocks that a runner printed: none, one, or one for each time it ran. */
export interface Counter {
  readonly source: string;
  /** Lines without colours, long ones left out. */
  readonly count: (lines: readonly string[]) => readonly Tally[];
  /** Counts line by line: of an output that was cut it would count too little. */
  readonly needsAll?: true;
}

/** The figure before or after each word of a line; the first where a word stands twice. */
export function figuresIn(
  pairs: Iterable<RegExpMatchArray>,
): (...words: readonly string[]) => number {
  const figures = new Map<string, number>();
  for (const { groups = {} } of pairs) {
    const word = (groups['word'] ?? '').toLowerCase();
    if (!figures.has(word)) figures.set(word, Number(groups['figure'] ?? 0));
  }
  return (...words) => words.reduce((sum, word) => sum + (figures.get(word) ?? 0), 0);
}

/** A counter of lines of one form: `5 passed, 1 failed`. */
export function byLine(
  source: string,
  line: RegExp,
  toTally: (match: RegExpExecArray) => Tally | undefined,
): Counter {
  return {
    source,
    count: (lines) =>
      lines.flatMap((text) => {
        const match = line.exec(text);
        const tally = match === null ? undefined : toTally(match);
        return tally === undefined ? [] : [tally];
      }),
  };
}
