import type { Position } from '../position.ts';
import type { Scanner } from './scanner.ts';
import { reservedAdvice, type Token, type TokenKind, tokenTitle } from './tokens.ts';

/** Operators, suffixes or `elif`s in one chain: a chain makes a tree as deep as it is long. */
const maxChain = 1000;

/** What begins an item of a list or an argument. */
const items: ReadonlySet<TokenKind> = new Set(['identifier', 'string', 'int', '[', '{']);

/** The parser's view of the scanner: one token ahead, and a count of open constructs. */
export class TokenStream {
  readonly scanner: Scanner;
  readonly #maxNesting: number;
  #nesting = 0;
  /** The scanner failed: the current token is an old one. */
  #isBroken = false;
  /** The line that the token before ends in. */
  #lineBefore = 1;
  token: Token;

  constructor(scanner: Scanner, maxNesting: number) {
    this.scanner = scanner;
    this.#maxNesting = maxNesting;
    this.token = { ...emptyToken, position: scanner.position };
  }

  get kind(): TokenKind {
    return this.token.kind;
  }

  /** A method rather than a comparison, since the answer changes as the stream advances. */
  is(kind: TokenKind): boolean {
    return this.token.kind === kind;
  }

  /** Moves on, and gives the position of the token left behind. */
  advance(): Position {
    const { position } = this.token;
    this.#isBroken = true;
    this.#lineBefore = this.scanner.line;
    this.token = this.scanner.next();
    this.#isBroken = false;
    return position;
  }

  consume(kind: TokenKind): Position {
    if (this.kind !== kind) this.unexpected(tokenTitle(kind));
    return this.advance();
  }

  /** Fails with `got X, want Y`, placed like starlark-go's: after the token got. */
  unexpected(wanted: string): never {
    if (this.kind === 'reserved') this.reserved();
    const isNext = this.scanner.depth > 0 && this.token.position.line > this.#lineBefore;
    const hint =
      isNext && items.has(this.kind)
        ? 'is a comma or a closing bracket missing on the line before?'
        : undefined;
    this.fail(`got ${tokenTitle(this.kind)}, want ${wanted}`, hint);
  }

  /** As `unexpected`, placed where the token begins: it may be a new line. */
  unexpectedHere(wanted: string): never {
    if (this.kind === 'reserved') this.reserved();
    this.failAt(this.token.position, `got ${tokenTitle(this.kind)}, want ${wanted}`);
  }

  reserved(): never {
    const { text, position } = this.token;
    const advice = reservedAdvice.get(text);
    this.failAt(position, `unexpected reserved word ${text}`, advice);
  }

  fail(message: string, hint?: string): never {
    return this.scanner.fail(this.scanner.position, message, hint);
  }

  failAt(position: Position, message: string, hint?: string): never {
    return this.scanner.fail(position, message, hint);
  }

  /** Parses one level deeper. */
  nested<T>(parse: () => T): T {
    this.#nesting++;
    if (this.#nesting > this.#maxNesting) {
      this.fail(`nesting is deeper than ${this.#maxNesting} levels`);
    }
    const node = parse();
    this.#nesting--;
    return node;
  }

  checkChain(length: number): void {
    if (length > maxChain) this.fail(`more than ${maxChain} operators in one expression`);
  }

  /** Forgets open constructs, and moves to the beginning of the next line. */
  recover(): void {
    const isAtEnd = this.is('newline') && !this.#isBroken && this.scanner.depth === 0;
    if (!isAtEnd) this.scanner.recover();
    this.advance();
    if (this.is('newline')) this.advance();
  }

  get nesting(): number {
    return this.#nesting;
  }

  set nesting(levels: number) {
    this.#nesting = levels;
  }
}

const emptyToken = {
  kind: 'newline',
  endColumn: 1,
  from: 0,
  to: 0,
  text: '',
  value: undefined,
  parts: undefined,
};
