import { isJsonObject, type Json } from '../../base/json.ts';
import type { Verdict } from '../../trace/events.ts';
import {
  isSuccess,
  type Live,
  type RunState,
  type Settled,
  settledAt,
  treeKeyOf,
} from '../../trace/run-state.ts';
import { childPath, instancePath, type NodePath } from '../../workflow/node-path.ts';
import { leavesBelow, type PlanNode } from '../../workflow/plan.ts';
import type { TournamentNode } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible, losersOf, pairKey } from '../candidates.ts';
import { readField, resolve, settledOf, viewpointOf } from '../viewpoint.ts';
import { adoptTree } from './adopt.ts';
import { stepFan } from './fan.ts';
import { fruitOf, stepHarvest } from './harvest.ts';
import { outcomeLike } from './line.ts';
import { fail, finish, type Rule, type Step, start, WAIT } from './rule.ts';

interface Ranked {
  readonly candidate: Candidate;
  /** Higher is better; undefined where it is not known, which ranks last. */
  readonly score: number | undefined;
  readonly why?: string;
}

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
  const ranked = eligible
    .map((candidate) => scoreOf(state, live, node, candidate, eligible))
    .sort((a, b) => compareScores(b.score, a.score));
  const verdict = verdictOf(node, candidates, ranked);
  return 'do' in verdict ? verdict : conclude(state, live, node, verdict);
};

function compareScores(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return a - b;
}

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
    at: (index: number) => ({ plan: derived, path: paths[index] ?? '' }),
  };
  const step = stepFan(state, live, fan);
  if (step !== undefined) return step;
  const failed = paths.map((path) => settledAt(state, path)).find((one) => one && !isSuccess(one));
  return failed === undefined ? undefined : likeJudge(failed);
}

/** Without its judge there is no tournament: it ends as the judge did. */
function likeJudge(judge: Settled): Step {
  if (judge.status !== 'skipped') return finish(outcomeLike(judge));
  return finish({ status: 'skipped', because: judge.because ?? 'input' });
}

type Pair = readonly [Candidate, Candidate];

function pairsOf(candidates: readonly Candidate[]): readonly Pair[] {
  return candidates.flatMap((a, index) => candidates.slice(index + 1).map((b): Pair => [a, b]));
}

/** The paths of the judges of all pairs, in order; none where one judge sees all. */
export function pairPaths(
  state: RunState,
  live: { readonly plan: PlanNode; readonly path: NodePath },
  node: TournamentNode,
): readonly NodePath[] {
  const { derived } = live.plan;
  if (derived === undefined || node.rank.by !== 'pairwise') return [];
  const eligible = candidatesOf(state, live, node.candidates).filter(isEligible);
  return pairsOf(eligible).map((pair) => pairPath(live.path, derived, pair));
}

function pairPath(owner: NodePath, judge: PlanNode, [a, b]: Pair): NodePath {
  return instancePath(childPath(owner, judge.segment), pairKey(a, b));
}

function scoreOf(
  state: RunState,
  live: Live,
  node: TournamentNode,
  candidate: Candidate,
  eligible: readonly Candidate[],
): Ranked {
  switch (node.rank.by) {
    case 'field': {
      const value = readField(state, { type: 'one', path: candidate.path }, node.rank.field ?? '');
      return { candidate, score: typeof value === 'number' ? value : undefined };
    }
    case 'tests':
      return { candidate, score: testsPassed(state, candidate) };
    case 'cost':
      return { candidate, score: 0 - (state.sums.get(candidate.path)?.costMicroUsd ?? 0) };
    case 'judge':
      return judgedScore(state, live, candidate);
    case 'pairwise':
      return pairwiseScore(state, live, candidate, eligible);
  }
}

/** The share of its test commands that exited 0, last iterations only; undefined without tests. */
function testsPassed(state: RunState, { settled }: Candidate): number | undefined {
  if (settled === undefined) return undefined;
  const tests = leavesBelow(settled.plan).filter(
    ({ node }) => node.task.type === 'command' && node.task.purpose === 'test',
  );
  const view = viewpointOf(settled.plan, settled.path);
  const ended = tests.flatMap(({ node }) =>
    settledOf(state, resolve(state, view, { node: node.id })),
  );
  if (ended.length === 0) return undefined;
  return ended.filter((test) => test !== undefined && isSuccess(test)).length / ended.length;
}

function judgedScore(state: RunState, live: Live, candidate: Candidate): Ranked {
  const { derived } = live.plan;
  if (derived === undefined) return { candidate, score: undefined };
  const path = childPath(live.path, derived.segment);
  const ranking = readField(state, { type: 'one', path }, 'ranking');
  const place: Json | undefined = Array.isArray(ranking)
    ? ranking.find((entry) => isJsonObject(entry) && entry['candidate'] === candidate.judgedAs)
    : undefined;
  if (!isJsonObject(place)) return { candidate, score: undefined };
  const { score, why } = place;
  return {
    candidate,
    score: typeof score === 'number' ? score : undefined,
    ...(typeof why === 'string' ? { why } : {}),
  };
}

/** The share of the other candidates that it was preferred to, a tie being half; all of none is 1. */
function pairwiseScore(
  state: RunState,
  live: Live,
  candidate: Candidate,
  eligible: readonly Candidate[],
): Ranked {
  const { derived } = live.plan;
  if (derived === undefined) return { candidate, score: undefined };
  let wins = 0;
  for (const pair of pairsOf(eligible)) {
    const side = pair[0] === candidate ? 'a' : 'b';
    if (pair[0] !== candidate && pair[1] !== candidate) continue;
    const path = pairPath(live.path, derived, pair);
    const winner = readField(state, { type: 'one', path }, 'winner');
    if (winner === side) wins += 1;
    if (winner === 'tie') wins += 0.5;
  }
  return { candidate, score: eligible.length === 1 ? 1 : wins / (eligible.length - 1) };
}

/** Who won and how the others did; a failure where nobody could. */
function verdictOf(
  node: TournamentNode,
  candidates: readonly Candidate[],
  ranked: readonly Ranked[],
): Verdict | Step {
  const [best] = ranked;
  if (best === undefined) return fail('no_candidate', 'no candidate');
  if (node.minScore !== undefined && (best.score ?? Number.NEGATIVE_INFINITY) < node.minScore) {
    const message = `the best score, ${best.score ?? 'unknown'}, is below ${node.minScore}`;
    return fail('no_candidate', message);
  }
  const others = candidates.filter((one) => !ranked.some(({ candidate }) => candidate === one));
  const ranking: Json = [
    ...ranked.map(({ candidate, score, why }) => ({
      candidate: candidate.name,
      score: score ?? null,
      outcome: candidate.settled?.status ?? 'skipped',
      ...(why === undefined ? {} : { why }),
    })),
    ...others.map((one) => ({
      candidate: one.name,
      score: null,
      outcome: one.settled?.status ?? 'skipped',
    })),
  ];
  const winner = best.candidate.path;
  const value: Json = { winner: best.candidate.name, ranking, why: whyOf(node, best) };
  return { winner, losers: losersOf(candidates, winner), value };
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

function whyOf(node: TournamentNode, best: Ranked): string {
  if (best.why !== undefined) return best.why;
  const score = best.score === undefined ? 'unknown' : String(best.score);
  return `best by ${node.rank.by}: ${score}`;
}
