/** `whaleflow pin [RUN]`: keeps a run from `rm` and the janitor; without one, lists what is kept. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { pin, pinnedRuns, unpin } from '../../workbench/pins.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { refuseLeaf } from '../refuse-leaf.ts';
import { addressed, shortIds } from '../runs.ts';
import { typed } from '../typed.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [word] = input.words;
  const workbench = await context.workbench();
  const { output } = context;
  if (word === undefined) {
    const pinned = [...pinnedRuns(workbench)].sort();
    if (output.isJson) output.json({ schema: 'whaleflow.pins/1', pinned });
    else if (pinned.length === 0) output.talk('no run is pinned');
    else for (const one of pinned) output.data(one);
    return 0;
  }
  const address = addressed(workbench, word);
  refuseLeaf(address, 'pin');
  const { run: id } = address.row;
  const isOff = input.has('off');
  if (isOff) unpin(workbench, id);
  else pin(workbench, id);
  if (output.isJson) output.json({ schema: 'whaleflow.pinned/1', run: id, pinned: !isOff });
  else {
    const short = shortIds(workbench.store('read').runs())(id);
    output.data(
      isOff ? `${short} may be deleted` : `kept ${short}   ${typed(`pin ${short} --off`)}`,
    );
  }
  return 0;
}
