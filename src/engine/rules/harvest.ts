/**
 * What losing branches leave. Once a node knows who won, one derived leaf for each loser that left a
 * tree tries that on the winner’s tree; the node ends when all of them have, however they did.
 */
import type { Loser, Verdict } from '../../trace/events.ts';
import {
  fruitAt,
  type Live,
  liveAt,
  type RunState,
  settledAt,
  treeCommit,
} from '../../trace/run-state.ts';
import { isWithin, pathsAround } from '../../workflow/is-within.ts';
import { childPath, instancePath, type NodePath, parentPath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { candidateKey } from '../candidates.ts';
import { type Step, start, WAIT } from './rule.ts';

interface Owner {
  readonly plan: PlanNode;
  readonly path: NodePath;
}

/** Goes on with a verdict: first it is said, then its losers are harvested; undefined when all is done. */
export function stepHarvest(state: RunState, live: Live, verdict: Verdict): Step | undefined {
  const { harvest } = live.plan;
  const losers = harvest === undefined ? [] : harvestable(state, verdict.losers);
  if (harvest === undefined || losers.length === 0) return undefined;
  if (live.verdict === undefined) return { do: 'rank', verdict };
  const paths = losers.map((loser) => harvestPath(live, harvest, loser));
  const next = paths.findIndex((path) => !state.nodes.has(path));
  if (next >= 0) return start(harvest, paths[next] as NodePath, next);
  return paths.some((path) => liveAt(state, path) !== undefined) ? WAIT : undefined;
}

/** Losers that changed a tree of their own, each once. */
function harvestable(state: RunState, losers: readonly Loser[]): readonly Loser[] {
  const first = new Map([...losers].reverse().map((loser) => [loser.path, loser]));
  return losers.filter(
    (loser) => first.get(loser.path) === loser && state.trees.get(loser.path)?.touched === true,
  );
}

function harvestPath(owner: Owner, harvest: PlanNode, loser: Pick<Loser, 'name'>): NodePath {
  return instancePath(childPath(owner.path, harvest.segment), candidateKey(loser));
}

/** The paths of all leaves that harvest for a node, in order. */
export function harvestPaths(state: RunState, live: Live): readonly NodePath[] {
  const { harvest } = live.plan;
  if (harvest === undefined || live.verdict === undefined) return [];
  return harvestable(state, live.verdict.losers).map((loser) => harvestPath(live, harvest, loser));
}

/**
 * For each loser the leaves that handed something over for it, in the order of their ends.
 * @param since how many leaves of the run had handed something over before any of the losers began.
 */
export function fruitfulLeaves(
  state: RunState,
  owner: Owner,
  losers: readonly Loser[],
  since = 0,
): readonly ReadonlySet<NodePath>[] {
  const { harvest } = owner.plan;
  const ownPaths = losers.map((loser) =>
    harvest === undefined ? undefined : harvestPath(owner, harvest, loser),
  );
  const [only, other] = losers;
  if (only !== undefined && other === undefined) {
    const isOf = (leaf: NodePath): boolean => leaf === ownPaths[0] || isWithin(leaf, only.path);
    return [new Set(state.fruitful.slice(since).filter(isOf))];
  }
  // One pass, however many have lost.
  const found = losers.map(() => new Set<NodePath>());
  const places = Map.groupBy(losers.keys(), (index) => losers[index]?.path ?? '');
  const owns = Map.groupBy(ownPaths.keys(), (index) => ownPaths[index]);
  for (const leaf of state.fruitful.slice(since)) {
    for (const index of owns.get(leaf) ?? []) found[index]?.add(leaf);
    for (const node of pathsAround(leaf)) {
      for (const index of places.get(node) ?? []) found[index]?.add(leaf);
    }
  }
  return found;
}

/**
 * The leaves whose fruit a node that harvests gives with its output, by path, whatever the order of their
 * ends; nothing where it does not harvest.
 */
export function fruitOf(
  state: RunState,
  owner: Owner,
  losers: readonly Loser[],
): { readonly fruit?: readonly NodePath[] } {
  if (owner.plan.harvest === undefined) return {};
  const leaves = fruitfulLeaves(state, owner, losers).flatMap((some) => [...some]);
  const fruit = [...new Set(leaves)].filter((leaf) => fruitAt(state, leaf).length > 0);
  return { fruit: fruit.sort() };
}

/** What a leaf that harvests is about. */
export interface HarvestedPair {
  readonly winner: NodePath;
  readonly loser: NodePath;
}

/** The winner and the loser of a leaf that harvests; undefined for any other. */
export function harvestedPair(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): HarvestedPair | undefined {
  const owner = plan.side === 'harvest' ? liveAt(state, parentPath(path)) : undefined;
  if (owner?.verdict === undefined) return undefined;
  const { winner, losers } = owner.verdict;
  const loser = losers.find((one) => harvestPath(owner, plan, one) === path);
  return loser === undefined ? undefined : { winner, loser: loser.path };
}

/** The commit that a leaf begins at: where its tree stands, or, to harvest, where the winner’s does. */
export function startingCommit(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): string | undefined {
  const pair = harvestedPair(state, plan, path);
  const winner = pair === undefined ? undefined : settledAt(state, pair.winner);
  if (winner === undefined) return treeCommit(state, path, plan);
  return state.trees.get(path)?.from ?? treeCommit(state, winner.path, winner.plan);
}
