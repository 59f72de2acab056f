import type { Dialect } from './dialect.ts';
import { dialectDefault } from './dialect.ts';
import { Scanner } from './syntax/scanner.ts';
import { SyntaxFailure } from './syntax/syntax-error.ts';

/** A token as it stands in the source. */
export interface SourceToken {
  /** An operator or keyword as written, `identifier`, `string`, `int`, `newline`, `indent`, ... */
  readonly kind: string;
  readonly text: string;
  readonly from: number;
  readonly to: number;
  readonly line: number;
}

/**
 * The tokens of a source that need not parse, up to the first that can't be read.
 *
 * ```js
 * tokensOf('x = (', 'a.star').map(({ from, to }) => [from, to]); // → [[0, 1], [2, 3], [4, 5], [5, 5]]
 * ```
 */
export function tokensOf(
  source: string,
  file: string,
  dialect: Dialect = dialectDefault,
): readonly SourceToken[] {
  const scanner = new Scanner(source, file, dialect);
  const tokens: SourceToken[] = [];
  try {
    for (;;) {
      const { kind, from, to, position } = scanner.next();
      tokens.push({ kind, text: source.slice(from, to), from, to, line: position.line });
      if (kind === 'eof') return tokens;
    }
  } catch (error) {
    if (!(error instanceof SyntaxFailure)) throw error;
    return tokens;
  }
}

export interface SourceComment {
  /** With its `#`. */
  readonly text: string;
  readonly line: number;
  readonly column: number;
  /** Nothing but space is before it on its line. */
  readonly isAlone: boolean;
}

/**
 * The comments of a source, in order: with the positions of the syntax tree they can be placed.
 *
 * ```js
 * commentsOf('# all\nx = 1  # one\n', 'a.star').map(({ text, isAlone }) => [text, isAlone]); // → [["# all", true], ["# one", false]]
 * ```
 */
export function commentsOf(
  source: string,
  file: string,
  dialect: Dialect = dialectDefault,
): readonly SourceComment[] {
  const comments: SourceComment[] = [];
  const tokens = tokensOf(source, file, dialect);
  const gaps = tokens.map(({ from }, index) => [tokens[index - 1]?.to ?? 0, from] as const);
  let line = 1;
  let counted = 0;
  for (const [start, end] of gaps) {
    const gap = source.slice(start, end);
    for (const found of gap.matchAll(/#[^\r\n]*/g)) {
      const at = start + found.index;
      line += source.slice(counted, at).split('\n').length - 1;
      counted = at;
      const lineStart = source.lastIndexOf('\n', at) + 1;
      const isAlone = source.slice(lineStart, at).trim() === '';
      comments.push({ text: found[0].trimEnd(), line, column: at - lineStart + 1, isAlone });
    }
  }
  return comments;
}
