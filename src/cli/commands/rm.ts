/** `whaleflow rm RUN…`: deletes finished runs with all that belongs to them. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { removeRuns } from '../../workbench/remove-runs.ts';
import { costText, leavesText } from '../amounts.ts';
import { ask } from '../ask.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { refuseLeaf } from '../refuse-leaf.ts';
import { addressed, shortIds } from '../runs.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const addresses = input.words.map((word) => addressed(workbench, word));
  for (const address of addresses) refuseLeaf(address, 'rm');
  const rows = addresses.map(({ row }) => row);
  const short = shortIds(workbench.store('write').runs());
  const { output, flags, mayAsk } = context;
  if (!flags.yes) {
    if (!mayAsk) {
      throw new WhaleFlowError(
        'WF2101',
        'runs would be deleted for good, and nobody can be asked',
        {
          notes: rows.map(({ run: id, workflow }) => `${id} ${workflow}`),
          hint: `whaleflow rm ${rows.map(({ run: id }) => id).join(' ')} -y`,
        },
      );
    }
    for (const { run: id, workflow, done, costMicroUsd, costStatus } of rows) {
      const cost = costText(costMicroUsd, costStatus);
      output.talk(`${short(id)}  ${workflow}  ${leavesText(done)}, ${cost}: trace, patches, trees`);
    }
    if (!(await ask(context, ' [Enter] delete for good   [Esc] no '))) {
      output.talk('nothing was deleted');
      return 1;
    }
  }
  const left = await removeRuns(workbench, rows);
  for (const line of left) output.note(`left behind: ${line}`);
  const removed = rows.map(({ run: id }) => id);
  if (output.isJson) output.json({ schema: 'whaleflow.removed/1', removed, left });
  else output.data(`deleted ${removed.map(short).join(', ')}`);
  return 0;
}
