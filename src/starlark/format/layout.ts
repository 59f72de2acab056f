import type { Piece } from './lex.ts';
import { endsOperand, isUnary, needsSpace, type Seen } from './spacing.ts';

const indentWidth = 4;
const maxBlankLines = 2;

interface Bracket {
  readonly isIndex: boolean;
  /** Indentation of the line that opens it. */
  readonly indent: number;
  /** Lambdas whose colon is still to come. */
  lambdas: number;
}

/** Writes the pieces with the space between them made anew; line breaks stay where they are. */
export function layOut(pieces: readonly Piece[]): string {
  return new Layout(pieces).write();
}

class Layout {
  readonly #pieces: readonly Piece[];
  readonly #levels = commentLevels;
  readonly #brackets: Bracket[] = [];
  #text = '';
  #lineIndent = 0;
  #previous: Seen | undefined;
  /** The statement that began with `if`, `for` or `def` stays one line, semicolons and all. */
  #isCompound = false;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  write(): string {
    const levels = this.#levels(this.#pieces);
    let isStart = true;
    let lastLevel = -1;
    this.#pieces.forEach((piece, index) => {
      if (piece.kind === 'comment') {
        this.#comment(piece, isStart, levels[index] ?? 0, lastLevel);
        if (isStart && piece.breaks > 0) lastLevel = Math.max(0, Math.min(lastLevel, piece.level));
        return;
      }
      if (piece.token === ';' && (piece.isLast || !this.#isCompound)) {
        isStart = true;
        return;
      }
      if (isStart) {
        this.#startStatement(piece, lastLevel);
        lastLevel = piece.level;
      } else {
        this.#continueStatement(piece);
      }
      this.#append(piece);
      isStart = piece.isLast;
    });
    return this.#text === '' ? '' : `${this.#text.trimEnd()}\n`;
  }

  #comment(piece: Piece, isStart: boolean, level: number, lastLevel: number): void {
    if (this.#text !== '' && piece.breaks === 0) {
      this.#text += `  ${piece.text}`;
      return;
    }
    const top = this.#brackets.at(-1);
    if (isStart || top === undefined) {
      this.#newLine(piece.breaks, level * indentWidth, level, level > lastLevel);
    } else {
      this.#newLine(
        piece.breaks,
        top.indent + indentWidth,
        1,
        this.#text.endsWith('(') || this.#text.endsWith('[') || this.#text.endsWith('{'),
      );
    }
    this.#text += piece.text;
  }

  #startStatement(piece: Piece, lastLevel: number): void {
    this.#brackets.length = 0;
    this.#previous = undefined;
    this.#isCompound = ['if', 'elif', 'else', 'for', 'while', 'def'].includes(piece.text);
    const isBlockStart = piece.level > lastLevel && !this.#endsWithComment();
    this.#newLine(piece.breaks, piece.level * indentWidth, piece.level, isBlockStart);
  }

  #endsWithComment(): boolean {
    const line = this.#text.slice(this.#text.lastIndexOf('\n') + 1);
    return line.trimStart().startsWith('#');
  }

  #continueStatement(piece: Piece): void {
    const top = this.#brackets.at(-1);
    const isAfterComment = this.#pieces[this.#pieces.indexOf(piece) - 1]?.kind === 'comment';
    if (piece.breaks === 0 && !isAfterComment) {
      if (
        this.#previous !== undefined &&
        needsSpace(this.#previous, piece, top?.isIndex === true && top.lambdas === 0)
      )
        this.#text += ' ';
      return;
    }
    if (top === undefined) {
      this.#text += ' \\';
      this.#newLine(1, this.#lineIndentOfStatement(piece) + indentWidth, 1, true);
      return;
    }
    const isClosing = ')]}'.includes(piece.token);
    const isTight = isClosing || /[([{]$/.test(this.#text);
    this.#newLine(piece.breaks, isClosing ? top.indent : top.indent + indentWidth, 1, isTight);
  }

  #lineIndentOfStatement(piece: Piece): number {
    return piece.level * indentWidth;
  }

  /** Blank lines are kept, up to two outside of blocks and one inside. */
  #newLine(breaks: number, indent: number, level: number, isTight: boolean): void {
    this.#lineIndent = indent;
    if (this.#text !== '') {
      const most = level === 0 ? maxBlankLines : 1;
      const blank = isTight ? 0 : Math.min(Math.max(0, breaks - 1), most);
      this.#text += '\n'.repeat(1 + blank);
    }
    this.#text += ' '.repeat(indent);
  }

  #append(piece: Piece): void {
    const { token } = piece;
    const top = this.#brackets.at(-1);
    const isSliceColon = token === ':' && top?.isIndex === true && top.lambdas === 0;
    if (token === ':' && top !== undefined && top.lambdas > 0) top.lambdas--;
    if (piece.text === 'lambda' && top !== undefined) top.lambdas++;
    if ('([{'.includes(token)) {
      const isIndex = token === '[' && this.#previous !== undefined && endsOperand(this.#previous);
      this.#brackets.push({ isIndex, indent: this.#lineIndent, lambdas: 0 });
    } else if (')]}'.includes(token)) {
      this.#brackets.pop();
    }
    const isUnaryOperator = isUnary(token, this.#previous);
    this.#previous = { token, text: piece.text, isUnary: isUnaryOperator, isSliceColon };
    this.#text +=
      token === 'string' || token === 'bytes' ? withDoubleQuotes(piece.text) : piece.text;
  }
}

const singleQuoted = /^([a-z]*)'([^'"\\\r\n]*)'$/;

/** The same string between double quotes, where that needs no escape. */
export function withDoubleQuotes(text: string): string {
  return text.replace(singleQuoted, '$1"$2"');
}

/** A comment before the end of a block belongs to the block it is indented for. */
function commentLevels(pieces: readonly Piece[]): readonly number[] {
  const columns: number[] = [];
  const levels: number[] = [];
  let before = 0;
  let isStart = true;
  pieces.forEach((piece, index) => {
    if (piece.kind === 'token') {
      if (isStart) {
        columns.length = piece.level;
        columns[piece.level] = piece.column;
        before = piece.level;
      }
      isStart = piece.isLast;
      levels.push(piece.level);
      return;
    }
    const next = pieces.slice(index).find(({ kind }) => kind === 'token')?.level ?? 0;
    let level = Math.max(next, before);
    while (level > next && (columns[level] ?? Number.POSITIVE_INFINITY) > piece.column) level--;
    if (piece.breaks > 0 && isStart && level < before) before = level;
    levels.push(level);
  });
  return levels;
}
