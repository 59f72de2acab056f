import type { Loser } from '../../trace/events.ts';
import { type Live, type RunState, settledAt, treeKeyOf } from '../../trace/run-state.ts';
import { childPath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { adoptTree } from './adopt.ts';
import { fanOutcome, stepFan } from './fan.ts';
import { stepHarvest } from './harvest.ts';
import { type Fan, finish, type Rule, type Step } from './rule.ts';

/** Children side by side, joined by `all`, `any` or the first success. */
export const branchSet: Rule<'branch_set'> = (state, live, node) => {
  const fan = branchFan(live, node.maxParallel);
  if (node.join === 'first_success' && live.firstSucceeded !== undefined) {
    return firstSuccess(state, live, live.firstSucceeded);
  }
  const step = stepFan(state, live, fan);
  if (step !== undefined) return step;
  const entries: Record<string, NodePath> = {};
  for (const { segment } of live.plan.children) {
    const path = childPath(live.path, segment);
    const status = settledAt(state, path)?.status;
    if (status === 'succeeded' || status === 'degraded') entries[segment] = path;
  }
  return finish(fanOutcome(state, fan, { type: 'record', entries }, node.join !== 'all'));
};

/** The children of a branch set as a fan. */
export function branchFan(
  live: { readonly plan: PlanNode; readonly path: NodePath },
  maxParallel: number | undefined,
): Fan {
  const { children, node } = live.plan;
  // Who won a race lists the others that were ready.
  const isRace = node.kind === 'branch_set' && node.join === 'first_success';
  const planAt = (index: number): PlanNode => children[index] as PlanNode;
  return {
    count: children.length,
    maxParallel: maxParallel ?? Number.POSITIVE_INFINITY,
    isPatient: maxParallel === undefined && !isRace,
    planAt,
    at: (index) => {
      const plan = planAt(index);
      return { plan, path: childPath(live.path, plan.segment) };
    },
  };
}

/** The first success ends the set; the others are aborted and their work is kept for harvest. */
function firstSuccess(state: RunState, live: Live, winner: NodePath): Step {
  const verdict = live.verdict ?? { winner, losers: losersOf(state, live, winner), value: null };
  const harvest = stepHarvest(state, live, verdict);
  if (harvest !== undefined) return harvest;
  const settled = settledAt(state, winner);
  const into = treeKeyOf(live.path, live.plan);
  const adoption = settled === undefined ? {} : adoptTree(state, settled, into);
  if ('conflict' in adoption) return adoption.conflict;
  const status = settled?.status === 'degraded' ? 'degraded' : 'succeeded';
  const outcome = { status, output: { type: 'node', path: winner } } as const;
  return { do: 'finish', outcome, losers: verdict.losers, ...adoption };
}

function losersOf(state: RunState, live: Live, winner: NodePath): readonly Loser[] {
  return live.plan.children
    .map(({ segment }) => ({ name: segment, path: childPath(live.path, segment) }))
    .filter(({ path }) => path !== winner && state.nodes.has(path));
}
