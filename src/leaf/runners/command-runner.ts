/** Runs a command in the leaf’s tree, through the sandbox, with an environment of its own. */
import { canonicalJson } from '../../model/canonical-json.ts';
import type { ProcessReport } from '../../sandbox/sandbox.ts';
import type { CommandTask } from '../../workflow/task.ts';
import { failure } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport } from '../leaf-runner.ts';
import { commandArgv, commandText } from './command-argv.ts';
import { type CommandEnd, commandReport } from './command-output.ts';
import { commandRefusal } from './command-permit.ts';
import { folderBelow } from './command-place.ts';
import { confinementHint } from './confinement-hint.ts';
import { fullText, isCut, tailText } from './stream-text.ts';
import { countTests, type TestCounts } from './test-counts.ts';
import { type OpenFiles, openTestReport, type TestReport } from './test-report.ts';
import { type ProcessParts, type RanProcess, runInTree } from './tree-process.ts';

/** Bytes of each stream that the output of the leaf holds. */
const MAX_OUTPUT_TEXT_BYTES = 32 * 1024;
/** Of the end of each stream, in which the reason for a failure stands. */
const HINT_BYTES = 8 * 1024;

export interface CommandParts extends ProcessParts {
  /** Reads reports of tests; none are read where absent. */
  readonly files?: OpenFiles;
}

export function commandRunner({ files, ...parts }: CommandParts): LeafRunner<CommandTask> {
  return {
    async run(job, world, signal) {
      const command = commandArgv(job);
      const refusal = commandRefusal(job, commandText(command), world.sandbox.level);
      if (refusal !== undefined) return { status: 'failed', failure: refusal };
      if (world.root === undefined) return NO_TREE;
      const place = await folderBelow(world.root, job.node.task.cwd);
      if ('failure' in place) return { status: 'failed', failure: place.failure };
      const { timeoutMs } = job.node.task;
      let written: TestReport | undefined;
      const around = async (temporary: string): Promise<TestReport | undefined> => {
        const folders = { folder: place.cwd, temporary };
        if (files !== undefined) written = await openTestReport(job.node.task, folders, files);
        return written;
      };
      const process = { ...parts, ...place, argv: command.argv, timeoutMs, around };
      const { report, toShown } = await runInTree(job, world, process, signal);
      const told = `${tailText(report.stdout, HINT_BYTES)}\n${tailText(report.stderr, HINT_BYTES)}`;
      const hint = confinementHint(job, world.sandbox.level, toShown(told));
      const tests = await testsOf(job, report, written);
      return toReport(job, world.host, { shown: command.shown, report, toShown, hint, tests });
    },
  };
}

const NO_TREE: RunnerReport = {
  status: 'failed',
  failure: failure('sandbox', 'a command needs a tree, and this run has none'),
};

/** Its own report tells more than what it printed; undefined where it is no test. */
async function testsOf(
  { node }: LeafJob<CommandTask>,
  { stdout, stderr }: ProcessReport,
  written: TestReport | undefined,
): Promise<TestCounts | undefined> {
  if (node.task.purpose !== 'test') return undefined;
  const printed = { stdout: fullText(stdout), stderr: fullText(stderr) };
  const counts = await written?.counts();
  return counts ?? countTests({ ...printed, isCut: isCut(stdout) || isCut(stderr) });
}

interface RanCommand extends RanProcess {
  readonly shown: readonly string[];
  readonly hint: string | undefined;
  readonly tests: TestCounts | undefined;
}

/** The output holds the ends of the streams, the record as much of them as was kept. */
function toReport(
  job: LeafJob<CommandTask>,
  host: LeafHost,
  { shown, report, toShown, hint, tests }: RanCommand,
): RunnerReport {
  const withTexts = (text: (stream: ProcessReport['stdout']) => string): RunnerReport =>
    commandReport(job, shown, {
      ...toEnd(report, (stream) => toShown(text(stream))),
      ...(hint === undefined ? {} : { hint }),
      ...(tests === undefined ? {} : { tests }),
    });
  const recorded = withTexts(fullText);
  void host.record({
    type: 'tool.called',
    path: job.path,
    attempt: job.attempt,
    tool: 'command',
    input: host.keep(canonicalJson({ argv: shown, cwd: job.node.task.cwd ?? '.' }), 'json'),
    output: host.keep(canonicalJson(recorded.output ?? null), 'json'),
    exitCode: report.exitCode,
    latencyMs: Math.max(0, Math.round(report.durationMs)),
    ...(recorded.status === 'failed' ? { failure: recorded.failure } : {}),
  });
  return withTexts((stream) => tailText(stream, MAX_OUTPUT_TEXT_BYTES));
}

function toEnd(
  { exitCode, signal, timedOut, aborted, spawnError, stdout, stderr }: ProcessReport,
  text: (stream: ProcessReport['stdout']) => string,
): CommandEnd {
  const whyNot = spawnError === undefined ? {} : { spawnError };
  return {
    exitCode,
    signal,
    timedOut,
    aborted,
    ...whyNot,
    stdout: text(stdout),
    stderr: text(stderr),
  };
}
