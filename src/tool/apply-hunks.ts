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
  readonly fresh: readonly Fresh[];
}

/** What stands there afterwards: a line of `old` as the file has it, by its index, or another one. */
type Fresh = number | { readonly text: string; readonly isUnended: boolean };

const MAX_HUNKS = 200;
const HEADER = /^@@(?: -(\d+)(?:,\d+)? \+\d+(?:,\d+)? @@)?/;
const LINE = /[^\n]*\n|[^\n]+/g;
const NO_END = /^\\ No newline at end of file\r?$/;

export function applyHunks(text: string, patch: string): Applied {
  const hunks = hunksOf(patch);
  if ('problem' in hunks) return hunks;
  const end = /\r?\n/.exec(text)?.[0] ?? (patch.includes('\r\n') ? '\r\n' : '\n');
  const lines = text.match(LINE) ?? [];
  let shift = 0;
  let from = 0;
  for (const [index, hunk] of hunks.entries()) {
    const at = placeOf(lines, hunk, { from, shift });
    if (typeof at === 'string') return { problem: `hunk ${index + 1} of ${hunks.length}: ${at}` };
    const fresh = hunk.fresh.map((line) => {
      if (typeof line === 'number') return lines[at + line] ?? '';
      return line.isUnended ? line.text : `${line.text}${end}`;
    });
    lines.splice(at, hunk.old.length, ...fresh);
    shift += hunk.fresh.length - hunk.old.length;
    from = at + fresh.length;
  }
  const isOpen = (line: string, index: number): boolean =>
    index < lines.length - 1 && !line.endsWith('\n');
  const ended = lines.map((line, index) => (isOpen(line, index) ? `${line}${end}` : line));
  return { text: ended.join(''), count: hunks.length };
}

function hunksOf(patch: string): readonly Hunk[] | { readonly problem: string } {
  const hunks: { line: number | undefined; old: string[]; fresh: Fresh[] }[] = [];
  let isFile = false;
  const rows = patch.replace(/\n$/, '').split('\n');
  for (const [index, row] of rows.entries()) {
    const header = HEADER.exec(row);
    const hunk = hunks.at(-1);
    if (header !== null) {
      const line = header[1] === undefined ? undefined : Number(header[1]);
      hunks.push({ line, old: [], fresh: [] });
    } else if (hunk === undefined) {
      if (row.startsWith('+++ ')) {
        if (isFile) return { problem: 'it is about more than one file: make one call for each' };
        isFile = true;
      }
    } else if (isNextFile(rows, index)) {
      return { problem: 'it is about more than one file: make one call for each' };
    } else if (row.startsWith('+')) {
      hunk.fresh.push({ text: body(row), isUnended: NO_END.test(rows[index + 1] ?? '') });
    } else if (row.startsWith('-')) hunk.old.push(body(row));
    else if (row.startsWith(' ') || row === '' || row === '\r') {
      hunk.fresh.push(hunk.old.length);
      hunk.old.push(body(row));
    } else if (!NO_END.test(row))
      return { problem: `a line of it begins with neither space, + nor -: ${row.slice(0, 60)}` };
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

/** A line of the file without its end. */
const bare = (line: string | undefined): string | undefined => line?.replace(/\r?\n$/, '');

/** Where a hunk stands, from 0, at or after `from`; or why nowhere. */
function placeOf(
  lines: readonly string[],
  { line, old }: Hunk,
  { from, shift }: { readonly from: number; readonly shift: number },
): number | string {
  const named = line === undefined ? undefined : Math.max(0, line - 1 + shift);
  if (old.length === 0) return placeOfAddition(lines, line, { from, shift });
  const fits = (at: number): boolean =>
    old.every((text, index) => bare(lines[at + index]) === text);
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
  const here = new Set(lines.map(bare));
  const absent = old.find((text) => !here.has(text));
  return absent === undefined
    ? 'its lines are there, but not one after the other'
    : `no line reads ${JSON.stringify(absent.slice(0, 120))}`;
}
