/**
 * When what losing branches leave is harvested: as the node ends that they lost in, and of branches with
 * leaves in flight when the last of those has reported. By rules before 4 only races wait for those.
 */
import type { Decision, Fact, Loser } from '../trace/events.ts';
import { liveAt, type RunState, settledAt } from '../trace/run-state.ts';
import { pathsAround } from '../workflow/is-within.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { FlyingBelow } from './flying-below.ts';
import { fruitfulLeaves } from './rules/harvest.ts';
import { harvestsAll } from './rules/losers.ts';

export interface Owner {
  readonly plan: PlanNode;
  readonly path: NodePath;
}

/** A loser, and the node that is to harvest it. */
export interface Owed {
  readonly owner: Owner;
  readonly loser: Loser;
}

type Harvested = Extract<Decision, { readonly type: 'branch.harvested' }>;

/** What losers leave to their owner: of those that have settled, and left anything. */
export function* harvestsOf(
  state: RunState,
  { owner, losers, flying }: { owner: Owner; losers: readonly Loser[]; flying: FlyingBelow },
): Generator<Harvested> {
  const found = fruitfulLeaves(state, owner, losers, firstOf(state, owner));
  const by = harvestsAll(state) ? { owner: owner.path } : {};
  for (const [index, { path }] of losers.entries()) {
    const leaves = [...(found[index] ?? [])];
    if (flying.has(path) || leaves.length === 0) continue;
    yield { type: 'branch.harvested', path, leaves, ...by };
  }
}

/** What may be harvested once a fact is folded in: branches of which it may report the last leaf. */
export function owedAfter(state: RunState, fact: Fact): readonly Owed[] {
  if (fact.type !== 'leaf.finished' && fact.type !== 'leaf.lost') return [];
  const { path, attempt } = fact;
  const isHeld = state.inFlight.get(path)?.attempt === attempt;
  if (!isHeld || settledAt(state, path) === undefined) return [];
  if (!harvestsAll(state)) return racesAround(state, path);
  if (state.unsettled.size === 0) return [];
  return [...pathsAround(path)].flatMap((at) =>
    (state.unsettled.get(at)?.owners ?? []).flatMap((around) => {
      const owner = settledAt(state, around.path);
      return owner === undefined ? [] : [{ owner, loser: { name: around.name, path: at } }];
    }),
  );
}

/** Ended races in which a leaf belongs to a loser. */
function racesAround(state: RunState, leaf: NodePath): readonly Owed[] {
  const owed: Owed[] = [];
  for (let at = leaf; at !== ''; at = parentPath(at)) {
    const owner = settledAt(state, parentPath(at));
    const node = owner?.plan.node;
    if (node?.kind !== 'branch_set' || node.join !== 'first_success') continue;
    const winner = owner?.output?.type === 'node' ? owner.output.path : at;
    const isBranch = state.nodes.get(at)?.plan.side === 'child';
    if (owner === undefined || winner === at || !isBranch) continue;
    owed.push({ owner, loser: { name: at.slice(at.lastIndexOf('/') + 1), path: at } });
  }
  return owed;
}

/** Branches of a node begin after it; candidates have ended before. */
function firstOf(state: RunState, { plan, path }: Owner): number {
  const isAround = plan.node.kind === 'branch_set' || plan.node.kind === 'expand';
  return (isAround ? liveAt(state, path)?.fruitfulBefore : undefined) ?? 0;
}
