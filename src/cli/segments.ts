/** Lines made of painted pieces, so that their width is known before they are painted. */
import { printable } from '../base/printable.ts';
import type { Mark, Paint, Style } from './style.ts';
import type { TreeRow } from './tree-rows.ts';
import { cut, padded, widthOf } from './width.ts';

export interface Segment {
  readonly text: string;
  readonly paint?: Paint;
}

/** One line of at most `width` columns; no limit where absent. Control characters are written out. */
export function lineText(
  segments: readonly Segment[],
  style: Style,
  width: number | undefined,
): string {
  let left = width ?? Number.POSITIVE_INFINITY;
  const pieces: Segment[] = [];
  for (const { text, ...paint } of segments) {
    if (left <= 0) break;
    const shown = style.text(cut(style.text(printable(text)), left));
    left -= widthOf(shown);
    pieces.push({ text: shown, ...paint });
  }
  const last = pieces.findLastIndex(({ text }) => text.trim() !== '');
  return pieces
    .slice(0, last + 1)
    .map(({ text, paint }, at) => {
      const shown = at === last ? text.trimEnd() : text;
      return paint === undefined ? shown : style.paint(paint, shown);
    })
    .join('');
}

const MARK_PAINTS: Readonly<Partial<Record<Mark, Paint>>> = {
  waiting: 'dim',
  running: 'cyan',
  done: 'green',
  memo: 'green',
  reused: 'green',
  asks: 'yellow',
  paused: 'yellow',
  quiet: 'yellow',
  failed: 'red',
  cancelled: 'dim',
  lost: 'red',
};

/** A glyph as a piece: its colour is the segment’s. */
export function markSegment(mark: Mark, style: Style): Segment {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  const text = style.glyph(mark).replace(/\x1b\[\d+m/g, '');
  const paint = MARK_PAINTS[mark];
  return { text, ...(paint === undefined ? {} : { paint }) };
}

const LEAST_NAME = 12;
const FULL_WIDTH = 100;

/** Tree rows as lines; below 72 columns the tokens go, below 60 the cost. */
export function treeLines(
  rows: readonly TreeRow[],
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const room = width ?? FULL_WIDTH;
  const wordWidth = Math.max(...rows.map(({ word }) => widthOf(word)), 7);
  const nameOf = ({ depth, name }: TreeRow): number => 2 * depth + 4 + widthOf(printable(name));
  const widest = Math.max(...rows.map(nameOf), LEAST_NAME);
  const nameWidth = Math.min(widest, Math.max(LEAST_NAME, Math.floor(room * 0.45)));
  const amount = (text: string, columns: number): Segment[] =>
    columns === 0 ? [] : [{ text: padded(style.text(text), columns + 1, 'right') }];
  const doneWidth = Math.max(...rows.map(({ done }) => widthOf(done)), 3) + 1;
  return rows.map((row) => {
    const indent = '  '.repeat(row.depth + 1);
    const mark = row.word === '' ? { text: ' ' } : markSegment(row.mark, style);
    const nameRoom = Math.max(1, nameWidth - widthOf(indent) - 2);
    const quiet: Paint | undefined = row.mark === 'waiting' ? 'dim' : undefined;
    return lineText(
      [
        { text: indent },
        mark,
        { text: ` ${padded(style.text(printable(row.name)), nameRoom)}`, ...paintIf(quiet) },
        { text: `  ${padded(row.word, wordWidth)}`, ...paintIf(mark.paint) },
        ...amount(row.done, doneWidth),
        ...amount(row.tokens, room < 72 ? 0 : 7),
        ...amount(row.cost, room < 60 ? 0 : 8),
        { text: row.detail === '' ? '' : `  ${row.detail}`, paint: 'dim' },
      ],
      style,
      width,
    );
  });
}

const paintIf = (paint: Paint | undefined): { readonly paint?: Paint } =>
  paint === undefined ? {} : { paint };
