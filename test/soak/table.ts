/** What is known of soaks, as a table: how far each has come, how long it took, what it saw. */
import type { JournalRow } from './journal.ts';
import { type Soak, slicesOf } from './soaks.ts';

const MAX_FIGURES = 4;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(0)} s`;

/** One soak a line, its figures below it. */
export function soakTable(soaks: readonly Soak[], rows: readonly JournalRow[]): string {
  const lines = soaks.flatMap((soak) => {
    const own = rowsOf(soak, rows);
    const passed = own.filter(({ isPassed }) => isPassed);
    const failed = own.filter(({ isPassed }) => !isPassed);
    const done = passed.reduce((sum, { count }) => sum + count, 0);
    const ms = own.reduce((sum, row) => sum + row.ms, 0);
    const mark = failed.length > 0 ? '✗' : done === soak.total ? '✓' : done > 0 ? '…' : ' ';
    const share = `${count(done)} of ${count(soak.total)} ${soak.unit}`;
    const wrong = failed.length > 0 ? `, ${failed.length} slices failed` : '';
    const head = `${mark} ${soak.name.padEnd(18)} ${share}${wrong}, ${seconds(ms)}`;
    const figures = figuresOf(soak, passed).map((line) => `    ${line}`);
    return [head, ...figures, ...failed.flatMap(failureLines)];
  });
  return lines.join('\n');
}

/** The slices that still have to run, or run again. */
export function openSlices(
  soak: Soak,
  rows: readonly JournalRow[],
): readonly { from: number; count: number }[] {
  const passed = new Set(rowsOf(soak, rows).flatMap((row) => (row.isPassed ? [row.from] : [])));
  return slicesOf(soak).filter(({ from }) => !passed.has(from));
}

/** Rows of slices as they are cut now. */
function rowsOf(soak: Soak, rows: readonly JournalRow[]): readonly JournalRow[] {
  const cut = new Map(slicesOf(soak).map(({ from, count }) => [from, count]));
  return rows.filter((row) => row.soak === soak.name && cut.get(row.from) === row.count);
}

function figuresOf({ work }: Soak, rows: readonly JournalRow[]): readonly string[] {
  const said = rows.flatMap((row) => row.said);
  if (work.by === 'tests') return said.slice(-MAX_FIGURES);
  const sums = new Map<string, number>();
  for (const line of said) {
    for (const [what, times] of Object.entries(JSON.parse(line) as Record<string, number>)) {
      sums.set(what, (sums.get(what) ?? 0) + times);
    }
  }
  const parts = [...sums].sort(([, one], [, other]) => other - one);
  return sums.size === 0 ? [] : [parts.map(([what, sum]) => `${what} ${count(sum)}`).join(', ')];
}

const failureLines = ({ from, count: many, said }: JournalRow): readonly string[] => [
  `    from ${from}, ${many} of them:`,
  ...said.map((line) => `    | ${line}`),
];

const count = (value: number): string => value.toLocaleString('en-US');
