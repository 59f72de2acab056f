import type { Dialect } from '../dialect.ts';
import { Scanner } from '../syntax/scanner.ts';
import { keywords, type Token } from '../syntax/tokens.ts';

/** A piece of source text that is kept: a token, or a comment. */
export interface Piece {
  readonly kind: 'token' | 'comment';
  /** The kind of the token; `#` for comments. */
  readonly token: string;
  readonly text: string;
  /** Line breaks between it and the piece before. */
  readonly breaks: number;
  /** A backslash joins it to the line before. */
  readonly isContinued: boolean;
  /** Blocks around it. */
  readonly level: number;
  readonly column: number;
  readonly line: number;
  /** It ends its logical line. */
  readonly isLast: boolean;
}

type Draft = { -readonly [K in keyof Piece]: Piece[K] };

/** All pieces of a file that parses, in order: what is between them is space. */
export function lexPieces(source: string, file: string, dialect: Dialect): readonly Piece[] {
  const scanner = new Scanner(source, file, dialect);
  const pieces: Draft[] = [];
  let level = 0;
  let end = 0;
  for (;;) {
    const token = scanner.next();
    if (token.kind === 'indent') level++;
    if (token.kind === 'outdent') level--;
    if (token.kind === 'indent' || token.kind === 'outdent') continue;
    if (token.kind === 'newline') {
      const last = pieces.findLast(({ kind }) => kind === 'token');
      if (last !== undefined) last.isLast = true;
      continue;
    }
    const from = token.kind === 'eof' ? source.length : token.from;
    const gap = readGap(source, end, from);
    for (const comment of gap.comments) {
      pieces.push({
        ...comment,
        kind: 'comment',
        token: '#',
        isContinued: false,
        isLast: false,
        level,
      });
    }
    if (token.kind === 'eof') break;
    end = token.to;
    pieces.push(pieceOf(token, source, gap, level));
  }
  const last = pieces.findLast(({ kind }) => kind === 'token');
  if (last !== undefined) last.isLast = true;
  return pieces;
}

function pieceOf(token: Token, source: string, gap: Gap, level: number): Draft {
  return {
    kind: 'token',
    token: keywords.has(token.kind) ? 'keyword' : token.kind,
    text: source.slice(token.from, token.to),
    breaks: gap.breaks,
    isContinued: gap.isContinued,
    level,
    column: token.position.column,
    line: token.position.line,
    isLast: false,
  };
}

interface Gap {
  readonly comments: readonly Pick<Draft, 'text' | 'breaks' | 'column' | 'line'>[];
  /** After the last comment. */
  readonly breaks: number;
  readonly isContinued: boolean;
}

/** What is between two tokens: space, line breaks, backslashes and comments. */
function readGap(source: string, from: number, to: number): Gap {
  const comments: Gap['comments'][number][] = [];
  let breaks = 0;
  let isContinued = false;
  for (let index = from; index < to; ) {
    const character = source.charAt(index);
    if (character === '#') {
      const stop = lineEnd(source, index);
      const lineStart =
        Math.max(source.lastIndexOf('\n', index), source.lastIndexOf('\r', index)) + 1;
      const text = source.slice(index, stop).trimEnd();
      comments.push({ text, breaks, column: index - lineStart + 1, line: 0 });
      breaks = 0;
      index = stop;
      continue;
    }
    if (character === '\r' && source.charAt(index + 1) === '\n') index++;
    if (character === '\n' || character === '\r') breaks++;
    if (character === '\\') isContinued = true;
    index++;
  }
  return { comments, breaks, isContinued };
}

function lineEnd(source: string, from: number): number {
  let index = from;
  while (index < source.length && source.charAt(index) !== '\n' && source.charAt(index) !== '\r') {
    index++;
  }
  return index;
}
