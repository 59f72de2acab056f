/** What events add to the sums of a run and of the nodes around them. */
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import { planNodeAt } from '../workflow/plan.ts';
import { type Amounts, leastAmounts, subtractAmounts } from './amounts.ts';
import { emptySums, type InFlight, planIn, type RunState, type Sums } from './run-state.ts';
import { addCostStatus, addTokens, type Usage } from './usage.ts';

/** Adds to the sums of the run and of every tracked node around a path. */
export function count(state: RunState, path: NodePath, add: (sums: Sums) => void): void {
  add(state.totals);
  const plan = planIn(state);
  if (plan.tracked.size === 0) return;
  let node = planNodeAt(plan, path);
  for (let at = path; node?.parent !== undefined; node = node.parent, at = parentPath(at)) {
    if (!plan.tracked.has(node.node.id)) continue;
    const sums = state.sums.get(at) ?? emptySums();
    state.sums.set(at, sums);
    add(sums);
  }
}

export function addUsage(sums: Sums, usage: Usage): void {
  sums.costMicroUsd += usage.costMicroUsd;
  sums.costStatus =
    sums.modelCalls === 0 ? usage.costStatus : addCostStatus(sums.costStatus, usage.costStatus);
  sums.tokens = addTokens(sums.tokens, usage.tokens);
}

/** Spends of what is left of a slice; what was over it was never held. */
export function takeFrom(flight: InFlight, used: Amounts): Amounts {
  const { left } = flight;
  const taken = leastAmounts(left, used);
  flight.left = subtractAmounts(left, taken);
  return taken;
}
