import { hex } from '../values/quote.ts';

export interface Unquoted {
  readonly text: string;
  /** Present for bytes literals only. */
  readonly data: Uint8Array;
}

export interface LiteralStyle {
  readonly isRaw: boolean;
  readonly isBytes: boolean;
}

const simpleEscapes: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['\n', ''],
]);

/** @throws {Error} with a message about the first bad escape. */
export function unquote(body: string, style: LiteralStyle): Unquoted {
  const source = body.includes('\r') ? body.replace(/\r\n?/g, '\n') : body;
  if (style.isRaw || !source.includes('\\')) {
    return { text: source, data: style.isBytes ? new TextEncoder().encode(source) : noBytes };
  }
  return new Unquoter(source, style.isBytes).run();
}

const noBytes = new Uint8Array(0);

class Unquoter {
  readonly #source: string;
  readonly #isBytes: boolean;
  readonly #bytes: number[] = [];
  #text = '';
  #index = 0;

  constructor(source: string, isBytes: boolean) {
    this.#source = source;
    this.#isBytes = isBytes;
  }

  run(): Unquoted {
    const source = this.#source;
    while (this.#index < source.length) {
      const next = source.indexOf('\\', this.#index);
      const end = next < 0 ? source.length : next;
      this.#put(source.slice(this.#index, end));
      this.#index = end;
      if (next >= 0) this.#escape();
    }
    return { text: this.#text, data: Uint8Array.from(this.#bytes) };
  }

  #put(text: string): void {
    if (!this.#isBytes) this.#text += text;
    else for (const byte of new TextEncoder().encode(text)) this.#bytes.push(byte);
  }

  #escape(): void {
    const letter = this.#source.charAt(this.#index + 1);
    this.#index += 2;
    if (letter === '') throw new Error('truncated escape sequence \\');
    const simple = simpleEscapes.get(letter);
    if (simple !== undefined) this.#put(simple);
    else if (letter >= '0' && letter <= '7') this.#octal();
    else if (letter === 'x') this.#hexadecimal();
    else if (letter === 'u' || letter === 'U') this.#unicode(letter);
    else throw new Error(`invalid escape sequence \\${letter}`);
  }

  #octal(): void {
    this.#index--;
    const digits = /^[0-7]{1,3}/.exec(this.#source.slice(this.#index, this.#index + 3))?.[0] ?? '';
    this.#index += digits.length;
    const code = Number.parseInt(digits, 8);
    if (this.#isBytes && code > 255) throw new Error(`invalid escape sequence \\${digits}`);
    this.#byteOrAscii(code, `\\${digits}`);
  }

  #hexadecimal(): void {
    const digits = this.#digits(2, 'x');
    this.#byteOrAscii(Number.parseInt(digits, 16), `\\x${digits}`);
  }

  #byteOrAscii(code: number, written: string): void {
    if (this.#isBytes) this.#bytes.push(code);
    else if (code < 128) this.#text += String.fromCharCode(code);
    else throw new Error(nonAscii(code, written));
  }

  #unicode(letter: 'u' | 'U'): void {
    const digits = this.#digits(letter === 'u' ? 4 : 8, letter);
    const code = Number.parseInt(digits, 16);
    const written = `\\${letter}${digits}`;
    if (code > 0x10ffff) throw new Error(`code point out of range: ${written} (max \\U0010ffff)`);
    if (code >= 0xd800 && code < 0xe000) {
      throw new Error(`invalid Unicode code point U+${hex(code, 4).toUpperCase()}`);
    }
    this.#put(String.fromCodePoint(code));
  }

  #digits(count: number, letter: string): string {
    const digits = this.#source.slice(this.#index, this.#index + count);
    if (digits.length < count) throw new Error(`truncated escape sequence \\${letter}${digits}`);
    if (!/^[0-9a-fA-F]+$/.test(digits)) {
      throw new Error(`invalid escape sequence \\${letter}${digits}`);
    }
    this.#index += count;
    return digits;
  }
}

function nonAscii(code: number, written: string): string {
  const kind = written.startsWith('\\x') ? 'hex' : 'octal';
  const digits = hex(code, 4).toUpperCase();
  const instead = `use \\u${digits} for the UTF-8 encoding of U+${digits}`;
  return `non-ASCII ${kind} escape ${written} (${instead})`;
}
