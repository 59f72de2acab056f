/**
 * Tries on the winner what one losing branch left. Only files count that stand on the winner as they
 * stood where the loser was forked: taking those from the loser overwrites nothing of the winner’s.
 * Tests among them are put on the winner’s tree, in a tree of their own, and kept where the check passes.
 */
import type { Json } from '../../base/json.ts';
import { isJsonObject } from '../../base/json.ts';
import type { Fruit, TreeRef } from '../../trace/events.ts';
import { attemptAddress } from '../../workflow/node-path.ts';
import { type CommandTask, type HarvestTask, joinArgv } from '../../workflow/task.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import { failure, listSome, messageOf } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerWorld } from '../leaf-runner.ts';
import { commandArgv } from './command-argv.ts';
import { isTestFile } from './test-file.ts';

export interface HarvestRunnerParts {
  readonly workspace: Workspace;
  /** Runs the check. */
  readonly command: LeafRunner<CommandTask>;
}

/** Files that the record names; what passed is in the patch as a whole. */
const MAX_LISTED_FILES = 100;

type Job = LeafJob<HarvestTask>;

export function harvestRunner(parts: HarvestRunnerParts): LeafRunner<HarvestTask> {
  return {
    async run(job, world, signal) {
      const sides = sidesOf(job);
      if (sides === undefined) {
        const message = 'the loser left no tree that could be tried on the winner';
        return { status: 'failed', failure: failure('sandbox', message) };
      }
      try {
        const left = await leftBehind(parts.workspace, sides, signal);
        if (left.tests.length === 0) return toReport(job, sides, left, undefined);
        const place = { ...parts, ...world, sides };
        const check = await runChecks(job, place, left.tests, signal);
        return 'failure' in check ? check.failure : toReport(job, sides, left, check);
      } catch (thrown) {
        return { status: 'failed', failure: failure('sandbox', messageOf(thrown)) };
      }
    },
  };
}

interface Sides {
  readonly winner: string;
  /** The winner’s tree, in which the tests are tried. */
  readonly tree: TreeRef;
  readonly loser: { readonly name: string; readonly base: string; readonly commit: string };
}

function sidesOf({ inputs, tree }: Job): Sides | undefined {
  const { winner, loser } = inputs;
  if (tree === undefined || typeof winner !== 'string' || !isJsonObject(loser)) return undefined;
  const { name, base, commit } = loser;
  if (typeof name !== 'string' || typeof base !== 'string' || typeof commit !== 'string') {
    return undefined;
  }
  return { winner, tree, loser: { name, base, commit } };
}

interface Left {
  readonly tests: readonly string[];
  readonly others: readonly string[];
}

async function leftBehind(
  workspace: Workspace,
  { tree, loser }: Sides,
  signal: AbortSignal,
): Promise<Left> {
  const [changed, moved] = await Promise.all([
    workspace.changes(loser.base, loser.commit, signal),
    workspace.changes(loser.base, tree.commit, signal),
  ]);
  const taken = new Set(moved.map(({ path }) => path));
  const free = changed.filter(({ path }) => !taken.has(path));
  const isTest = ({ path, change }: (typeof free)[number]): boolean =>
    change !== 'D' && isTestFile(path);
  return {
    tests: free.filter(isTest).map(({ path }) => path),
    others: free.filter((file) => !isTest(file)).map(({ path }) => path),
  };
}

interface Check {
  readonly exitCode: number;
  /** The winner’s tree with the tests in it. */
  readonly commit: string;
  /** The tests that were in it. */
  readonly tests: readonly string[];
  /** Tests with which the check fails. */
  readonly failing: readonly string[];
}

interface CheckPlace extends HarvestRunnerParts, RunnerWorld {
  readonly sides: Sides;
}

type Checked = Check | { readonly failure: RunnerReport };

/** More tests than these are not told apart when one of them fails. */
const MAX_TRIED_ALONE = 8;

/** All together first; where that fails each alone, and those that hold together once more. */
async function runChecks(
  job: Job,
  place: CheckPlace,
  tests: readonly string[],
  signal: AbortSignal,
): Promise<Checked> {
  const all = await runCheck(job, place, tests, signal);
  const isSettled = 'failure' in all || all.exitCode === 0;
  if (isSettled || tests.length === 1 || tests.length > MAX_TRIED_ALONE) return all;
  const holding: Check[] = [];
  for (const test of tests) {
    const alone = await runCheck(job, place, [test], signal);
    if ('failure' in alone) return alone;
    if (alone.exitCode === 0) holding.push(alone);
  }
  const [first, second] = holding;
  if (first === undefined) return all;
  const names = holding.flatMap((one) => one.tests);
  const kept = second === undefined ? first : await runCheck(job, place, names, signal);
  if ('failure' in kept) return kept;
  if (kept.exitCode !== 0) return all;
  return { ...kept, failing: tests.filter((test) => !names.includes(test)) };
}

/** What a check says that could not run to its end is a failure of the leaf, and nothing about the tests. */
async function runCheck(
  job: Job,
  { workspace, command, sides, ...world }: CheckPlace,
  tests: readonly string[],
  signal: AbortSignal,
): Promise<Checked> {
  const { run } = job;
  const { key, commit: onto } = sides.tree;
  const from = sides.loser.commit;
  const name = attemptAddress(job.path, job.attempt);
  const commit = await workspace.graft({ run, onto, from, paths: tests, name }, signal);
  const tree = await workspace.open({ run, tree: key, commit }, signal);
  try {
    const report = await command.run(asCommand(job), { ...world, root: tree.root }, signal);
    const exitCode = isJsonObject(report.output) ? report.output['exitCode'] : undefined;
    const isKnown = report.status !== 'failed' || report.failure.kind === 'exit';
    if (!isKnown || typeof exitCode !== 'number') return { failure: report };
    return { exitCode, commit, tests, failing: exitCode === 0 ? [] : tests };
  } finally {
    await tree.release();
  }
}

function asCommand(job: Job): LeafJob<CommandTask> {
  return { ...job, node: { ...job.node, task: job.node.task.check } };
}

function toReport(job: Job, sides: Sides, left: Left, check: Check | undefined): RunnerReport {
  const isPassed = check?.exitCode === 0;
  const output: Json = {
    winner: sides.winner,
    loser: sides.loser.name,
    tests: left.tests.slice(0, MAX_LISTED_FILES),
    files: left.others.slice(0, MAX_LISTED_FILES),
    exitCode: check?.exitCode ?? null,
    passed: check === undefined ? null : isPassed,
    failing: (check?.failing ?? []).slice(0, MAX_LISTED_FILES),
  };
  const fruit = [
    ...(check === undefined ? [] : testFruit(job, sides, check)),
    ...patchFruit(job, sides, left),
  ];
  const kept = check !== undefined && isPassed ? { commit: check.commit } : {};
  return { status: 'succeeded', output, fruit, ...kept };
}

function testFruit(
  job: Job,
  { winner, loser }: Sides,
  { tests, failing, exitCode }: Check,
): readonly Fruit[] {
  const command = joinArgv(commandArgv(asCommand(job)).shown);
  const evidence = evidenceOf(job, loser.name);
  const held = tests.filter((test) => !failing.includes(test)).slice(0, MAX_LISTED_FILES);
  const passing = held.map(
    (file): Fruit => ({
      type: 'test',
      title: `${file} of ${loser.name} passes on ${winner}`,
      value: { file, command, exitCode },
      evidence,
    }),
  );
  if (failing.length === 0) return passing;
  const how = exitCode === 0 ? 'fails' : `exit status ${exitCode}`;
  const title = `${listSome(failing)} of ${loser.name}: ${how} on ${winner}`;
  const files = failing.slice(0, MAX_LISTED_FILES);
  const status = exitCode === 0 ? {} : { exitCode };
  return [...passing, { type: 'finding', title, value: { files, command, ...status }, evidence }];
}

/** By reference: the two commits are kept with the run. */
function patchFruit(job: Job, { winner, loser }: Sides, { others }: Left): readonly Fruit[] {
  if (others.length === 0) return [];
  const { name, base, commit } = loser;
  return [
    {
      type: 'patch',
      title: `${listSome(others)} of ${name}, untouched by ${winner}`,
      value: { files: others.slice(0, MAX_LISTED_FILES), base, commit },
      evidence: evidenceOf(job, name),
    },
  ];
}

const evidenceOf = (job: Job, loser: string): readonly string[] => [
  attemptAddress(job.path, job.attempt),
  loser,
];
