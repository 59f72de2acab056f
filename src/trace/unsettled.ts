/**
 * Losing branches of which leaves were still in flight when the node that they lost in ended: who is to
 * harvest them when the last of those leaves has reported.
 */
import { isWithin, pathsAround } from '../workflow/is-within.ts';
import type { NodePath } from '../workflow/node-path.ts';
import type { RunState } from './run-state.ts';

export interface Unsettled {
  /** Leaves at and below it that are still in flight; no new one begins there. */
  left: number;
  /** The nodes that it lost in, with the name that it has there. */
  readonly owners: readonly { readonly path: NodePath; readonly name: string }[];
}

/** A node has ended before a branch that lost in it had settled. */
export function awaitHarvest(
  state: RunState,
  owner: NodePath,
  loser: { readonly name: string; readonly path: NodePath },
): void {
  // Nothing is below a leaf: of a crowd of them, no one goes over all the others.
  const left = state.inFlight.has(loser.path)
    ? 1
    : [...state.inFlight.keys()].filter((leaf) => isWithin(leaf, loser.path)).length;
  const before = state.unsettled.get(loser.path)?.owners ?? [];
  const owners = [...before, { path: owner, name: loser.name }];
  state.unsettled.set(loser.path, { left, owners });
}

/** A leaf has reported: branches of which it was the last are settled. */
export function settleBranches(state: RunState, leaf: NodePath): void {
  if (state.unsettled.size === 0) return;
  for (const path of pathsAround(leaf)) {
    const branch = state.unsettled.get(path);
    if (branch === undefined) continue;
    branch.left -= 1;
    if (branch.left === 0) state.unsettled.delete(path);
  }
}
