/** `whaleflow budget RUN --max-…`: other ceilings for a run that is not finished. */
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { setBudget } from '../../workbench/steer.ts';
import { leavesText, stepsText, usdText } from '../amounts.ts';
import { boundByConfig, readCeilings } from '../ceilings.ts';
import type { CommandContext } from '../context.ts';
import { durationText } from '../duration.ts';
import type { CommandInput } from '../input.ts';
import { refuseLeaf } from '../refuse-leaf.ts';
import { addressed, shortIds } from '../runs.ts';
import { steeringOf } from '../steering.ts';

export async function run(context: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const ceilings = await boundByConfig(context, readCeilings(input));
  const budget = ceilings as Readonly<Record<string, number>>;
  if (Object.keys(budget).length === 0) {
    throw new WhaleFlowError('WF2002', 'budget needs a ceiling', {
      hint: '--max-usd 8, --max-tokens 2M, --max-time 30m, --max-leaves 60 or --max-steps 400',
    });
  }
  const workbench = await context.workbench();
  const address = addressed(workbench, input.words[0]);
  refuseLeaf(address, 'budget');
  const { row } = address;
  const heard = await setBudget(workbench, { row, budget }, steeringOf(context.host));
  const { output } = context;
  const short = shortIds(workbench.store('write').runs())(row.run);
  if (output.isJson) {
    output.json({ schema: 'whaleflow.budget/1', run: row.run, budget, heard });
    return 0;
  }
  const { maxCostMicroUsd, maxTokens, maxMs, maxLeaves, maxSteps } = ceilings;
  const said = [
    maxCostMicroUsd === undefined ? '' : usdText(maxCostMicroUsd),
    maxTokens === undefined ? '' : `${maxTokens} tokens`,
    maxMs === undefined ? '' : durationText(maxMs),
    maxLeaves === undefined ? '' : leavesText(maxLeaves),
    maxSteps === undefined ? '' : stepsText(maxSteps),
  ].filter((text) => text !== '');
  output.data(`${short} may use ${said.join(', ')}`);
  if (heard === 'left') output.talk(`it goes on with that: whaleflow resume ${short}`);
  return 0;
}
