/** Rows in columns that fit a terminal; one record a line with tabs for `--plain`. */
import { printable } from '../base/printable.ts';
import type { Paint, Style } from './style.ts';
import { padded, widthOf } from './width.ts';

export interface Cell {
  readonly text: string;
  readonly paint?: Paint;
}

export interface Column {
  readonly title: string;
  readonly side?: 'left' | 'right';
  /** Gives way when the terminal is narrow: dropped, the highest number first. */
  readonly dropped?: number;
  /** Is cut when the terminal is narrow, down to this width. */
  readonly least?: number;
}

export interface TableRequest {
  readonly style: Style;
  /** No limit where absent. */
  readonly width: number | undefined;
  readonly isPlain: boolean;
}

const GAP = 2;

export function tableText(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { style, width, isPlain }: TableRequest,
): readonly string[] {
  const texts = rows.map((row) => row.map(({ text }) => style.text(printable(text))));
  if (isPlain) return texts.map((row) => row.join('\t'));
  const wanted = columns.map(({ title }, at) =>
    Math.max(widthOf(title), ...texts.map((row) => widthOf(row[at] ?? ''))),
  );
  const widths = width === undefined ? wanted : squeezed(columns, wanted, width);
  const line = (cells: readonly string[], paints: readonly (Paint | undefined)[]): string => {
    const isShown = (at: number): boolean => (widths[at] ?? 0) > 0;
    const last = cells.findLastIndex((text, at) => text.trim() !== '' && isShown(at));
    return columns
      .slice(0, last + 1)
      .flatMap(({ side = 'left' }, at) => {
        if (!isShown(at)) return [];
        const filled = padded(cells[at] ?? '', widths[at] ?? 0, side);
        const text = at === last ? filled.trimEnd() : filled;
        const paint = paints[at];
        return [paint === undefined ? text : style.paint(paint, text)];
      })
      .join(' '.repeat(GAP));
  };
  const heads = columns.map(({ title }) => title);
  return [
    style.paint('dim', line(heads, [])),
    ...rows.map((row, at) =>
      line(
        texts[at] ?? [],
        row.map(({ paint }) => paint),
      ),
    ),
  ];
}

/** Drops and cuts columns until the line fits. */
function squeezed(
  columns: readonly Column[],
  wanted: readonly number[],
  width: number,
): readonly number[] {
  const widths = [...wanted];
  const used = (): number => {
    const shown = widths.filter((columnWidth) => columnWidth > 0);
    return shown.reduce((sum, columnWidth) => sum + columnWidth, GAP * (shown.length - 1));
  };
  const shrink = (): void => {
    for (const [at, { least }] of columns.entries()) {
      const over = used() - width;
      const now = widths[at] ?? 0;
      if (over > 0 && least !== undefined && now > least) widths[at] = Math.max(least, now - over);
    }
  };
  shrink();
  const order = columns
    .map(({ dropped }, at) => ({ dropped, at }))
    .filter(({ dropped }) => dropped !== undefined)
    .sort((a, b) => (b.dropped ?? 0) - (a.dropped ?? 0));
  for (const { at } of order) {
    if (used() <= width) break;
    widths[at] = 0;
  }
  return widths;
}
