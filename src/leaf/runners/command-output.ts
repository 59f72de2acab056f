/** What a command gives, really run or mocked. */
import type { Json } from '../../base/json.ts';
import type { Fruit } from '../../trace/events.ts';
import type { Failure } from '../../trace/outcome.ts';
import { attemptAddress } from '../../workflow/node-path.ts';
import { type CommandTask, joinArgv } from '../../workflow/task.ts';
import { failure } from '../failure.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { RunnerReport } from '../leaf-runner.ts';
import { countTests, type TestCounts } from './test-counts.ts';

/** How the process ended; its texts as they go into the output. */
export interface CommandEnd {
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly aborted: boolean;
  readonly spawnError?: string;
  /** What the sandbox may have had to do with it. */
  readonly hint?: string;
  readonly stdout: string;
  readonly stderr: string;
  /** Of a test: what its tests came to; what its texts say where absent. */
  readonly tests?: TestCounts;
}

/** Failed unless the exit status is one of the task’s; the output is there in every case. */
export function commandReport(
  job: LeafJob<CommandTask>,
  argv: readonly string[],
  end: CommandEnd,
): RunnerReport {
  const why = whyFailed(job.node.task, argv, end);
  const { exitCode, timedOut, signal, stdout, stderr } = end;
  const passed = why === undefined;
  const isTest = job.node.task.purpose === 'test';
  const tests = isTest ? (end.tests ?? countTests({ stdout, stderr, isCut: false })) : undefined;
  const counted = tests === undefined ? {} : { tests: { ...tests } };
  const output: Json = { exitCode, passed, timedOut, signal, stdout, stderr, ...counted };
  const fruit =
    isTest && !end.aborted
      ? [
          {
            type: 'test' as const,
            title: joinArgv(argv),
            value: { exitCode, passed, ...counted },
            evidence: [attemptAddress(job.path, job.attempt)],
          },
          ...metricOf(job, argv, tests),
        ]
      : [];
  return why === undefined
    ? { status: 'succeeded', output, fruit }
    : { status: 'failed', failure: why, output, fruit };
}

/** How many tests passed, where they were counted. */
function metricOf(
  job: LeafJob<CommandTask>,
  argv: readonly string[],
  tests: TestCounts | undefined,
): readonly Fruit[] {
  // That none ran is no figure to compare anybody by.
  if (tests?.status !== 'found' || tests.passed + tests.failed === 0) return [];
  const { status: _status, ...value } = tests;
  return [
    {
      type: 'metric',
      title: `${tests.passed} of ${tests.passed + tests.failed} tests passed: ${joinArgv(argv)}`,
      value,
      evidence: [attemptAddress(job.path, job.attempt)],
    },
  ];
}

function whyFailed(
  task: CommandTask,
  argv: readonly string[],
  end: CommandEnd,
): Failure | undefined {
  const command = joinArgv(argv);
  if (end.aborted) return failure('lost', `ended before it was done: ${command}`);
  if (end.timedOut) return failure('timeout', `not done after ${task.timeoutMs} ms: ${command}`);
  if (end.spawnError !== undefined) return failure('exit', `cannot start: ${end.spawnError}`);
  if (end.exitCode === null) return failure('exit', `ended by ${end.signal}: ${command}`);
  if (task.okExitCodes.includes(end.exitCode)) return undefined;
  const hint = end.hint === undefined ? '' : ` (${end.hint})`;
  return failure('exit', `exit status ${end.exitCode}: ${command}${hint}`);
}
