/** What stands between a node and its beginning, in words. */
import { type HoldingBudget, heldBy, unbegunHeldBy } from '../engine/held-by.ts';
import type { Live } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';

/** A leaf whose attempt was broken off or is to come again. `isLost`: nobody drives its run. */
export function readyReason({ state }: RunView, live: Live, isLost = false): string {
  if (state.paused || state.stopped !== undefined || isLost) return 'waits for resume';
  return heldText(heldBy(state, live));
}

export interface Unbegun {
  readonly plan: PlanNode;
  readonly path: NodePath;
  /** The sibling that runs before it. */
  readonly before: string | undefined;
}

/** A node that has not begun. */
export function unbegunReason(
  { state }: RunView,
  { plan, path, before }: Unbegun,
  isLost = false,
): string {
  if (before !== undefined) return `waits for ${before}`;
  const parent = parentPath(path);
  if (parent === '') return 'waits for its driver';
  const around = state.nodes.get(parent);
  if (around?.alive !== true) return `waits for ${parent}`;
  const { node } = around.plan;
  // Without a bound of its own a branch is ready as soon as its set has begun.
  const isBounded = node.kind === 'branch_set' && node.maxParallel !== undefined;
  if (isBounded) return 'waits for a branch to end';
  if (state.paused || state.stopped !== undefined || isLost) return 'waits for resume';
  return heldText(unbegunHeldBy(state, plan, path));
}

function heldText(held: HoldingBudget | undefined): string {
  if (held === undefined) return 'waits for a slot';
  const whose = held.path === undefined ? 'the budget of the run' : `the budget of ${held.path}`;
  return `waits for ${whose}${held.shortage === undefined ? '' : `: ${held.shortage}`}`;
}
