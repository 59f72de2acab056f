/** `whaleflow explain CODE`: what an error means and what to do. */
import { suggestion } from '../../base/did-you-mean.ts';
import { type ErrorCode, type ExitStatus, errorCodes } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { CommandContext } from '../context.ts';
import { errorExamples } from '../error-examples.ts';
import { exitStatuses } from '../help-topics.ts';
import type { CommandInput } from '../input.ts';

export async function run({ output }: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const code = readCode(input.words[0] ?? '');
  const { title, explain, exit, http } = errorCodes[code];
  const example = errorExamples[code] ?? [];
  if (output.isJson) {
    output.json({ schema: 'whaleflow.explain/1', code, title, explain, example, exit, http });
    return 0;
  }
  const { style } = output;
  output.data(`${style.paint('bold', code)}: ${title}`);
  output.data('');
  output.data(`  ${explain}`);
  if (example.length > 0) output.data('');
  for (const line of example) output.data(`    ${line}`);
  output.data('');
  output.data(style.paint('dim', `  exit status ${exit}: ${exitStatuses[exit]}`));
  return 0;
}

/** `WF1203`, `wf1203` or `1203`. */
function readCode(word: string): ErrorCode {
  const code = `WF${word.toUpperCase().replace(/^WF/, '')}`;
  if (Object.hasOwn(errorCodes, code)) return code as ErrorCode;
  const hint =
    suggestion(code, Object.keys(errorCodes)) ??
    'a code stands in the brackets of an error: whaleflow explain WF2002';
  throw new WhaleFlowError('WF2010', `no error code \`${word}\``, { hint });
}
