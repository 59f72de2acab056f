/** How candidates of a tournament compare, and the words for it: who is where, who ties, and why not first. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { RunState } from '../../trace/run-state.ts';
import { childPath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import type { TournamentNode } from '../../workflow/workflow-spec.ts';
import type { Candidate } from '../candidates.ts';
import { readField } from '../viewpoint.ts';
import { type Pair, pairsOf, pairVerdict } from './pairs.ts';
import { commandShare, type TestTally, testTally } from './test-tally.ts';

/** Since this version a ranking gives places, ties and reasons, and counts tests. */
const REASONS_SINCE = 3;

export interface Ranked {
  readonly candidate: Candidate;
  /** Higher is better; undefined where it is not known, which ranks last. */
  readonly score: number | undefined;
  /** Tells equal scores apart; higher is better. */
  readonly beyond: number;
  /** What the score comes from; in a judge’s words where it is one. */
  readonly why?: string;
  readonly tally?: TestTally;
}

interface Owner {
  readonly plan: PlanNode;
  readonly path: NodePath;
}

/** Candidates that can win, best first; equal ones as written. */
export function rankCandidates(
  state: RunState,
  owner: Owner,
  node: TournamentNode,
  eligible: readonly Candidate[],
): readonly Ranked[] {
  const scored = eligible.map((candidate) => scoreOf(state, owner, node, candidate, eligible));
  const ranked = node.rank.by === 'tests' ? withCounts(scored) : scored;
  return ranked.toSorted(
    (a, b) => compareScores(b.score, a.score) || compareScores(b.beyond, a.beyond),
  );
}

function compareScores(a: number | undefined, b: number | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  return a - b;
}

/** Of equals the one of which more tests passed, where the tests of all of them were counted. */
function withCounts(scored: readonly Ranked[]): readonly Ranked[] {
  return scored.map((one) => {
    const equals = scored.filter(({ score }) => score === one.score);
    const isKnown = equals.every(({ tally }) => tally?.counts !== undefined);
    return isKnown ? { ...one, beyond: one.tally?.counts?.passed ?? 0 } : one;
  });
}

function scoreOf(
  state: RunState,
  owner: Owner,
  node: TournamentNode,
  candidate: Candidate,
  eligible: readonly Candidate[],
): Ranked {
  const plain = { candidate, beyond: 0 };
  switch (node.rank.by) {
    case 'field': {
      const value = readField(state, { type: 'one', path: candidate.path }, node.rank.field ?? '');
      return { ...plain, score: typeof value === 'number' ? value : undefined };
    }
    case 'tests':
      return testedScore(state, candidate);
    case 'cost':
      return { ...plain, score: 0 - (state.sums.get(candidate.path)?.costMicroUsd ?? 0) };
    case 'judge':
      return judgedScore(state, owner, candidate);
    case 'pairwise':
      return pairwiseScore(state, owner, candidate, eligible);
  }
}

/** Whether the run’s rules say why not. */
export const givesReasons = (state: RunState): boolean =>
  (state.started?.rulesVersion ?? 1) >= REASONS_SINCE;

function testedScore(state: RunState, candidate: Candidate): Ranked {
  const { settled } = candidate;
  if (settled === undefined) return { candidate, beyond: 0, score: undefined };
  if (!givesReasons(state)) return { candidate, beyond: 0, score: commandShare(state, settled) };
  const tally = testTally(state, settled);
  return {
    candidate,
    beyond: 0,
    score: tally?.share,
    ...(tally === undefined ? {} : { tally }),
  };
}

function judgedScore(state: RunState, { plan, path }: Owner, candidate: Candidate): Ranked {
  const unknown = { candidate, beyond: 0, score: undefined };
  if (plan.derived === undefined) return unknown;
  const judge = { type: 'one', path: childPath(path, plan.derived.segment) } as const;
  const ranking = readField(state, judge, 'ranking');
  const place: Json | undefined = Array.isArray(ranking)
    ? ranking.find((entry) => isJsonObject(entry) && entry['candidate'] === candidate.judgedAs)
    : undefined;
  if (!isJsonObject(place)) return unknown;
  const { score, why } = place;
  return {
    ...unknown,
    score: typeof score === 'number' ? score : undefined,
    ...(typeof why === 'string' ? { why } : {}),
  };
}

/** The share of the other candidates that it was preferred to, a tie being half; all of none is 1. */
function pairwiseScore(
  state: RunState,
  owner: Owner,
  candidate: Candidate,
  eligible: readonly Candidate[],
): Ranked {
  const plain = { candidate, beyond: 0 };
  if (owner.plan.derived === undefined) return { ...plain, score: undefined };
  let points = 0;
  let wins = 0;
  const undecided: string[] = [];
  for (const pair of pairsOf(eligible).filter((one) => one.includes(candidate))) {
    const verdict = pairVerdict(state, owner, pair);
    if (verdict.winner === candidate) wins += 1;
    if (verdict.winner !== undefined) continue;
    if (verdict.because !== 'no answer') points += 0.5;
    undecided.push(`${otherOf(pair, candidate)} (${verdict.because})`);
  }
  const others = eligible.length - 1;
  const open = undecided.length === 0 ? '' : `; undecided against ${undecided.join(', ')}`;
  const isTold = givesReasons(state) && others > 0;
  const why = isTold ? { why: `preferred to ${wins} of ${others}${open}` } : {};
  return { ...plain, score: others === 0 ? 1 : (points + wins) / others, ...why };
}

const otherOf = ([a, b]: Pair, one: Candidate): string => (a === one ? b : a).name;

/** What the tournament gives beside the winner’s output. `others` cannot win. */
export function rankingValue(
  state: RunState,
  owner: Owner,
  node: TournamentNode,
  { ranked, others }: { readonly ranked: readonly Ranked[]; readonly others: readonly Candidate[] },
): JsonObject {
  const [best] = ranked;
  if (best === undefined) return {};
  if (!givesReasons(state)) return plainValue(node, best, ranked, others);
  const ties = ranked.filter((one) => one !== best && isEqual(one, best));
  const equal = ties.map(({ candidate }) => candidate.name);
  const isAlone = ties.length === 0;
  return {
    winner: best.candidate.name,
    ranking: [
      ...ranked.map((one): JsonObject => placed(node, one, ranked)),
      ...others.map((one): JsonObject => ({ ...unplaced(one), why: whyIneligible(one) })),
    ],
    ties: equal,
    why: `${headline(node, best, ranked.length === 1)}${isAlone ? '' : `; equal to ${equal.join(', ')}, and written first`}`,
    ...(node.rank.by === 'pairwise' ? { undecided: undecidedPairs(state, owner, ranked) } : {}),
  };
}

/** As versions 1 and 2 have it. */
function plainValue(
  node: TournamentNode,
  best: Ranked,
  ranked: readonly Ranked[],
  others: readonly Candidate[],
): JsonObject {
  const ranking = [
    ...ranked.map(({ candidate, score, why }) => ({
      candidate: candidate.name,
      score: score ?? null,
      outcome: candidate.settled?.status ?? 'skipped',
      ...(why === undefined ? {} : { why }),
    })),
    ...others.map(unplaced),
  ];
  const score = best.score === undefined ? 'unknown' : String(best.score);
  const why = best.why ?? `best by ${node.rank.by}: ${score}`;
  return { winner: best.candidate.name, ranking, why };
}

const isEqual = (a: Ranked, b: Ranked): boolean => a.score === b.score && a.beyond === b.beyond;

function placed(node: TournamentNode, one: Ranked, ranked: readonly Ranked[]): JsonObject {
  const { candidate, score, tally } = one;
  return {
    candidate: candidate.name,
    place: ranked.findIndex((other) => isEqual(other, one)) + 1,
    score: score ?? null,
    outcome: candidate.settled?.status ?? 'skipped',
    ...(tally?.counts === undefined ? {} : { tests: { ...tally.counts } }),
    why: whyNot(node, one, ranked),
  };
}

const unplaced = ({ name, settled }: Candidate): JsonObject => ({
  candidate: name,
  score: null,
  outcome: settled?.status ?? 'skipped',
});

/** What the score comes from, and for all but the winner what stands between them. */
function whyNot(node: TournamentNode, one: Ranked, ranked: readonly Ranked[]): string {
  const [best] = ranked;
  const own = reason(node, one, ranked.length === 1);
  if (best === undefined || one === best) return own;
  const { name } = best.candidate;
  if (isEqual(one, best)) return `${own}; equal to ${name}, which is written first`;
  return `${own}; behind ${name}${one.score === best.score ? ', of which more tests passed' : ''}`;
}

/** How a candidate ended that cannot win: `failed: exit`. */
export function whyIneligible({ settled }: Candidate): string {
  const why = settled?.failure?.kind ?? settled?.because ?? settled?.by;
  return `${settled?.status ?? 'never began'}${why === undefined ? '' : `: ${why}`}`;
}

function headline(node: TournamentNode, best: Ranked, isOnly: boolean): string {
  if (node.rank.by === 'judge' && best.why !== undefined) return best.why;
  return `best by ${node.rank.by}: ${reason(node, best, isOnly)}`;
}

const MICRO_USD = 1_000_000;
const ONLY = 'no other could win';

function reason({ rank }: TournamentNode, one: Ranked, isOnly: boolean): string {
  const { score, why, tally } = one;
  if (why !== undefined) return why;
  switch (rank.by) {
    case 'field':
      return score === undefined ? `no number at ${rank.field ?? 'its output'}` : String(score);
    case 'tests':
      return tally === undefined ? 'no test command ran' : tallyText(tally);
    case 'cost':
      return `$${((0 - (score ?? 0)) / MICRO_USD).toFixed(6)}`;
    case 'judge':
      if (score !== undefined) return `scored ${score} by the judge`;
      return isOnly ? ONLY : 'the judge did not rank it';
    case 'pairwise':
      return ONLY;
  }
}

function tallyText({ commands, commandsPassed, counts }: TestTally): string {
  const exits = `${commandsPassed} of ${commands} test commands passed`;
  if (counts === undefined) return exits;
  const { passed, failed, skipped } = counts;
  const left = skipped === 0 ? '' : `, ${skipped} skipped`;
  const tests = `${passed} of ${passed + failed} tests passed${left}`;
  return failed === 0 && commandsPassed < commands ? `${tests}, but ${exits}` : tests;
}

/** Which pairs nobody won: a tie, or two orders that disagree. */
function undecidedPairs(state: RunState, owner: Owner, ranked: readonly Ranked[]): Json {
  const pairs = pairsOf(ranked.map(({ candidate }) => candidate));
  return pairs
    .filter((pair) => pairVerdict(state, owner, pair).winner === undefined)
    .map(([a, b]) => [a.name, b.name]);
}
