import type { TreeRef } from './events.ts';
import { type Live, type RunState, treeCommit, treeKeyOf } from './run-state.ts';

export function moveTree(state: RunState, { key, commit }: TreeRef): void {
  const tree = state.trees.get(key);
  const from = tree?.from ?? commit;
  state.trees.set(key, { ...tree, from, at: commit, touched: true });
}

/** A conflict that nobody could resolve leaves no marks in the tree around it. */
export function endConflict(state: RunState, live: Live, isResolved: boolean): void {
  if (live.plan.conflict === undefined) return;
  const key = treeKeyOf(live.path, live.plan);
  const tree = state.trees.get(key);
  if (tree?.beforeConflict === undefined) return;
  const { beforeConflict, ...rest } = tree;
  state.trees.set(key, isResolved ? rest : { ...rest, at: beforeConflict });
}

/** A merge that begins again begins without the marks that it left. */
export function undoMarks(state: RunState, { plan, parent }: Live): void {
  if (plan.side === 'derived' && parent !== undefined) endConflict(state, parent, false);
}

/** An isolated tree begins where the enclosing one stands when its node begins, or as requested. */
export function forkTree(state: RunState, { plan, path }: Live, commit?: string): void {
  if (plan.node.isolation !== 'worktree' || state.trees.has(path)) return;
  const from = commit ?? treeCommit(state, path, plan);
  if (from !== undefined) state.trees.set(path, { from, at: from, touched: false });
}
