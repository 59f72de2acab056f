/**
 * Applies the hunks of a unified diff to one text. Models count lines badly, so a hunk is found by what it
 * says stands there: at the line that it names, else at the one place where that stands. Nothing is guessed:
 * a hunk that does not stand there, or in several places, is refused, and then nothing is changed.
 */

export type Applied =
  | { readonly text: string; readonly count: number }
  | { readonly problem: string };

interface Hunk {
  /** First line in the old text, from 1; undefined where the hunk does not say. */
  readonly line: number | undefined;
  readonly old: readonly string[];
  readonly fresh: readonly string[];
  /** The new text ends without a line break. */
  readonly isUnended: boolean;
}

const MAX_HUNKS = 200;
const HEADER = /^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@)?/;
const NO_END = '\\ No newline at end of file';

export function applyHunks(text: string, patch: string): Applied {
  const hunks = hunksOf(patch);
  if ('problem' in hunks) return hunks;
  const end = text.includes('\r\n') ? '\r\n' : '\n';
  const lines = text === '' ? [] : text.replace(/\r?\n$/, '').split(/\r?\n/);
  const hasEnd = text === '' || /\n$/.test(text);
  let isEnded = hasEnd;
  let shift = 0;
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const at = placeOf(lines, hunk, { from, shift });
    if (typeof at === 'string') return { problem: `hunk ${index + 1} of ${hunks.length}: ${at}` };
    lines.splice(at, hunk.old.length, ...hunk.fresh);
    shift += hunk.fresh.length - hunk.old.length;
    from = at + hunk.fresh.length;
    if (from === lines.length) isEnded = !hunk.isUnended;
  }
  const joined = lines.join(end);
  return { text: joined === '' || !isEnded ? joined : `${joined}${end}`, count: hunks.length };
}

function hunksOf(patch: string): readonly Hunk[] | { readonly problem: string } {
  const hunks: { line: number | undefined; old: string[]; fresh: string[]; isUnended: boolean }[] =
    [];
  let isFile = false;
  let last = '';
  const rows = patch.replace(/\n$/, '').split('\n');
  for (const [index, row] of rows.entries()) {
    const header = HEADER.exec(row);
    const hunk = hunks.at(-1);
    if (header !== null) {
      const line = header[1] === undefined ? undefined : Number(header[1]);
      hunks.push({ line, old: [], fresh: [], isUnended: false });
    } else if (hunk === undefined) {
      if (row.startsWith('+++ ')) {
        if (isFile) return { problem: 'it is about more than one file: make one call for each' };
        isFile = true;
      }
    } else if (isNextFile(rows, index)) {
      return { problem: 'it is about more than one file: make one call for each' };
    } else if (row === NO_END) hunk.isUnended = last === '+' || last === ' ';
    else if (row.startsWith('+')) hunk.fresh.push(body(row));
    else if (row.startsWith('-')) hunk.old.push(body(row));
    else if (row.startsWith(' ') || row === '' || row === '\r') {
      hunk.old.push(body(row));
      hunk.fresh.push(body(row));
    } else
      return { problem: `a line of it begins with neither space, + nor -: ${row.slice(0, 60)}` };
    last = row[0] ?? ' ';
  }
  if (hunks.length === 0) return { problem: 'it has no hunk: lines that begin with @@' };
  if (hunks.length > MAX_HUNKS) return { problem: `it has more than ${MAX_HUNKS} hunks` };
  return hunks;
}

/** A removed line may look like the head of a file: what follows tells. */
function isNextFile(rows: readonly string[], index: number): boolean {
  const [row = '', next = '', third = ''] = rows.slice(index, index + 3);
  if (row.startsWith('diff --git ')) return true;
  return row.startsWith('--- ') && next.startsWith('+++ ') && HEADER.test(third);
}

const body = (row: string): string => row.slice(1).replace(/\r$/, '');

/** Where a hunk stands, from 0, at or after `from`; or why nowhere. */
function placeOf(
  lines: readonly string[],
  { line, old }: Hunk,
  { from, shift }: { readonly from: number; readonly shift: number },
): number | string {
  const named = line === undefined ? undefined : Math.max(0, line - 1 + shift);
  if (old.length === 0) return placeOfAddition(lines, line, { from, shift });
  const fits = (at: number): boolean => old.every((text, index) => lines[at + index] === text);
  if (named !== undefined && named >= from && fits(named)) return named;
  const found: number[] = [];
  for (let at = from; at + old.length <= lines.length && found.length < 2; at += 1) {
    if (fits(at)) found.push(at);
  }
  const [only] = found;
  if (only === undefined) return `what it says stands there does not: ${missing(lines, old)}`;
  if (found.length > 1)
    return 'what it says stands there does so in several places: give more lines around it';
  return only;
}

/** Lines alone say nothing about their place but the number: after that line of the old text. */
function placeOfAddition(
  lines: readonly string[],
  line: number | undefined,
  { from, shift }: { readonly from: number; readonly shift: number },
): number | string {
  if (lines.length === 0) return 0;
  if (line === undefined)
    return 'it only adds lines and does not say where: give a line around them';
  const at = line + shift;
  return at < from || at > lines.length ? `there is no line ${line}` : at;
}

function missing(lines: readonly string[], old: readonly string[]): string {
  const here = new Set(lines);
  const absent = old.find((text) => !here.has(text));
  return absent === undefined
    ? 'its lines are there, but not one after the other'
    : `no line reads ${JSON.stringify(absent.slice(0, 120))}`;
}
