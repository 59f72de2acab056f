import type { Json } from '../../base/json.ts';
import type { Verdict } from '../../trace/events.ts';
import type { Live, RunState } from '../../trace/run-state.ts';
import { totalTokens } from '../../trace/usage.ts';
import type { Objective } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible, losersOf } from '../candidates.ts';
import { readField } from '../viewpoint.ts';
import { fruitOf, stepHarvest } from './harvest.ts';
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
  const items: Json = kept.map(({ candidate, values }) => ({
    candidate: candidate.name,
    values: values.map((value) => value ?? null),
  }));
  const winner = kept[0]?.candidate.path ?? '';
  const losers = losersOf(candidates, winner).filter(
    ({ path }) => !kept.some(({ candidate }) => candidate.path === path),
  );
  return conclude(state, live, { winner, losers, value: { items } });
};

/** What was not kept is tried on the first that was; nothing is adopted. */
function conclude(state: RunState, live: Live, verdict: Verdict): Step {
  const harvest = stepHarvest(state, live, verdict);
  if (harvest !== undefined) return harvest;
  const { losers, value } = verdict;
  const output = { type: 'value', value, ...fruitOf(state, live, losers) } as const;
  const outcome = { status: 'succeeded', output } as const;
  if (live.plan.harvest === undefined) return finish(outcome);
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
