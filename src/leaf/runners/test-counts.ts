/**
 * Counts tests by what their runner printed when it ended, or by the report that it wrote. What is not
 * found is said so: no figure is made up, and none is inferred from an exit status.
 */
import { compiled } from './test-counts/compiled.ts';
import { javascript } from './test-counts/javascript.ts';
import { python } from './test-counts/python.ts';
import { scripted } from './test-counts/scripted.ts';
import type { Counter, Tally } from './test-counts/tally.ts';
import { tap } from './test-counts/tap.ts';

/** In the output of a test command, as `tests`. */
export type TestCounts =
  | {
      readonly status: 'found';
      readonly passed: number;
      readonly failed: number;
      readonly skipped: number;
      /** All three together. */
      readonly total: number;
      /** Who said so: `vitest`, `pytest, cargo test`, `JUnit XML`. */
      readonly source: string;
    }
  | { readonly status: 'not_found' };

export interface PrintedTexts {
  readonly stdout: string;
  readonly stderr: string;
  /** Something was left out of the middle of them. */
  readonly isCut: boolean;
}

const COUNTERS: readonly Counter[] = [...javascript, ...python, ...compiled, ...scripted, tap];

/** No closing line is longer. */
const MAX_LINE = 400;

/** The sum over all closing blocks in both texts: a command may run several runners, or one several times. */
export function countTests({ stdout, stderr, isCut }: PrintedTexts): TestCounts {
  const lines = [...linesOf(stdout), ...linesOf(stderr)];
  const found = COUNTERS.filter(({ needsAll }) => !(needsAll && isCut)).flatMap(
    ({ source, count }) => count(lines).map((tally) => ({ source, tally })),
  );
  if (found.length === 0) return { status: 'not_found' };
  const sources = [...new Set(found.map(({ source }) => source))];
  return foundCounts(
    found.map(({ tally }) => tally),
    sources.join(', '),
  );
}

/** Counts of which the source is known. */
export function foundCounts(tallies: readonly Tally[], source: string): TestCounts {
  const sum = (key: keyof Tally): number => tallies.reduce((all, tally) => all + tally[key], 0);
  const [passed, failed, skipped] = [sum('passed'), sum('failed'), sum('skipped')];
  return { status: 'found', passed, failed, skipped, total: passed + failed + skipped, source };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOURS = /\x1b\[[0-9;]*[A-Za-z]/g;

function linesOf(text: string): readonly string[] {
  return text
    .replaceAll(COLOURS, '')
    .split(/\r?\n/)
    .filter((line) => line.length <= MAX_LINE);
}
