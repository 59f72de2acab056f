/** Where nodes that come from one node as written stand among each other. */
import type { Live, RunState } from '../trace/run-state.ts';
import { instanceOf, type NodePath } from '../workflow/node-path.ts';
import { harvestPaths } from './rules/harvest.ts';
import { pairPaths } from './rules/pairs.ts';
import { instancePaths } from './viewpoint.ts';

/** The place of each live node below `live`, as the rules give it when they start one. */
export function instancesBelow(state: RunState, live: Live): (child: Live) => number {
  const { node } = live.plan;
  switch (node.kind) {
    case 'loop_until':
      return ({ path }) => Number(instanceOf(path) ?? 0);
    case 'branch_set': {
      const losers = placesIn(harvestPaths(state, live));
      return ({ plan, path }) => (plan.side === 'child' ? plan.index : losers(path));
    }
    case 'pareto': {
      const losers = placesIn(harvestPaths(state, live));
      return ({ path }) => losers(path);
    }
    case 'expand': {
      const scopes = placesIn(instancePaths(state, live.plan, live.path));
      const losers = placesIn(harvestPaths(state, live));
      return ({ plan, path }) =>
        plan.side === 'harvest' ? losers(path) : scopes(path.slice(0, path.lastIndexOf('/')));
    }
    case 'tournament': {
      const pairs = placesIn(pairPaths(state, live, node));
      const losers = placesIn(harvestPaths(state, live));
      return ({ plan, path }) => (plan.side === 'harvest' ? losers(path) : pairs(path));
    }
    default:
      return () => 0;
  }
}

function placesIn(list: readonly NodePath[]): (path: NodePath) => number {
  // Where candidates overlap a path stands twice, and was started at its first place.
  const places = new Map(list.map((path, index) => [path, index] as const).reverse());
  return (path) => places.get(path) ?? 0;
}
