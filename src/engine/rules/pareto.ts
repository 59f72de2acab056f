import type { Json, JsonObject } from '../../base/json.ts';
import type { Verdict } from '../../trace/events.ts';
import type { Live, RunState } from '../../trace/run-state.ts';
import { totalTokens } from '../../trace/usage.ts';
import type { Objective, ParetoNode } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible, losersOf } from '../candidates.ts';
import { readField } from '../viewpoint.ts';
import { fruitOf, stepHarvest } from './harvest.ts';
import { harvestsAll } from './losers.ts';
import { givesReasons, whyIneligible } from './ranking.ts';
import { fail, finish, type Rule, type Step } from './rule.ts';

/** Keeps the candidates that no other one beats in every objective; what is not known is worst. */
export const pareto: Rule<'pareto'> = (state, live, node) => {
  if (live.verdict !== undefined) return conclude(state, live, live.verdict);
  const candidates = candidatesOf(state, live, node.candidates);
  const eligible = candidates.filter(isEligible);
  if (eligible.length === 0) {
    return fail('no_candidate', `none of ${candidates.length} candidates succeeded`);
  }
  const points = eligible.map((candidate) => ({
    candidate,
    values: node.objectives.map((objective) => measure(state, candidate, objective)),
  }));
  const front = points.filter(
    (point) => !points.some((other) => dominates(node.objectives, other.values, point.values)),
  );
  const kept = front.slice(0, node.maxItems);
  const items: Json = kept.map(toItem);
  const rest = candidates.filter((one) => !kept.some(({ candidate }) => candidate === one));
  const others = givesReasons(state)
    ? { others: rest.map((one): Json => toOther(node, one, { points, front })) }
    : {};
  const winner = kept[0]?.candidate.path ?? '';
  const losers = losersOf(candidates, winner).filter(
    ({ path }) => !kept.some(({ candidate }) => candidate.path === path),
  );
  return conclude(state, live, { winner, losers, value: { items, ...others } });
};

interface Point {
  readonly candidate: Candidate;
  readonly values: Values;
}

const toItem = ({ candidate, values }: Point): JsonObject => ({
  candidate: candidate.name,
  values: values.map((value) => value ?? null),
});

/** A candidate that was not kept, and what stands against it. */
function toOther(
  { objectives, maxItems }: ParetoNode,
  candidate: Candidate,
  { points, front }: { readonly points: readonly Point[]; readonly front: readonly Point[] },
): JsonObject {
  const point = points.find((one) => one.candidate === candidate);
  const outcome = candidate.settled?.status ?? 'skipped';
  if (point === undefined) {
    return { candidate: candidate.name, outcome, why: whyIneligible(candidate) };
  }
  const better = front.find((other) => dominates(objectives, other.values, point.values));
  const why =
    better === undefined
      ? `in the front too, beyond the first ${maxItems}`
      : `${better.candidate.name} is as good in all and better in ${gains(objectives, better, point)}`;
  return { ...toItem(point), outcome, why };
}

/** Where one is better than another, with both figures. */
function gains(objectives: readonly Objective[], better: Point, worse: Point): string {
  const said = objectives.flatMap(({ by, field }, index) => {
    const [mine, theirs] = [better.values[index], worse.values[index]];
    if (mine === theirs) return [];
    return [`${field ?? by} (${mine ?? 'unknown'} against ${theirs ?? 'unknown'})`];
  });
  return said.join(', ');
}

/** What was not kept is tried on the first that was; nothing is adopted. */
function conclude(state: RunState, live: Live, verdict: Verdict): Step {
  const harvest = stepHarvest(state, live, verdict);
  if (harvest !== undefined) return harvest;
  const { losers, value } = verdict;
  const output = { type: 'value', value, ...fruitOf(state, live, losers) } as const;
  const outcome = { status: 'succeeded', output } as const;
  if (live.plan.harvest === undefined && !harvestsAll(state)) return finish(outcome);
  return { do: 'finish', outcome, losers };
}

function measure(state: RunState, candidate: Candidate, objective: Objective): number | undefined {
  const sums = state.sums.get(candidate.path);
  switch (objective.by) {
    case 'field': {
      const target = { type: 'one', path: candidate.path } as const;
      const value = readField(state, target, objective.field ?? '');
      return typeof value === 'number' ? value : undefined;
    }
    case 'cost':
      return sums?.costMicroUsd ?? 0;
    case 'tokens':
      return sums === undefined ? 0 : totalTokens(sums.tokens);
    case 'duration': {
      const { settled } = candidate;
      return settled === undefined ? undefined : settled.endedAt - settled.startedAt;
    }
    case 'diffSize':
      return sums?.diffLines ?? 0;
  }
}

type Values = readonly (number | undefined)[];

/** At least as good in all objectives and better in one. */
function dominates(objectives: readonly Objective[], a: Values, b: Values): boolean {
  let isBetter = false;
  for (const [index, { goal }] of objectives.entries()) {
    const worst = Number.NEGATIVE_INFINITY;
    const sign = goal === 'max' ? 1 : -1;
    const left = a[index] === undefined ? worst : sign * a[index];
    const right = b[index] === undefined ? worst : sign * b[index];
    if (left < right) return false;
    if (left > right) isBetter = true;
  }
  return isBetter;
}
