/** `whaleflow skip RUN/LEAF`: does without a leaf that is at work, or waits. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { skip } from '../../workbench/steer.ts';
import { addressText } from '../address.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { shellWord } from '../program-words.ts';
import { addressed, shortIds } from '../runs.ts';
import { steeringOf } from '../steering.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [word = ''] = input.words;
  const workbench = await context.workbench();
  const { row, path } = addressed(workbench, word);
  if (path === undefined || path === '') {
    throw new WhaleFlowError('WF2002', 'skip takes RUN/LEAF', {
      hint: `to end the run: whaleflow cancel ${shellWord(word)}     its leaves: whaleflow show ${shellWord(word)}`,
    });
  }
  const heard = await skip(workbench, { row, path }, steeringOf(context.host));
  const { output } = context;
  const short = shortIds(workbench.store('write').runs())(row.run);
  if (output.isJson) output.json({ schema: 'whaleflow.skipped/1', run: row.run, path, heard });
  else {
    const shown = addressText(short, path);
    output.data(`${heard === 'heard' ? 'skipped' : 'will skip'} ${shown}   what needs it is too`);
    if (heard === 'left') output.talk(`nobody drives it: whaleflow resume ${short}`);
  }
  return 0;
}
