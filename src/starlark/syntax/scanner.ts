import type { Dialect } from '../dialect.ts';
import type { Position } from '../position.ts';
import { Bytes } from '../values/bytes.ts';
import { splitFormat } from './format-parts.ts';
import { scanNumber } from './number-literal.ts';
import { SyntaxFailure } from './syntax-error.ts';
import { keywords, reservedAdvice, type SourceSpan, type Token } from './tokens.ts';
import { unquote } from './unquote.ts';

const identifierStart = /[\p{L}_]/u;
const tabWidth = 8;
const newline = 10;
const carriageReturn = 13;

/** Longest first, so that the first match is the token. */
const operators = /(?:\/\/=|<<=|>>=|\*\*|\/\/|<<|>>|[<>=!+\-*/%&|^]=|[<>=+\-*/%&|^~:;,.])/y;
const stringStart = /(?:rb|br|rf|fr|[rbf])?(?:"""|'''|"|')/iy;
const identifier = /[\p{L}_][\p{L}_0-9]*/uy;

const restOfLine = /[^\n]*/y;
const blockHeader = /:[ \t]*(?:#.*)?\r?$/;
const lineStart = /\n([ \t]*)([^ \t]?)/y;
const bracketOrText = /[([{)\]}]|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|#.*/g;

/**
 * Turns source text into tokens, one at a time. It keeps the indentation stack, and ignores
 * newlines inside brackets. `position` is where the next token would begin: errors of the parser
 * are placed there.
 */
export class Scanner {
  readonly source: string;
  readonly file: string;
  readonly dialect: Dialect;
  readonly #end: number;
  #index: number;
  #line: number;
  #lineStart: number;
  /** Open brackets. */
  depth = 0;
  readonly #indents: number[] = [0];
  #dents = 0;
  #isLineStart = true;

  constructor(source: string, file: string, dialect: Dialect, span?: SourceSpan) {
    this.source = source;
    this.file = file;
    this.dialect = dialect;
    this.#index = span?.start ?? 0;
    this.#end = span?.end ?? source.length;
    this.#line = span?.line ?? 1;
    this.#lineStart = span?.lineStart ?? 0;
    // The expression in an f-string is read as if in parentheses.
    if (span !== undefined) this.depth = 1;
    if (span !== undefined) this.#isLineStart = false;
  }

  get position(): Position {
    return { file: this.file, line: this.#line, column: this.#index - this.#lineStart + 1 };
  }

  next(): Token {
    for (;;) {
      const wasLineStart = this.#isLineStart;
      const isBlank = wasLineStart && this.#indentation();
      if (this.#dents !== 0) return this.#dent();
      this.#skipSpace();
      const code = this.#peek();
      if (code === newline || code === carriageReturn) {
        this.#isLineStart = true;
        if (this.depth > 0 || isBlank) {
          this.#newline();
          continue;
        }
        return this.#token('newline', () => this.#newline());
      }
      if (Number.isNaN(code)) {
        const token = this.#endOfFile(wasLineStart);
        if (token !== undefined) return token;
        continue;
      }
      if (code === 92) {
        this.#lineContinuation();
        continue;
      }
      return this.#content(code);
    }
  }

  /** The line that has been come to, from 1. */
  get line(): number {
    return this.#line;
  }

  /** After a mistake: drops the rest of the line, and those that its open brackets go on in. */
  recover(): void {
    let open = this.depth;
    this.depth = 0;
    open += this.#dropLine();
    // A block is read, however its header is broken.
    if (blockHeader.test(this.source.slice(this.#lineStart, this.#index))) return;
    while (open > 0 && this.#goesOn()) {
      this.#newline();
      open += this.#dropLine();
    }
  }

  /** Moves to the end of the line; gives how many more brackets it opens than it closes. */
  #dropLine(): number {
    restOfLine.lastIndex = this.#index;
    const rest = (restOfLine.exec(this.source)?.[0] ?? '').slice(0, this.#end - this.#index);
    this.#index += rest.length;
    let opened = 0;
    for (const [text] of rest.matchAll(bracketOrText)) {
      if ('([{'.includes(text)) opened++;
      else if (')]}'.includes(text)) opened--;
    }
    return opened;
  }

  /** The next line is no statement of its own: empty, indented deeper, or begun by a closing bracket. */
  #goesOn(): boolean {
    lineStart.lastIndex = this.#index;
    const found = this.#index < this.#end ? lineStart.exec(this.source) : null;
    if (found === null) return false;
    const [, blanks = '', first = ''] = found;
    if (first === '' || '#\r\n)]}'.includes(first)) return true;
    return blanks.replaceAll('\t', ' '.repeat(tabWidth)).length > (this.#indents.at(-1) ?? 0);
  }

  fail(position: Position, message: string, hint?: string): never {
    throw new SyntaxFailure(position, message, hint);
  }

  #peek(): number {
    return this.#index < this.#end ? this.source.charCodeAt(this.#index) : Number.NaN;
  }

  #newline(): void {
    const isPair =
      this.#peek() === carriageReturn && this.source.charCodeAt(this.#index + 1) === newline;
    this.#index += isPair ? 2 : 1;
    this.#line++;
    this.#lineStart = this.#index;
  }

  /** Measures leading space; true if the line holds nothing else. */
  #indentation(): boolean {
    this.#isLineStart = false;
    let columns = 0;
    for (;;) {
      const code = this.#peek();
      if (code === 32) columns++;
      else if (code === 9) columns += tabWidth - (columns % tabWidth);
      else break;
      if (code === 9 && !this.dialect.tabs && this.depth === 0) {
        this.fail(this.position, 'tabs may not be used for indentation', 'use spaces');
      }
      this.#index++;
    }
    const code = this.#peek();
    const isEnd = Number.isNaN(code) && columns > 0;
    if (code === 35 || code === newline || code === carriageReturn || isEnd) return true;
    if (this.depth === 0 && !Number.isNaN(code)) this.#indentTo(columns);
    return false;
  }

  #indentTo(columns: number): void {
    const current = this.#indents.at(-1) ?? 0;
    if (columns > current) {
      this.#dents++;
      this.#indents.push(columns);
      return;
    }
    while (columns < (this.#indents.at(-1) ?? 0)) {
      this.#dents--;
      this.#indents.pop();
    }
    if (columns !== this.#indents.at(-1)) {
      this.#indents.push(columns);
      this.#dents = Math.min(0, this.#dents + 1);
      this.fail(this.position, 'unindent does not match any outer indentation level');
    }
  }

  #dent(): Token {
    if (this.#dents < 0) {
      this.#dents++;
      return this.#token('outdent', () => {});
    }
    this.#dents--;
    return this.#token('indent', () => {});
  }

  #skipSpace(): void {
    let code = this.#peek();
    while (code === 32 || code === 9) {
      this.#index++;
      code = this.#peek();
    }
    if (code !== 35) return;
    while (!Number.isNaN(code) && code !== newline && code !== carriageReturn) {
      this.#index++;
      code = this.#peek();
    }
  }

  /** Closes open blocks first, with a newline before them if the last line had none. */
  #endOfFile(wasLineStart: boolean): Token | undefined {
    if (this.#indents.length > 1 && this.depth === 0) {
      if (!wasLineStart) {
        this.#isLineStart = true;
        return this.#token('newline', () => {});
      }
      this.#dents = 1 - this.#indents.length;
      this.#indents.length = 1;
      return undefined;
    }
    return this.#token('eof', () => {});
  }

  #lineContinuation(): void {
    this.#index++;
    const code = this.#peek();
    if (code !== newline && code !== carriageReturn) {
      this.fail(this.position, 'stray backslash in program');
    }
    this.#newline();
  }

  #content(code: number): Token {
    stringStart.lastIndex = this.#index;
    const opening = stringStart.exec(this.source)?.[0];
    if (opening !== undefined && this.#isStringPrefix(opening)) return this.#string(opening);
    const character = String.fromCodePoint(this.source.codePointAt(this.#index) ?? code);
    if (identifierStart.test(character)) return this.#word();
    if (code >= 48 && code <= 57) return this.#number();
    if (code === 46 && /[0-9]/.test(this.source.charAt(this.#index + 1))) return this.#number();
    if ('([{'.includes(character)) this.depth++;
    else if (')]}'.includes(character)) this.#close(character);
    else return this.#operator(character);
    return this.#token(character, () => this.#index++);
  }

  #close(character: string): void {
    if (this.depth === 0) this.fail(this.position, `unexpected '${character}'`);
    this.depth--;
  }

  #operator(character: string): Token {
    operators.lastIndex = this.#index;
    const text = operators.exec(this.source)?.[0];
    if (text === undefined || this.#index + text.length > this.#end) {
      const quoted = character === '!' ? "'!'" : `\`${character}\``;
      const hint = character === '!' ? 'use not' : undefined;
      this.fail(this.position, `unexpected input character ${quoted}`, hint);
    }
    return this.#token(text, () => {
      this.#index += text.length;
    });
  }

  #isStringPrefix(opening: string): boolean {
    const prefix = opening.replace(/["']/g, '');
    if (prefix === '') return true;
    if (/[A-Z]/.test(prefix)) return false;
    return this.dialect.fStrings || !prefix.includes('f');
  }

  #word(): Token {
    identifier.lastIndex = this.#index;
    const text = identifier.exec(this.source)?.[0] ?? '';
    let kind = keywords.has(text) ? text : 'identifier';
    if (reservedAdvice.has(text) && (text !== 'assert' || this.dialect.reserveAssert)) {
      kind = 'reserved';
    }
    return this.#token(kind, () => {
      this.#index += text.length;
      return { text };
    });
  }

  #number(): Token {
    const start = this.position;
    const number = scanNumber(this.source, this.#index, this.#end);
    if (number.problem !== undefined) this.fail(start, number.problem);
    return this.#token(typeof number.value === 'object' ? 'float' : 'int', () => {
      this.#index = number.end;
      return { value: number.value };
    });
  }

  #string(opening: string): Token {
    const start = this.position;
    const from = this.#index;
    const span: SourceSpan = this.#body(opening, start);
    const prefix = opening.toLowerCase();
    const style = { isRaw: prefix.includes('r'), isBytes: prefix.includes('b') };
    const finish = (kind: string, fields: Partial<Token>): Token => ({
      kind,
      position: start,
      endColumn: this.position.line === start.line ? this.position.column : start.column + 1,
      from,
      to: this.#index,
      text: '',
      value: undefined,
      parts: undefined,
      ...fields,
    });
    try {
      if (prefix.includes('f')) {
        return finish('fstring', { parts: splitFormat(this.source, span, style.isRaw) });
      }
      const { text, data } = unquote(this.source.slice(span.start, span.end), style);
      return style.isBytes
        ? finish('bytes', { value: new Bytes(data) })
        : finish('string', { value: text });
    } catch (error) {
      if (error instanceof SyntaxFailure || !(error instanceof Error)) throw error;
      return this.fail(start, error.message);
    }
  }

  /** Moves past a string literal and gives the span of what is between its quotes. */
  #body(opening: string, start: Position): SourceSpan {
    const quotes = opening.replace(/[^"']/g, '');
    const isTriple = quotes.length === 3;
    this.#index += opening.length;
    const span = { start: this.#index, line: this.#line, lineStart: this.#lineStart };
    for (;;) {
      const code = this.#peek();
      if (Number.isNaN(code)) this.fail(start, 'unexpected EOF in string');
      if (this.source.startsWith(quotes, this.#index)) break;
      if (code === 92) this.#index++;
      const inner = code === 92 ? this.#peek() : code;
      if (Number.isNaN(inner)) this.fail(start, 'unexpected EOF in string');
      if (inner === newline || inner === carriageReturn) {
        if (!isTriple && code !== 92) this.fail(start, 'unexpected newline in string');
        this.#newline();
      } else {
        this.#index++;
      }
    }
    const end = this.#index;
    this.#index += quotes.length;
    if (this.#index > this.#end) this.fail(start, 'unexpected EOF in string');
    return { ...span, end };
  }

  #token(kind: string, advance: () => Partial<Token> | unknown): Token {
    const position = this.position;
    const from = this.#index;
    const fields = advance();
    const to = this.#index;
    const endColumn = this.#line === position.line ? this.position.column : position.column + 1;
    const token = {
      kind,
      position,
      endColumn,
      from,
      to,
      text: kind,
      value: undefined,
      parts: undefined,
    };
    return typeof fields === 'object' && fields !== null ? { ...token, ...fields } : token;
  }
}
