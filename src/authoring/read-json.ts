/**
 * Strict JSON with places: RFC 8259 and nothing more (no comments, no trailing commas), duplicate
 * keys refused. Written by hand because `JSON.parse` knows no places and takes duplicates.
 */
import type { Diagnostic } from '../base/diagnostic.ts';
import type { ErrorCode } from '../base/error-codes.ts';
import { MAX_DOCUMENT_DEPTH, MAX_KEYS } from '../workflow/document-limits.ts';
import { type FrontEnd, type FrontEndResult, type SourceInput, tooLarge } from './front-end.ts';
import { type Located, toLocate } from './located.ts';
import { withCamelCase } from './snake-case.ts';
import { type SourceText, sourceText } from './source-text.ts';

export const jsonFrontEnd: FrontEnd = {
  language: 'json',
  extensions: ['.json'],
  read: readJson,
};

const MAX_DIAGNOSTICS = 100;
/** Values of one file; each takes a kilobyte while it is read. */
const MAX_VALUES = 100_000;

function readJson(input: SourceInput): FrontEndResult {
  const large = tooLarge(input);
  if (large !== undefined) return { diagnostics: [large] };
  const source = sourceText(input.file, input.text);
  const reader = new Reader(source);
  try {
    const { value, located } = reader.document();
    if (reader.diagnostics.length > 0) return { diagnostics: reader.diagnostics };
    return { document: withCamelCase(value), locate: toLocate(located, source) };
  } catch (error) {
    if (error instanceof Stop) return { diagnostics: [...reader.diagnostics, error.diagnostic] };
    throw error;
  }
}

/** Reading cannot go on. */
class Stop extends Error {
  readonly diagnostic: Diagnostic;

  constructor(diagnostic: Diagnostic) {
    super(diagnostic.message);
    this.diagnostic = diagnostic;
  }
}

interface Read {
  readonly value: unknown;
  readonly located: Located;
}

const NUMBER = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y;
const WORDS: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];

class Reader {
  readonly diagnostics: Diagnostic[] = [];
  readonly #source: SourceText;
  readonly #text: string;
  #at = 0;
  #values = 0;

  constructor(source: SourceText) {
    this.#source = source;
    this.#text = source.text;
    if (this.#text.startsWith('\ufeff')) this.#at = 1;
  }

  document(): Read {
    const read = this.#value(0);
    this.#space();
    if (this.#at < this.#text.length) this.#stop('WF1001', 'more text after the end', 1);
    return read;
  }

  #value(depth: number): Read {
    this.#space();
    this.#values += 1;
    if (this.#values > MAX_VALUES) this.#stop('WF1006', `more than ${MAX_VALUES} values`, 1);
    const start = this.#at;
    const character = this.#text[start];
    if (character === '{' || character === '[') {
      if (depth >= MAX_DOCUMENT_DEPTH)
        this.#stop('WF1006', `nested deeper than ${MAX_DOCUMENT_DEPTH} levels`, 1);
      return character === '{' ? this.#map(depth) : this.#list(depth);
    }
    if (character === '"') {
      const value = this.#string();
      return { value, located: { value: [start, this.#at] } };
    }
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, start)) continue;
      this.#at += word.length;
      return { value, located: { value: [start, this.#at] } };
    }
    return this.#number();
  }

  #map(depth: number): Read {
    const start = this.#at;
    const value: Record<string, unknown> = Object.create(null);
    const members = new Map<string, Located>();
    this.#at += 1;
    for (let isFirst = true; !this.#ends('}', isFirst); isFirst = false) {
      this.#space();
      const keyStart = this.#at;
      if (this.#text[keyStart] !== '"') this.#stop('WF1001', 'expected a key in double quotes', 1);
      const key = this.#string();
      const range = [keyStart, this.#at] as const;
      this.#expect(':');
      const read = this.#value(depth + 1);
      const earlier = members.get(key)?.key;
      if (earlier === undefined) {
        value[key] = read.value;
        members.set(key, { ...read.located, key: range });
      } else this.#report('WF1001', `the key \`${key}\` stands twice in one map`, range);
      if (members.size === MAX_KEYS + 1)
        this.#stop('WF1006', `a map with more than ${MAX_KEYS} keys`, 1);
    }
    return { value, located: { value: [start, this.#at], members } };
  }

  #list(depth: number): Read {
    const start = this.#at;
    const value: unknown[] = [];
    const items: Located[] = [];
    this.#at += 1;
    for (let isFirst = true; !this.#ends(']', isFirst); isFirst = false) {
      const read = this.#value(depth + 1);
      value.push(read.value);
      items.push(read.located);
    }
    return { value, located: { value: [start, this.#at], items } };
  }

  /** Passes the end of a map or list, or the comma before its next member. */
  #ends(bracket: string, isFirst: boolean): boolean {
    this.#space();
    const character = this.#text[this.#at];
    if (character === bracket) {
      this.#at += 1;
      return true;
    }
    if (isFirst) return false;
    if (character !== ',') this.#stop('WF1001', `expected \`,\` or \`${bracket}\``, 1);
    this.#at += 1;
    this.#space();
    if (this.#text[this.#at] === bracket) this.#stop('WF1001', 'a comma before the end', 1);
    return false;
  }

  #string(): string {
    const start = this.#at;
    let end = start + 1;
    for (; end < this.#text.length && this.#text[end] !== '"'; end += 1) {
      if (this.#text[end] === '\\') end += 1;
      else if (this.#text[end] === '\n') break;
    }
    if (this.#text[end] !== '"') this.#stop('WF1001', 'text without an end', 1);
    this.#at = end + 1;
    try {
      return JSON.parse(this.#text.slice(start, end + 1)) as string;
    } catch {
      this.#at = start;
      return this.#stop('WF1001', 'an escape or character that JSON has not', end + 1 - start);
    }
  }

  #number(): Read {
    const start = this.#at;
    NUMBER.lastIndex = start;
    const found = NUMBER.exec(this.#text);
    if (found === null) {
      const what = start >= this.#text.length ? 'the file ends' : 'unexpected text';
      return this.#stop('WF1001', `${what} where a value was expected`, 1);
    }
    this.#at = NUMBER.lastIndex;
    const range = [start, this.#at] as const;
    const value = Number(found[0]);
    if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
      this.#report('WF1009', `\`${found[0].slice(0, 40)}\` cannot be held exactly`, range);
    return { value, located: { value: range } };
  }

  #expect(character: string): void {
    this.#space();
    if (this.#text[this.#at] !== character) this.#stop('WF1001', `expected \`${character}\``, 1);
    this.#at += 1;
  }

  #space(): void {
    while (' \n\r\t'.includes(this.#text[this.#at] ?? 'x')) this.#at += 1;
  }

  #report(code: ErrorCode, message: string, [start, end]: readonly [number, number]): void {
    if (this.diagnostics.length >= MAX_DIAGNOSTICS) return;
    const span = this.#source.span(start, end);
    this.diagnostics.push({ code, severity: 'error', message, span });
  }

  #stop(code: ErrorCode, message: string, length: number): never {
    const span = this.#source.span(this.#at, this.#at + length);
    throw new Stop({ code, severity: 'error', message, span });
  }
}
