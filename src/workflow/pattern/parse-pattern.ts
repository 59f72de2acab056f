/**
 * Reads a regular expression of ECMAScript (flag `u`) into what an automaton can run. Back references
 * and looking around need more than an automaton, so they are refused; groups capture nothing.
 */

export type Pattern =
  | { readonly kind: 'character'; readonly test: (character: string) => boolean }
  | { readonly kind: 'edge'; readonly edge: Edge }
  | { readonly kind: 'all'; readonly parts: readonly Pattern[] }
  | { readonly kind: 'any'; readonly choices: readonly Pattern[] }
  /** `most` is Infinity for an open repetition. */
  | {
      readonly kind: 'repeat';
      readonly of: Pattern;
      readonly least: number;
      readonly most: number;
    };

export type Edge = 'start' | 'end' | 'word' | 'noWord';

/** `pattern` has passed `new RegExp(pattern, 'u')`. @throws {PatternError} for what is not taken. */
export function parsePattern(pattern: string): Pattern {
  return new Reader(pattern).pattern();
}

export class PatternError extends Error {}

/** One escape, with what stands behind it. */
const ESCAPE =
  /\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|c[A-Za-z]|[\s\S])/uy;
const CLASS = /\[(?:\\[\s\S]|[^\]\\])*\]/uy;
const QUANTIFIER = /(?:[*+?]|\{(\d+)(,(\d*))?\})\??/uy;
const OPENING = /\((?:\?:|\?<(?![=!])[^>]*>)?(?!\?)/uy;

class Reader {
  readonly #text: string;
  #at = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  pattern(): Pattern {
    const choices = [this.#sequence()];
    while (this.#take('|')) choices.push(this.#sequence());
    return choices.length === 1 ? (choices[0] as Pattern) : { kind: 'any', choices };
  }

  #sequence(): Pattern {
    const parts: Pattern[] = [];
    while (this.#at < this.#text.length && !'|)'.includes(this.#text[this.#at] as string)) {
      const edge = this.#edge();
      parts.push(edge === undefined ? this.#repeated(this.#atom()) : { kind: 'edge', edge });
    }
    return { kind: 'all', parts };
  }

  #edge(): Edge | undefined {
    if (this.#take('^')) return 'start';
    if (this.#take('$')) return 'end';
    if (this.#take('\\b')) return 'word';
    return this.#take('\\B') ? 'noWord' : undefined;
  }

  #atom(): Pattern {
    if (this.#text[this.#at] === '(') return this.#group();
    const escaped = this.#match(ESCAPE);
    if (escaped !== undefined) {
      if (/^\\[1-9k]/.test(escaped)) throw new PatternError('back references are not taken');
      return character(escaped);
    }
    const listed = this.#match(CLASS);
    if (listed !== undefined) return character(listed);
    const plain = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0);
    this.#at += plain.length;
    return plain === '.' ? character(plain) : literal(plain);
  }

  #group(): Pattern {
    if (this.#match(OPENING) === undefined)
      throw new PatternError('looking ahead or behind and modifiers are not taken');
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new PatternError(`groups nest deeper than ${MAX_DEPTH}`);
    const inner = this.pattern();
    this.#depth -= 1;
    this.#take(')');
    return inner;
  }

  #repeated(of: Pattern): Pattern {
    QUANTIFIER.lastIndex = this.#at;
    const found = QUANTIFIER.exec(this.#text);
    if (found === null) return of;
    this.#at += found[0].length;
    const [sign, least, comma, most] = found;
    if (least === undefined) {
      return {
        kind: 'repeat',
        of,
        least: sign[0] === '+' ? 1 : 0,
        most: sign[0] === '?' ? 1 : Infinity,
      };
    }
    const upTo = comma === undefined ? Number(least) : most === '' ? Infinity : Number(most);
    return { kind: 'repeat', of, least: Number(least), most: upTo };
  }

  #take(text: string): boolean {
    if (!this.#text.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #match(expression: RegExp): string | undefined {
    expression.lastIndex = this.#at;
    const found = expression.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }
}

const MAX_DEPTH = 50;

const literal = (wanted: string): Pattern => ({
  kind: 'character',
  test: (one) => one === wanted,
});

/** What one character is, the language’s own machine knows best: it is asked about one at a time. */
function character(source: string): Pattern {
  const expression = new RegExp(`^${source}$`, 'u');
  return { kind: 'character', test: (one) => expression.test(one) };
}
