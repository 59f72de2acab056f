/** What differs between the record and now, side by side, cut to the place where it begins. */

import type { Json } from '../base/json.ts';
import { printable } from '../base/printable.ts';
import type { Divergence } from '../engine/replay.ts';
import type { Style } from './style.ts';
import { tableText } from './table-text.ts';

const CELL_CHARACTERS = 34;
const BEFORE_CHARACTERS = 10;
const WIDE = 100;

export function divergenceLines(
  { field, recorded, now }: Divergence,
  { style, width = WIDE }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const texts = [recorded, now].map(textOf);
  const from = Math.max(0, firstDifference(texts) - BEFORE_CHARACTERS);
  const cells = [field, ...texts.map((text) => cell(text, from))].map((text) => ({ text }));
  const columns = ['field', 'recorded', 'now'].map((title) => ({ title }));
  const request = { style, width: Math.max(WIDE, width) - INDENT.length, isPlain: false };
  return tableText(columns, [cells], request).map((line) => INDENT + line);
}

const INDENT = '   ';

const textOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function firstDifference([a = '', b = '']: readonly string[]): number {
  let at = 0;
  while (at < a.length && at < b.length && a[at] === b[at]) at += 1;
  return at;
}

function cell(text: string, from: number): string {
  const flat = printable(text.slice(from, from + CELL_CHARACTERS));
  const isCut = text.length > from + CELL_CHARACTERS;
  return `${from > 0 ? '…' : ''}${flat}${isCut ? '…' : ''}`;
}
