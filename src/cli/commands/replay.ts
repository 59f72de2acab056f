/** `whaleflow replay RUN`: decides again from the recorded facts, and says where it comes out differently. */
import { type ErrorCode, type ExitStatus, errorCodes } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { type ReplayReport, replayRun } from '../../workbench/replay-run.ts';
import { addressText } from '../address.ts';
import type { CommandContext } from '../context.ts';
import { divergenceLines } from '../divergence-lines.ts';
import type { CommandInput } from '../input.ts';
import { shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { lineText, markSegment } from '../segments.ts';

const DIVERGED: ErrorCode = 'WF5002';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { output, host } = context;
  const workbench = await context.workbench();
  const address = addressed(workbench, input.words[0]);
  const report = replayRun(workbench, address, { recorded: input.has('recorded') });
  const store = workbench.store('read');
  const run = shortIds(store.runs())(address.row.run);
  if (output.isJson) output.json(replayJson(address.row.run, report));
  if (report.divergence === undefined) {
    if (!output.isJson) for (const line of identicalLines(context, report, run)) output.data(line);
    return report.verdict === 'identical' ? 0 : errorCodes[DIVERGED].exit;
  }
  const { seq, node } = report.divergence;
  const [event] = store.read(address.row.run, seq - 1, 1);
  const attempt = event !== undefined && 'attempt' in event ? event.attempt : undefined;
  const where = node === '' ? 'the run itself' : addressText('', node, attempt).slice(1);
  const message = `replay of ${run} diverged at ${where}`;
  const notes = [`identical before it: ${fedText(report)}; nothing was called`];
  const file = report.file === undefined ? '' : ` ${shellWord(report.file)}`;
  const hint = `see what a changed run would do: whaleflow fork ${run}${file} --dry-run`;
  output.close();
  if (output.isJson) throw new WhaleFlowError(DIVERGED, message, { notes, hint });
  const width = host.stderr.size()?.columns;
  const lines = divergenceLines(report.divergence, { style: output.talkStyle, width });
  host.stderr.write(
    output.talkStyle.safe(
      [
        `${output.talkStyle.paint('red', `error[${DIVERGED}]`)}: ${message}`,
        ...lines,
        ...notes.map((note) => `   = note: ${note}`),
        `${output.talkStyle.paint('cyan', 'help')}: ${hint}`,
        '',
      ].join('\n'),
    ),
  );
  return errorCodes[DIVERGED].exit;
}

const fedText = ({ leaves }: ReplayReport): string =>
  leaves === 1 ? '1 leaf' : `${leaves} leaves`;

function identicalLines(
  { output }: CommandContext,
  report: ReplayReport,
  run: string,
): readonly string[] {
  const { facts, decisions, providerCalls, processes, against, file } = report;
  const { style, columns } = output;
  const spec = against === 'file' ? `${file} as it is now` : 'the recorded workflow';
  const counts = `${facts} facts, ${decisions} decisions, ${fedText(report)} fed from the record`;
  const doors = `${providerCalls} provider calls, ${processes} processes`;
  return [
    lineText(
      [
        markSegment('done', style),
        { text: ' identical', paint: 'bold' },
        { text: `   ${run} under ${spec}` },
      ],
      style,
      columns,
    ),
    lineText([{ text: `  ${counts}` }], style, columns),
    lineText([{ text: `  ${doors}` }], style, columns),
  ];
}

function replayJson(run: string, report: ReplayReport): JsonObject {
  const { verdict, divergence, facts, decisions, leaves, against, file } = report;
  return {
    schema: 'whaleflow.replay/1',
    run,
    verdict,
    against,
    file: file ?? null,
    facts,
    decisions,
    leaves,
    provider_calls: report.providerCalls,
    processes: report.processes,
    divergence: divergence === undefined ? null : { ...divergence },
  };
}
