/** `whaleflow approve` and `deny`: the answer to one question, from any terminal. */
import type { ExitStatus } from '../base/error-codes.ts';
import { answer } from '../workbench/approvals.ts';
import { addressText } from './address.ts';
import type { CommandContext } from './context.ts';
import type { CommandInput } from './input.ts';
import { addressed, shortIds } from './runs.ts';
import { steeringOf } from './steering.ts';
import { typed } from './typed.ts';

export async function answerQuestion(
  context: CommandContext,
  input: CommandInput,
  approved: boolean,
): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const address = addressed(workbench, input.words[0]);
  const reason = input.text('reason');
  const isForGood = input.has('always');
  const request = { approved, isForGood, ...(reason === undefined ? {} : { reason }) };
  const { path, heard } = await answer(workbench, address, request, steeringOf(context.host));
  const { output } = context;
  const { run } = address.row;
  if (output.isJson) {
    const always = isForGood;
    output.json({ schema: 'whaleflow.answered/1', run, path, approved, always, heard });
    return 0;
  }
  const short = shortIds(workbench.store('write').runs())(run);
  const word = approved ? 'approved' : 'denied';
  output.data(`${word} ${addressText(short, path)}   ${typed(`watch ${short}`)}`);
  if (isForGood) output.talk('the same question of the same file is answered so from now on');
  if (heard === 'left') output.talk(`nobody drives it: whaleflow resume ${short}`);
  return 0;
}
