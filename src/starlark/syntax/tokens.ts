import type { Position } from '../position.ts';
import type { Bytes } from '../values/bytes.ts';
import type { Float } from '../values/float.ts';

export const keywords: ReadonlySet<string> = new Set([
  'and',
  'break',
  'continue',
  'def',
  'elif',
  'else',
  'for',
  'if',
  'in',
  'lambda',
  'load',
  'not',
  'or',
  'pass',
  'return',
  'while',
]);

/** Words kept for Python's sake, each with what to write instead. */
export const reservedAdvice: ReadonlyMap<string, string> = new Map([
  ['as', 'rename with an assignment, or load("file.star", new="old")'],
  ['assert', 'use if not ...: fail("...")'],
  ['async', 'everything here is evaluated at once: leave it out'],
  ['await', 'everything here is evaluated at once: leave it out'],
  ['class', 'use struct(...) for data and plain functions for behaviour'],
  ['del', 'use list.pop(index) or dict.pop(key)'],
  ['except', 'errors end the evaluation: check with if before you act'],
  ['finally', 'errors end the evaluation: leave it out'],
  ['from', 'use load("file.star", "name")'],
  ['global', 'a function can not rebind globals: return a value instead'],
  ['import', 'use load("file.star", "name")'],
  ['is', 'use == or !='],
  ['nonlocal', 'a function can not rebind outer names: change a list or dict, or return a value'],
  ['raise', 'use fail("...")'],
  ['try', 'errors end the evaluation: check with if before you act'],
  ['with', 'there is nothing to close here: call the functions one after another'],
  ['yield', 'build a list and return it'],
]);

export const whileAdvice = 'use a for loop over range(n) or loop_until(...)';

/** Operators and brackets have their own text as kind; so do keywords. */
export type TokenKind = string;

export interface FormatPart {
  /** Literal text, escapes resolved; or the span of an expression in the source. */
  readonly text?: string;
  readonly expression?: SourceSpan;
  readonly conversion?: 's' | 'r';
}

export interface SourceSpan {
  readonly start: number;
  readonly end: number;
  readonly line: number;
  readonly lineStart: number;
}

export interface Token {
  readonly kind: TokenKind;
  readonly position: Position;
  readonly endColumn: number;
  /** Where its text lies in the source. */
  readonly from: number;
  readonly to: number;
  /** The name of an identifier or reserved word. */
  readonly text: string;
  readonly value: string | number | bigint | Float | Bytes | undefined;
  readonly parts: readonly FormatPart[] | undefined;
}

const tokenTitles: ReadonlyMap<string, string> = new Map([
  ['identifier', 'identifier'],
  ['int', 'int literal'],
  ['float', 'float literal'],
  ['string', 'string literal'],
  ['bytes', 'bytes literal'],
  ['fstring', 'f-string literal'],
  ['newline', 'newline'],
  ['indent', 'indent'],
  ['outdent', 'outdent'],
  ['eof', 'end of file'],
  ['reserved', 'reserved word'],
  ['not in', 'not in'],
]);

/** How a token is named in `got X, want Y`. */
export function tokenTitle(kind: TokenKind): string {
  if (keywords.has(kind)) return kind;
  return tokenTitles.get(kind) ?? `'${kind}'`;
}
