import type { JsonObject } from '../../base/json.ts';
import type { Verdict } from '../../trace/events.ts';
import {
  isSuccess,
  type Live,
  type RunState,
  type Settled,
  settledAt,
  treeKeyOf,
} from '../../trace/run-state.ts';
import { childPath } from '../../workflow/node-path.ts';
import type { TournamentNode } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible, losersOf } from '../candidates.ts';
import { adoptTree } from './adopt.ts';
import { stepChildren } from './fan.ts';
import { fruitOf, stepHarvest } from './harvest.ts';
import { outcomeLike } from './line.ts';
import { pairPaths } from './pairs.ts';
import { givesReasons, type Ranked, rankCandidates, rankingValue } from './ranking.ts';
import { fail, finish, type Rule, type Step, start, WAIT } from './rule.ts';

/** Ranks its candidates and adopts the winner’s tree; ties go to the candidate written first. */
export const tournament: Rule<'tournament'> = (state, live, node) => {
  if (live.verdict !== undefined) return conclude(state, live, node, live.verdict);
  const candidates = candidatesOf(state, live, node.candidates);
  const eligible = candidates.filter(isEligible);
  if (eligible.length === 0) {
    return fail('no_candidate', `none of ${candidates.length} candidates succeeded`);
  }
  const judged = needsJudge(node, eligible) ? stepJudges(state, live, node) : undefined;
  if (judged !== undefined) return judged;
  const ranked = rankCandidates(state, live, node, eligible);
  const verdict = verdictOf(state, live, node, { candidates, ranked });
  return 'do' in verdict ? verdict : conclude(state, live, node, verdict);
};

/** One candidate alone wins unseen, but where it must reach a score. */
function needsJudge({ rank, minScore }: TournamentNode, eligible: readonly Candidate[]): boolean {
  return eligible.length > 1 || (rank.by === 'judge' && minScore !== undefined);
}

/** Starts the judges that the rank needs; undefined when all have answered. */
function stepJudges(state: RunState, live: Live, node: TournamentNode): Step | undefined {
  const { derived } = live.plan;
  if (derived === undefined) return undefined;
  if (node.rank.by === 'judge') {
    const path = childPath(live.path, derived.segment);
    const judge = settledAt(state, path);
    if (!state.nodes.has(path)) return start(derived, path);
    if (judge === undefined) return WAIT;
    return isSuccess(judge) ? undefined : likeJudge(judge);
  }
  const paths = pairPaths(state, live, node);
  const fan = {
    count: paths.length,
    maxParallel: Number.POSITIVE_INFINITY,
    isPatient: false,
    planAt: () => derived,
    at: (index: number) => ({ plan: derived, path: paths[index] ?? '' }),
  };
  const step = stepChildren(state, live, fan);
  if (step !== undefined) return step;
  const failed = paths.map((path) => settledAt(state, path)).find((one) => one && !isSuccess(one));
  return failed === undefined ? undefined : likeJudge(failed);
}

/** Without its judge there is no tournament: it ends as the judge did. */
function likeJudge(judge: Settled): Step {
  if (judge.status !== 'skipped') return finish(outcomeLike(judge));
  return finish({ status: 'skipped', because: judge.because ?? 'input' });
}

/** Who won and how the others did; a failure where nobody could. */
function verdictOf(
  state: RunState,
  live: Live,
  node: TournamentNode,
  {
    candidates,
    ranked,
  }: { readonly candidates: readonly Candidate[]; readonly ranked: readonly Ranked[] },
): Verdict | Step {
  const [best] = ranked;
  if (best === undefined) return fail('no_candidate', 'no candidate');
  const others = candidates.filter((one) => !ranked.some(({ candidate }) => candidate === one));
  const value = rankingValue(state, live, node, { ranked, others });
  if (node.minScore !== undefined && (best.score ?? Number.NEGATIVE_INFINITY) < node.minScore) {
    const message = `the best score, ${best.score ?? 'unknown'}, is below ${node.minScore}`;
    return fail('no_candidate', `${message}${whyTooLow(state, value)}`);
  }
  const winner = best.candidate.path;
  return { winner, losers: losersOf(candidates, winner), value };
}

/** Whose score that is, and what it comes from. */
function whyTooLow(state: RunState, { winner, why }: JsonObject): string {
  return givesReasons(state) ? `: ${String(winner)}, ${String(why)}` : '';
}

/** Harvests the losers, then ends with the winner’s tree and output. */
function conclude(state: RunState, live: Live, node: TournamentNode, verdict: Verdict): Step {
  const { winner, losers, value } = verdict;
  const harvest = stepHarvest(state, live, verdict);
  if (harvest !== undefined) return harvest;
  const settled = settledAt(state, winner);
  const adoption =
    node.adopt === 'winner' && settled !== undefined
      ? adoptTree(state, settled, treeKeyOf(live.path, live.plan))
      : {};
  if ('conflict' in adoption) return adoption.conflict;
  const fruit = fruitOf(state, live, losers);
  const output = { type: 'value', value, parts: { output: winner }, ...fruit } as const;
  const outcome = { status: 'succeeded', output } as const;
  return { do: 'finish', outcome, losers, ...adoption };
}
