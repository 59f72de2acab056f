/** Pairs of candidates that a judge compares: who is asked about them, and what came of it. */
import type { RunState } from '../../trace/run-state.ts';
import { childPath, instancePath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import type { TournamentNode } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible, pairKey } from '../candidates.ts';
import { readField } from '../viewpoint.ts';

interface Owner {
  readonly plan: PlanNode;
  readonly path: NodePath;
}

export type Pair = readonly [Candidate, Candidate];

/** Judges lean to one side: since version 3 each pair is asked in both orders. */
const BOTH_ORDERS_SINCE = 3;

/** The pairs of candidates, in order as written. */
export function pairsOf(candidates: readonly Candidate[]): readonly Pair[] {
  return candidates.flatMap((a, index) => candidates.slice(index + 1).map((b): Pair => [a, b]));
}

/** The paths of the judges of all pairs, in order; none where one judge sees all. */
export function pairPaths(
  state: RunState,
  owner: Owner,
  node: TournamentNode,
): readonly NodePath[] {
  const { derived } = owner.plan;
  if (derived === undefined || node.rank.by !== 'pairwise') return [];
  const eligible = candidatesOf(state, owner, node.candidates).filter(isEligible);
  return pairsOf(eligible).flatMap((pair) => judgesOf(state, owner.path, derived, pair));
}

/** Who is asked about a pair: one judge an order. */
function judgesOf(
  state: RunState,
  owner: NodePath,
  judge: PlanNode,
  [a, b]: Pair,
): readonly NodePath[] {
  const at = (key: string): NodePath => instancePath(childPath(owner, judge.segment), key);
  const isBoth = (state.started?.rulesVersion ?? 1) >= BOTH_ORDERS_SINCE;
  return isBoth ? [at(pairKey(a, b)), at(pairKey(b, a))] : [at(pairKey(a, b))];
}

/** A tie where a judge says so or the two orders disagree. */
export type PairVerdict =
  | { readonly winner: Candidate; readonly loser: Candidate }
  | { readonly winner: undefined; readonly because: 'tie' | 'orders disagree' | 'no answer' };

/** What the judges of a pair, all of them ended, say together. */
export function pairVerdict(state: RunState, owner: Owner, pair: Pair): PairVerdict {
  const { derived } = owner.plan;
  if (derived === undefined) return { winner: undefined, because: 'no answer' };
  const [a, b] = pair;
  const said = judgesOf(state, owner.path, derived, pair).map((path, order) => {
    const winner = readField(state, { type: 'one', path }, 'winner');
    const [first, second] = order === 0 ? [a, b] : [b, a];
    if (winner === 'tie') return 'tie';
    return winner === 'a' ? first : winner === 'b' ? second : 'no answer';
  });
  const [one, other = one] = said;
  if (one === undefined || one === 'no answer' || other === 'no answer') {
    return { winner: undefined, because: 'no answer' };
  }
  if (one === 'tie' || other === 'tie') return { winner: undefined, because: 'tie' };
  if (one !== other) return { winner: undefined, because: 'orders disagree' };
  return { winner: one, loser: one === a ? b : a };
}
