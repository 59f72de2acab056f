/** What a candidate’s test commands say, last iterations only: exit statuses first, then counted tests. */
import { isJsonObject } from '../../base/json.ts';
import { isSuccess, type RunState, type Settled } from '../../trace/run-state.ts';
import { leavesBelow } from '../../workflow/plan.ts';
import { readField, resolve, settledOf, viewpointOf } from '../viewpoint.ts';

export interface TestTally {
  readonly commands: number;
  readonly commandsPassed: number;
  /** Over all commands; undefined where one of them has no counts. */
  readonly counts: TestCounts | undefined;
  /** From 0 to 1: the mean over the commands; one that failed counts as the share of its tests that passed. */
  readonly share: number;
}

export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Undefined where it has no test command that ended. */
export function testTally(state: RunState, candidate: Settled): TestTally | undefined {
  const ended = endedTests(state, candidate);
  if (ended.length === 0) return undefined;
  const counts = ended.map((test) => (test === undefined ? undefined : countsOf(state, test)));
  const shares = ended.map((test, index) => shareOf(test, counts[index]));
  return {
    commands: ended.length,
    commandsPassed: ended.filter(hasPassed).length,
    counts: counts.every((one) => one !== undefined) ? counts.reduce(add, NONE) : undefined,
    share: shares.reduce((sum, share) => sum + share, 0) / ended.length,
  };
}

/** The share of its test commands that exited 0: what counted before tests were counted. */
export function commandShare(state: RunState, candidate: Settled): number | undefined {
  const ended = endedTests(state, candidate);
  return ended.length === 0 ? undefined : ended.filter(hasPassed).length / ended.length;
}

const NONE: TestCounts = { passed: 0, failed: 0, skipped: 0 };

const hasPassed = (test: Settled | undefined): boolean => test !== undefined && isSuccess(test);

function endedTests(state: RunState, { plan, path }: Settled): readonly (Settled | undefined)[] {
  const tests = leavesBelow(plan).filter(
    ({ node }) => node.task.type === 'command' && node.task.purpose === 'test',
  );
  const view = viewpointOf(plan, path);
  return tests.flatMap(({ node }) => settledOf(state, resolve(state, view, { node: node.id })));
}

/** A command that failed although all that it counted passed has failed at something else. */
function shareOf(test: Settled | undefined, counts: TestCounts | undefined): number {
  if (hasPassed(test)) return 1;
  if (counts === undefined) return 0;
  return counts.passed / (counts.passed + Math.max(1, counts.failed));
}

function countsOf(state: RunState, { path }: Settled): TestCounts | undefined {
  const said = readField(state, { type: 'one', path }, 'tests');
  if (!isJsonObject(said) || said['status'] !== 'found') return undefined;
  const { passed, failed, skipped } = said;
  return isCount(passed) && isCount(failed) && isCount(skipped)
    ? { passed, failed, skipped }
    : undefined;
}

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const add = (a: TestCounts, b: TestCounts): TestCounts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
});
