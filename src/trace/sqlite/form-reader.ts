/** Walks over the stored text of an event piece by piece; once a piece does not fit, nothing counts. */
import { LONG_MARK, SHORT_MARK } from './form-pieces.ts';

const END_OF_TEXT = '\u0000';
const LONG_BYTES = 32;
const SHORT_BYTES = 16;
/** What stands in a JSON text as it is, one byte a character. */
const PLAIN = /^[ !#-[\]-~]*$/;
const ASCII = /^[ -~]*$/;
/** Digits that are exact, written as JSON writes them. */
const COUNT = /^(?:0|[1-9]\d{0,14})$/;
/** Names of providers, models and outcomes are few. */
const MAX_NAMES = 256;
const names = new Map<string, string>();

/** What `toString` comes down to, without choosing an encoding for every digest. */
interface Bytes extends Uint8Array {
  latin1Slice(start?: number, end?: number): string;
  hexSlice(start?: number, end?: number): string;
}

export class FormReader {
  readonly #bytes: Bytes;
  /** One character for each byte. */
  readonly #text: string;
  readonly #end: number;
  #at = 0;
  #digestAt: number;
  #fits = true;

  constructor(buffer: Buffer) {
    const bytes = buffer as unknown as Bytes;
    this.#bytes = bytes;
    this.#text = bytes.latin1Slice();
    const mark = this.#text.indexOf(END_OF_TEXT);
    this.#end = mark < 0 ? bytes.length : mark;
    this.#digestAt = mark < 0 ? bytes.length : mark + 1;
  }

  /** Everything fitted, and nothing is left over. */
  get isWhole(): boolean {
    return this.#fits && this.#at === this.#end && this.#digestAt === this.#bytes.length;
  }

  /** Goes over the first character, which says what event it is. */
  first(): string {
    this.#at = 1;
    return this.#text.charAt(0);
  }

  /** Goes over a piece if it stands here. */
  begins(piece: string): boolean {
    if (!this.#text.startsWith(piece, this.#at)) return false;
    this.#at += piece.length;
    return true;
  }

  /** Says whether a piece ends the text. */
  ends(piece: string): boolean {
    return this.#text.endsWith(piece, this.#end);
  }

  skip(piece: string): void {
    if (!this.begins(piece)) this.#fits = false;
  }

  /** A text of which there are many, up to a piece that is gone over. */
  text(piece: string): string {
    const start = this.#at;
    const word = this.#upTo(piece);
    if (!PLAIN.test(word)) this.#fits = false;
    // A part of the text would keep all of it in memory.
    return this.#bytes.latin1Slice(start, start + word.length);
  }

  /** A text of which there are few. */
  name(piece: string): string {
    const word = this.#upTo(piece);
    const known = names.get(word);
    if (known !== undefined) return known;
    if (!PLAIN.test(word)) this.#fits = false;
    else if (names.size < MAX_NAMES) names.set(word, word);
    return word;
  }

  count(piece: string): number {
    const digits = this.#upTo(piece);
    if (!COUNT.test(digits)) this.#fits = false;
    return Number(digits);
  }

  /** Any value whose JSON has no marks and is one byte a character. */
  json(piece: string): unknown {
    const text = this.#upTo(piece);
    try {
      if (!ASCII.test(text)) this.#fits = false;
      return JSON.parse(text);
    } catch {
      this.#fits = false;
      return undefined;
    }
  }

  /** 64 hex digits, where their mark stands. */
  longDigest(): string {
    this.skip(LONG_MARK);
    return this.#digest(LONG_BYTES);
  }

  /** 32 hex digits. */
  shortDigest(): string {
    this.skip(SHORT_MARK);
    return this.#digest(SHORT_BYTES);
  }

  #digest(length: number): string {
    const start = this.#digestAt;
    this.#digestAt += length;
    if (this.#digestAt > this.#bytes.length) {
      this.#fits = false;
      return '';
    }
    return this.#bytes.hexSlice(start, this.#digestAt);
  }

  #upTo(piece: string): string {
    const start = this.#at;
    const end = this.#text.indexOf(piece, start);
    if (end < 0) {
      this.#fits = false;
      return '';
    }
    this.#at = end + piece.length;
    return this.#text.slice(start, end);
  }
}
