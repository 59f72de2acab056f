/** The Test Anything Protocol, version 14 with its subtests: tests are what has no tests below it. */
import type { Counter, Tally } from './tally.ts';

const TEST = /^(?<indent> *)(?<not>not )?ok\b(?<rest>.*)$/;
const PLAN = /^1\.\.(?<count>\d+)(?: *#.*)?$/;
const DIRECTIVE = /(?:^|[^\\])# *(?:skip|todo)/i;
/** Producers that end with sums of their own are read by those. */
const SUM = /^# pass +\d+$/;
/** What a test says about itself stands between these. */
const NOTE_BEGINS = /^ *---$/;
const NOTE_ENDS = /^ *\.\.\.$/;

interface Point {
  readonly depth: number;
  readonly isFailed: boolean;
  /** Skipped or to do: may fail. */
  readonly isOff: boolean;
  /** Its subtests follow it, in braces; elsewhere they stand before it. */
  readonly isOpening: boolean;
}

export const tap: Counter = {
  source: 'TAP',
  needsAll: true,
  count(lines) {
    if (lines.some((line) => SUM.test(line))) return [];
    const planned = lines.flatMap((line) => PLAN.exec(line)?.groups?.['count'] ?? []).map(Number);
    const points = pointsIn(lines);
    // Without a plan `ok` may be a word like any other.
    if (planned.length === 0 || points.length === 0) return [];
    const top = points.filter(({ depth }) => depth === 0).length;
    const missing = Math.max(0, planned.reduce((sum, count) => sum + count, 0) - top);
    return [...leavesOf(points).map(tallyOf), { passed: 0, failed: missing, skipped: 0 }];
  },
};

function pointsIn(lines: readonly string[]): readonly Point[] {
  const points: Point[] = [];
  let isNote = false;
  for (const line of lines) {
    if (NOTE_BEGINS.test(line)) isNote = true;
    const match = isNote ? null : TEST.exec(line);
    if (NOTE_ENDS.test(line)) isNote = false;
    if (match === null) continue;
    const { indent = '', not, rest = '' } = match.groups ?? {};
    const isOpening = rest.endsWith('{');
    const isOff = DIRECTIVE.test(rest);
    points.push({ depth: indent.length, isFailed: not !== undefined, isOff, isOpening });
  }
  return points;
}

/** Without the points that sum up others, but where one failed although none below it did. */
function leavesOf(points: readonly Point[]): readonly Point[] {
  return points.filter((point, index) => {
    const below = point.isOpening ? after(points, index) : before(points, index);
    if (below.length === 0) return true;
    return point.isFailed && !below.some(({ isFailed, isOff }) => isFailed && !isOff);
  });
}

function after(points: readonly Point[], index: number): readonly Point[] {
  const depth = points[index]?.depth ?? 0;
  let end = index + 1;
  while ((points[end]?.depth ?? 0) > depth) end += 1;
  return points.slice(index + 1, end);
}

function before(points: readonly Point[], index: number): readonly Point[] {
  const depth = points[index]?.depth ?? 0;
  let begin = index;
  while (begin > 0 && (points[begin - 1]?.depth ?? 0) > depth) begin -= 1;
  // What an earlier point opened belongs to that.
  return points[begin - 1]?.isOpening === true ? [] : points.slice(begin, index);
}

function tallyOf({ isFailed, isOff }: Point): Tally {
  return {
    passed: isOff || isFailed ? 0 : 1,
    failed: isFailed && !isOff ? 1 : 0,
    skipped: isOff ? 1 : 0,
  };
}
