/** `whaleflow export RUN`: one run as a file that answers questions. */
import { resolve } from 'node:path';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { exportFormat } from '../../export/formats.ts';
import type { ContentLevel, RunTrace } from '../../export/run-trace.ts';
import { exportRun } from '../../workbench/export-run.ts';
import { writeOutput } from '../../workbench/write-new-file.ts';
import { bytesText } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { addressed } from '../runs.ts';

const LEVELS: readonly string[] = ['full', 'preview', 'metadata'] satisfies readonly ContentLevel[];

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const { flags, output } = context;
  const name = flags.format === 'table' ? 'json' : flags.format;
  const format = exportFormat(name);
  if (format === undefined)
    throw new WhaleFlowError('WF2002', `no export format \`${name}\``, {
      hint: 'whaleflow export --help lists them',
    });
  const content = readLevel(input);
  const workbench = await context.workbench();
  const address = addressed(workbench, readRun(input));
  const redact = !input.has('no-redact');
  const { trace, pieces } = exportRun(workbench, address, { format, content, redact });
  if (!redact) output.talk('not redacted: the file may hold secrets');
  if (flags.output === undefined) {
    const decoder = new TextDecoder();
    for (const piece of pieces)
      output.raw(typeof piece === 'string' ? piece : decoder.decode(piece));
    return 0;
  }
  const path = resolve(context.cwd, flags.output);
  const file = { path, pieces, force: flags.force };
  const bytes = writeOutput(file);
  output.talk(`wrote ${flags.output}: ${bytesText(bytes)}, ${sizeText(trace)}`);
  return 0;
}

/** `export run RUN` is the same as `export RUN`. */
function readRun({ words }: CommandInput): string | undefined {
  const [first, ...rest] = words;
  const given = first === 'run' ? rest : words;
  if (given.length <= 1) return given[0];
  throw new WhaleFlowError('WF2002', `export takes one run, not ${given.length}`, {
    hint: 'one file a run: whaleflow export RUN -o FILE',
  });
}

function readLevel(input: CommandInput): ContentLevel {
  const level = input.text('content') ?? 'full';
  if (LEVELS.includes(level)) return level as ContentLevel;
  throw new WhaleFlowError('WF2002', `--content takes ${LEVELS.join(', ')}, not \`${level}\``);
}

function sizeText({ steps, complete, redaction }: RunTrace): string {
  const taken = Object.values(redaction.counts).reduce((sum, count) => sum + count, 0);
  const parts = [
    `${steps.length} steps`,
    `content ${redaction.content}`,
    redaction.level === 'none'
      ? 'not redacted'
      : `${taken} ${taken === 1 ? 'value' : 'values'} redacted`,
    redaction.replayable ? 'replayable' : 'not replayable',
    complete ? '' : 'partial: the run has not ended',
  ];
  return parts.filter((part) => part !== '').join(', ');
}
