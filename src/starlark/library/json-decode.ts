import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { normalize } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { typeName, type Value } from '../values/object.ts';
import { quote } from '../values/quote.ts';

const maxDepth = 200;
/** As starlark-go reads it: digits may be missing after the point. */
const number = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?$/;
const numberLike = /[-+0-9.eE]+/y;
const plainRun = /[^"\\]+/y;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** Parses JSON text; objects become dicts.
 * @throws {StarlarkError} with the offset of the first mistake. */
export function decodeJson(text: string, thread: Thread): Value {
  thread.text(text.length);
  return new Decoder(text, thread).run();
}

class Decoder {
  readonly #text: string;
  readonly #thread: Thread;
  #index = 0;

  constructor(text: string, thread: Thread) {
    this.#text = text;
    this.#thread = thread;
  }

  run(): Value {
    const value = this.#value(0);
    this.#space();
    if (this.#index < this.#text.length) {
      this.#fail(`unexpected character ${this.#shown()} after value`);
    }
    return value;
  }

  #value(depth: number): Value {
    if (depth > maxDepth) this.#fail('nesting depth limit exceeded');
    this.#thread.work(1);
    const next = this.#next();
    switch (next) {
      case '"':
        return this.#string();
      case '{':
        return this.#object(depth + 1);
      case '[':
        return this.#array(depth + 1);
      case 'n':
        return this.#word('null', null);
      case 't':
        return this.#word('true', true);
      case 'f':
        return this.#word('false', false);
      default:
        if (next === '-' || (next >= '0' && next <= '9')) return this.#number();
        return this.#fail(`unexpected character ${this.#shown()}`);
    }
  }

  #word(word: string, value: Value): Value {
    if (!this.#text.startsWith(word, this.#index)) {
      this.#fail(`unexpected character ${this.#shown()}`);
    }
    this.#index += word.length;
    return value;
  }

  #number(): Value {
    numberLike.lastIndex = this.#index;
    const written = numberLike.exec(this.#text)?.[0] ?? '';
    this.#index += written.length;
    if (!number.test(written)) this.#fail(`invalid number: ${written}`);
    this.#thread.work((written.length * written.length) / 2 ** 12);
    if (/^-?[0-9]+$/.test(written)) return normalize(BigInt(written));
    const value = Number(written);
    if (!Number.isFinite(value)) this.#fail(`invalid number: ${written}`);
    return new Float(value);
  }

  #string(): string {
    const start = this.#index;
    this.#index++;
    let value = '';
    for (;;) {
      plainRun.lastIndex = this.#index;
      const run = plainRun.exec(this.#text)?.[0] ?? '';
      this.#checkRun(run);
      value += run;
      this.#index += run.length;
      const next = this.#text.charAt(this.#index);
      if (next === '') {
        this.#index = start;
        this.#fail('unclosed string literal');
      }
      if (next === '"') break;
      this.#index++;
      value += this.#escape();
    }
    this.#index++;
    return value.toWellFormed();
  }

  /** Control characters must be escaped. */
  #checkRun(run: string): void {
    for (let offset = 0; offset < run.length; offset++) {
      if (run.charCodeAt(offset) >= 32) continue;
      this.#index += offset;
      this.#fail(`invalid character ${quote(run.charAt(offset))} in string literal`);
    }
  }

  #escape(): string {
    const letter = this.#text.charAt(this.#index);
    if (letter === 'u') {
      const digits = this.#text.slice(this.#index + 1, this.#index + 5);
      if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.#fail('invalid \\u escape code');
      this.#index += 5;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const plain = escapes[letter];
    if (plain === undefined) {
      this.#fail(`invalid character ${this.#shown()} in string escape code`);
    }
    this.#index++;
    return plain;
  }

  #array(depth: number): List {
    const items: Value[] = [];
    this.#index++;
    if (this.#next() === ']') this.#index++;
    else {
      for (;;) {
        items.push(this.#value(depth));
        if (!this.#separator(']', "got X, want ',' or ']'")) break;
      }
    }
    return new List(items);
  }

  #object(depth: number): Dict {
    const dict = new Dict();
    this.#index++;
    if (this.#next() === '}') {
      this.#index++;
      return dict;
    }
    for (;;) {
      const key = this.#value(depth);
      if (typeof key !== 'string') this.#fail(`got ${typeName(key)} for object key, want string`);
      if (this.#next() !== ':') this.#fail(`after object key, got ${this.#shown()}, want ':' `);
      this.#index++;
      dict.put(key, this.#value(depth));
      if (!this.#separator('}', "in object, got X, want ',' or '}'")) return dict;
    }
  }

  /** True after a comma, false after the bracket that closes. */
  #separator(close: string, problem: string): boolean {
    const next = this.#next();
    if (next !== ',' && next !== close) this.#fail(problem.replace('X', () => this.#shown()));
    this.#index++;
    return next === ',';
  }

  #space(): void {
    while (' \t\n\r'.includes(this.#text.charAt(this.#index)) && this.#index < this.#text.length) {
      this.#index++;
    }
  }

  #next(): string {
    this.#space();
    if (this.#index >= this.#text.length) this.#fail('unexpected end of file');
    return this.#text.charAt(this.#index);
  }

  #shown(): string {
    const character = String.fromCodePoint(this.#text.codePointAt(this.#index) ?? 0);
    return character === "'" ? "'\\''" : `'${character}'`;
  }

  #fail(problem: string): never {
    throw new StarlarkError(`json.decode: at offset ${this.#index}, ${problem}`);
  }
}
