/**
 * Where the parts of a call were written, for hosts that check arguments long after the call: a
 * host keeps the `CallPosition` of a call, and asks here for the place of one argument of it.
 */
import { type Dialect, dialectDefault } from './dialect.ts';
import type { Position } from './position.ts';
import { Scanner } from './syntax/scanner.ts';
import { SyntaxFailure } from './syntax/syntax-error.ts';
import type { TokenKind } from './syntax/tokens.ts';

/** Columns are UTF-16 units from 1; the end is exclusive. */
export interface SourceRange {
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** The place of a value, and of what is in it where it was written as a literal list or dict. */
export interface ValueSite {
  readonly range: SourceRange;
  readonly items?: readonly ValueSite[];
  /** By key, of those keys that are plain strings. */
  readonly entries?: ReadonlyMap<string, EntrySite>;
}

export interface EntrySite {
  readonly key: SourceRange;
  readonly value: ValueSite;
}

export interface CallSite {
  readonly positional: readonly ValueSite[];
  readonly named: ReadonlyMap<string, EntrySite>;
  /** The last of `*args` and `**kwargs`. */
  readonly spread?: SourceRange;
}

/** Finds calls of one file by the position of their opening parenthesis. */
export type FindCall = (position: Pick<Position, 'line' | 'column'>) => CallSite | undefined;

/** Reads the tokens of a file; a call in an f-string is not found. */
export function callFinder(source: string, dialect: Dialect = dialectDefault): FindCall {
  const tokens = scan(source, dialect);
  const places = new Map(
    tokens.map(({ range }, index) => [`${range.line}:${range.column}`, index]),
  );
  return ({ line, column }) => {
    const open = places.get(`${line}:${column}`);
    return open === undefined || tokens[open]?.kind !== '(' ? undefined : readCall(tokens, open);
  };
}

interface PlacedToken {
  readonly kind: TokenKind;
  readonly text: string;
  readonly range: SourceRange;
}

function scan(source: string, dialect: Dialect): readonly PlacedToken[] {
  const scanner = new Scanner(source, '', dialect);
  const tokens: PlacedToken[] = [];
  try {
    for (let token = scanner.next(); token.kind !== 'eof'; token = scanner.next()) {
      const { kind, position, value } = token;
      const end = scanner.position;
      const text = typeof value === 'string' ? value : token.text;
      const range = {
        line: position.line,
        column: position.column,
        endLine: end.line,
        endColumn: end.column,
      };
      tokens.push({ kind, text, range });
    }
  } catch (error) {
    // What stands before the mistake can still be found.
    if (!(error instanceof SyntaxFailure)) throw error;
  }
  return tokens;
}

/** Tokens from `start` up to, not with, `end`. */
interface Piece {
  readonly start: number;
  readonly end: number;
}

type Tokens = readonly PlacedToken[];

function readCall(tokens: Tokens, open: number): CallSite {
  const positional: ValueSite[] = [];
  const named = new Map<string, EntrySite>();
  let spread: SourceRange | undefined;
  for (const { start, end } of pieces(tokens, open)) {
    const first = tokens[start];
    if (first?.kind === '*' || first?.kind === '**') spread = rangeOf(tokens, { start, end });
    else if (first?.kind === 'identifier' && tokens[start + 1]?.kind === '=') {
      const value = readValue(tokens, { start: start + 2, end });
      named.set(first.text, { key: first.range, value });
    } else positional.push(readValue(tokens, { start, end }));
  }
  return { positional, named, ...(spread === undefined ? {} : { spread }) };
}

function readValue(tokens: Tokens, piece: Piece): ValueSite {
  const { start, end } = piece;
  const range = rangeOf(tokens, piece);
  const kind = tokens[start]?.kind;
  const isLiteral = (kind === '[' || kind === '{') && closing(tokens, start) === end - 1;
  if (!isLiteral) return { range };
  const parts = pieces(tokens, start);
  // What a comprehension makes has no place of its own.
  if (parts.some((part) => isComprehension(tokens, part))) return { range };
  if (kind === '[') return { range, items: parts.map((part) => readValue(tokens, part)) };
  const entries = new Map<string, EntrySite>();
  for (const part of parts) {
    const key = tokens[part.start];
    if (key?.kind !== 'string' || tokens[part.start + 1]?.kind !== ':') continue;
    const value = readValue(tokens, { start: part.start + 2, end: part.end });
    entries.set(key.text, { key: key.range, value });
  }
  return { range, entries };
}

/** What stands between the commas of a bracket. */
function pieces(tokens: Tokens, open: number): readonly Piece[] {
  const found: Piece[] = [];
  const end = closing(tokens, open);
  let start = open + 1;
  for (let index = start; index <= end; index += 1) {
    const kind = tokens[index]?.kind ?? '';
    if (OPENING.has(kind)) index = closing(tokens, index);
    else if (index === end || kind === ',') {
      if (index > start) found.push({ start, end: index });
      start = index + 1;
    }
  }
  return found;
}

const OPENING: ReadonlySet<TokenKind> = new Set(['(', '[', '{']);
const CLOSING: ReadonlySet<TokenKind> = new Set([')', ']', '}']);

function closing(tokens: Tokens, open: number): number {
  let depth = 0;
  for (let index = open; index < tokens.length; index += 1) {
    const kind = tokens[index]?.kind ?? '';
    if (OPENING.has(kind)) depth += 1;
    else if (CLOSING.has(kind)) depth -= 1;
    if (depth === 0) return index;
  }
  return tokens.length;
}

function isComprehension(tokens: Tokens, { start, end }: Piece): boolean {
  for (let index = start; index < end; index += 1) {
    const kind = tokens[index]?.kind ?? '';
    if (kind === 'for') return true;
    if (OPENING.has(kind)) index = closing(tokens, index);
  }
  return false;
}

function rangeOf(tokens: Tokens, { start, end }: Piece): SourceRange {
  const first = tokens[start]?.range ?? { line: 1, column: 1, endLine: 1, endColumn: 1 };
  const last = tokens[end - 1]?.range ?? first;
  return {
    line: first.line,
    column: first.column,
    endLine: last.endLine,
    endColumn: last.endColumn,
  };
}
