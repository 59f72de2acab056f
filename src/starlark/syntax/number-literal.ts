import { Float } from '../values/float.ts';
import { type Int, normalize } from '../values/integer.ts';

export interface ScannedNumber {
  readonly value: Int | Float;
  readonly end: number;
  readonly problem?: string;
}

const radixPrefix = /0[xXoObB]/y;
const radixDigits: Readonly<Record<string, RegExp>> = {
  x: /[0-9a-fA-F]+/y,
  o: /[0-7]+/y,
  b: /[01]+/y,
};
const radixNames: Readonly<Record<string, string>> = { x: 'hex', o: 'octal', b: 'binary' };
const decimal = /(?:[0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]*)?/y;

/** Reads a number literal; the caller has seen a digit, or a dot before one. */
export function scanNumber(source: string, start: number, limit: number): ScannedNumber {
  const prefix = match(radixPrefix, source, start);
  if (prefix !== '') return scanRadix(source, start, prefix.charAt(1).toLowerCase());
  const text = match(decimal, source, start).slice(0, limit - start);
  const end = start + text.length;
  if (!/[.eE]/.test(text)) {
    if (/^0[0-9]*[1-9]/.test(text)) return { value: 0, end, problem: octalProblem(text) };
    return { value: normalize(BigInt(text)), end };
  }
  const value = Number(text);
  if (!Number.isFinite(value)) return { value: 0, end, problem: 'invalid float literal' };
  return { value: new Float(value), end };
}

function octalProblem(text: string): string {
  if (/[89]/.test(text)) return 'invalid int literal';
  return `obsolete form of octal literal; use 0o${text.slice(1)}`;
}

function scanRadix(source: string, start: number, letter: string): ScannedNumber {
  const pattern = radixDigits[letter];
  const digits = pattern === undefined ? '' : match(pattern, source, start + 2);
  const end = start + 2 + digits.length;
  if (digits === '') return { value: 0, end, problem: `invalid ${radixNames[letter]} literal` };
  return { value: normalize(BigInt(`0${letter}${digits}`)), end };
}

function match(pattern: RegExp, source: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(source)?.[0] ?? '';
}
