/** `whaleflow approvals`: what waits for a person, in all runs. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { waitingApprovals } from '../../workbench/approvals.ts';
import { addressWord } from '../address.ts';
import { approvalJson, approvalTable } from '../approval-table.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { shellWord } from '../program-words.ts';
import { existingStore, shortIds } from '../runs.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [what = 'ls'] = input.words;
  if (what !== 'ls') {
    throw new WhaleFlowError('WF2002', `approvals knows ls, not \`${what}\``, {
      hint: `to answer: whaleflow approve ${shellWord(what)}     or: whaleflow deny ${shellWord(what)}`,
    });
  }
  const workbench = await context.workbench();
  const store = existingStore(workbench);
  const approvals = store === undefined ? [] : waitingApprovals(store);
  const { output } = context;
  if (output.isJson) {
    output.json({ schema: 'whaleflow.approvals/1', approvals: approvals.map(approvalJson) });
    return 0;
  }
  if (approvals.length === 0) {
    output.talk('nothing waits for you');
    return 0;
  }
  const short = shortIds(store?.runs() ?? []);
  const now = workbench.clock.now();
  for (const line of approvalTable(context, approvals, { short, now })) output.data(line);
  const [first] = approvals;
  if (first !== undefined) {
    const which = addressWord(short(first.run), first.path);
    output.talk(`answer: whaleflow approve ${which}     or: whaleflow deny ${which}`);
  }
  return 0;
}
