/** `whaleflow pause RUN`: leaves in flight end as they would, nothing new begins. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { pause } from '../../workbench/steer.ts';
import { leavesText } from '../amounts.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';
import { refuseLeaf } from '../refuse-leaf.ts';
import { addressed, shortIds } from '../runs.ts';
import { standingOf, wordOfState } from '../standing.ts';
import { steeringOf } from '../steering.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const workbench = await context.workbench();
  const address = addressed(workbench, input.words[0]);
  refuseLeaf(address, 'pause');
  const heard = await pause(workbench, address.row, steeringOf(context.host));
  const store = workbench.store('write');
  const row = store.run(address.row.run) ?? address.row;
  const { state } = standingOf(workbench, store, row);
  const { output } = context;
  const short = shortIds(store.runs())(row.run);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.paused/1', run: row.run, state, in_flight: row.inFlight });
    return 0;
  }
  const running =
    row.inFlight === 0
      ? ''
      : `   ${leavesText(row.inFlight)} in flight ${row.inFlight === 1 ? 'ends' : 'end'} first`;
  const said = heard === 'already' ? `${short} is ${wordOfState[state]} already` : `${short} `;
  output.data(heard === 'already' ? said : `${said}${wordOfState[state]}${running}`);
  output.talk(`go on: whaleflow resume ${short}`);
  return 0;
}
