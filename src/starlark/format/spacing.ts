import type { Piece } from './lex.ts';

/** A token that is written, and what it turned out to be. */
export interface Seen {
  readonly token: string;
  readonly text: string;
  readonly isUnary: boolean;
  readonly isSliceColon: boolean;
}

const operands: ReadonlySet<string> = new Set([
  'identifier',
  'int',
  'float',
  'string',
  'bytes',
  'fstring',
  ')',
  ']',
  '}',
]);
const prefixes: ReadonlySet<string> = new Set(['-', '+', '~', '*', '**']);

export function endsOperand({ token }: Seen): boolean {
  return operands.has(token);
}

export function isUnary(token: string, previous: Seen | undefined): boolean {
  return prefixes.has(token) && (previous === undefined || !endsOperand(previous));
}

/** Whether a space goes between two tokens of one line. */
export function needsSpace(previous: Seen, next: Piece, isInSlice: boolean): boolean {
  const { token } = next;
  if ('([{'.includes(previous.token) || ')]},;'.includes(token)) return false;
  if (token === ':') return false;
  if (previous.token === '.') return false;
  if (token === '.') return previous.token === 'int';
  if (previous.isUnary) return false;
  if (previous.token === ':') return !previous.isSliceColon;
  if (isInSlice && token === ':') return false;
  if (token === '(' || token === '[') return !endsOperand(previous) && previous.text !== 'load';
  return true;
}
