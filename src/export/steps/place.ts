/** Where a node stands in its run: the branch and the iteration around it. */
import { instanceOf, type NodePath, parentPath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';

export interface Place {
  /** Address of the innermost child of a `branch_set` or `expand`, itself included. */
  readonly branch: string | null;
  /** Of the innermost loop, from 1. */
  readonly iteration: number | null;
}

export function placeOf(plan: PlanNode, path: NodePath): Place {
  let branch: string | null = null;
  let iteration: number | null = null;
  let at = path;
  for (let node = plan; node.parent !== undefined; node = node.parent, at = parentPath(at)) {
    const around = node.parent.node.kind;
    const isBranch =
      (around === 'branch_set' && node.side === 'child') ||
      (around === 'expand' && node.side === 'template');
    if (isBranch) branch ??= at;
    if (around === 'loop_until') iteration ??= Number(instanceOf(at) ?? 0) || null;
  }
  return { branch, iteration };
}
