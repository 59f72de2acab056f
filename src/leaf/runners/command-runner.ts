/** Runs a command in the leaf’s tree, through the sandbox, with an environment of its own. */
import { canonicalJson } from '../../model/canonical-json.ts';
import type { ProcessReport, ProcessRequest } from '../../sandbox/sandbox.ts';
import type { CommandTask } from '../../workflow/task.ts';
import { failure } from '../failure.ts';
import type { LeafHost } from '../leaf-host.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerWorld } from '../leaf-runner.ts';
import { commandArgv, commandText } from './command-argv.ts';
import { type CommandEnd, commandReport } from './command-output.ts';
import { commandRefusal } from './command-permit.ts';
import {
  commandEnvironment,
  folderBelow,
  type HostEnvironment,
  locationFree,
  privateHome,
} from './command-place.ts';
import { fullText, tailText } from './stream-text.ts';

export interface CommandRunnerParts {
  /** What names in `permissions.env` are looked up in; `PATH` and `LANG` come from here too. */
  readonly environment: HostEnvironment;
  /** Where private homes are made. */
  readonly temporaryFolder: string;
}

/** Bytes of each stream that the output of the leaf holds. */
const MAX_OUTPUT_TEXT_BYTES = 32 * 1024;
/** Bytes of each stream that the record keeps. */
const MAX_RECORDED_BYTES = 4 * 1024 * 1024;

export function commandRunner(parts: CommandRunnerParts): LeafRunner<CommandTask> {
  return {
    async run(job, world, signal) {
      const command = commandArgv(job);
      const refusal = commandRefusal(job, commandText(command), world.sandbox.level);
      if (refusal !== undefined) return { status: 'failed', failure: refusal };
      if (world.root === undefined) return NO_TREE;
      const place = await folderBelow(world.root, job.node.task.cwd);
      if ('failure' in place) return { status: 'failed', failure: place.failure };
      const spot = { ...parts, ...place, argv: command.argv };
      const { report, toShown } = await runProcess(job, world, spot, signal);
      return toReport(job, world.host, { shown: command.shown, report, toShown });
    },
  };
}

const NO_TREE: RunnerReport = {
  status: 'failed',
  failure: failure('sandbox', 'a command needs a tree, and this run has none'),
};

interface Spot extends CommandRunnerParts {
  readonly argv: readonly string[];
  readonly base: string;
  readonly cwd: string;
}

interface Ran {
  readonly report: ProcessReport;
  /** Makes a text of the process fit to be shown. */
  readonly toShown: (text: string) => string;
}

async function runProcess(
  { node }: LeafJob<CommandTask>,
  { sandbox, host }: RunnerWorld,
  { argv, base, cwd, environment, temporaryFolder }: Spot,
  signal: AbortSignal,
): Promise<Ran> {
  const home = await privateHome(temporaryFolder);
  const decoder = new TextDecoder();
  const request: ProcessRequest = {
    argv,
    root: base,
    cwd,
    env: commandEnvironment(environment, node.permissions.env, home),
    timeoutMs: node.task.timeoutMs,
    maxOutputBytes: MAX_RECORDED_BYTES,
    writable: node.mode === 'read_write' ? [base] : [],
    scratch: [home.home, home.temporary],
    network: node.permissions.network,
    onOutput: (_stream, chunk) => {
      host.live({ kind: 'output', text: decoder.decode(chunk, { stream: true }) });
    },
  };
  try {
    const report = await sandbox.run(request, signal);
    return { report, toShown: (text) => locationFree(withoutMark(text, report), base, home) };
  } finally {
    await home.close();
  }
}

/** Equal work gives equal output: which run, and which process of it, is no part of that. */
const withoutMark = (text: string, { mark }: ProcessReport): string =>
  mark === undefined ? text : text.replaceAll(mark, 'leaf');

/** The output holds the ends of the streams, the record as much of them as was kept. */
function toReport(
  job: LeafJob<CommandTask>,
  host: LeafHost,
  { shown, report, toShown }: Ran & { readonly shown: readonly string[] },
): RunnerReport {
  const withTexts = (text: (stream: ProcessReport['stdout']) => string): RunnerReport =>
    commandReport(
      job,
      shown,
      toEnd(report, (stream) => toShown(text(stream))),
    );
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
