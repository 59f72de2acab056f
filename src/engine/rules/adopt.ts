import type { TreeRef } from '../../trace/events.ts';
import type { RunState, Settled } from '../../trace/run-state.ts';
import type { NodePath } from '../../workflow/node-path.ts';
import { fail, type Step } from './rule.ts';

export type Adoption =
  | { readonly adopted?: { readonly from: TreeRef; readonly into: NodePath } }
  | { readonly conflict: Step };

/**
 * The winner’s own tree becomes the enclosing one: a fast-forward, since nothing else may write there
 * meanwhile (the checks see to it). Empty where the winner has no tree or changed nothing.
 */
export function adoptTree(state: RunState, winner: Settled, into: NodePath): Adoption {
  if (winner.plan.node.isolation !== 'worktree') return {};
  const tree = state.trees.get(winner.path);
  if (tree === undefined || !tree.touched) return {};
  const enclosing = state.trees.get(into)?.at ?? tree.from;
  if (enclosing !== tree.from) {
    const message = `the tree around ${winner.path} has changed since ${winner.path} was forked`;
    return { conflict: fail('merge_conflict', message) };
  }
  return { adopted: { from: { key: winner.path, commit: tree.at }, into } };
}
