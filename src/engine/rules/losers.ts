/** Whose work is left behind where a node ends: what nobody chose, and what failed. */
import type { Loser } from '../../trace/events.ts';
import type { RunState } from '../../trace/run-state.ts';
import type { NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { candidatesOf } from '../candidates.ts';
import { branchFan } from './branch-set.ts';
import { expandFan } from './expand.ts';
import { failedIn } from './fan.ts';

const HARVESTS_ALL_SINCE = 4;

/** Whether the run harvests all that lost or failed, and waits with it for what is still in flight. */
export function harvestsAll(state: RunState): boolean {
  return (state.started?.rulesVersion ?? 1) >= HARVESTS_ALL_SINCE;
}

/** Branches that did not succeed; where a choice chose nobody, all of its candidates. */
export function leftBehind(
  state: RunState,
  owner: { readonly plan: PlanNode; readonly path: NodePath },
): readonly Loser[] {
  const { node } = owner.plan;
  switch (node.kind) {
    case 'branch_set':
      return failedIn(state, branchFan(owner, undefined));
    case 'expand':
      return failedIn(state, expandFan(state, owner, undefined));
    case 'tournament':
    case 'pareto':
      return candidatesOf(state, owner, node.candidates).map(({ name, path }) => ({ name, path }));
    case 'leaf':
    case 'sequence':
    case 'loop_until':
    case 'cond':
    case 'reduce':
    case 'teacher_review':
    case 'approve':
      return [];
  }
}
