import type { Json } from '../../base/json.ts';
import type { RunState } from '../../trace/run-state.ts';
import { totalTokens } from '../../trace/usage.ts';
import type { Objective } from '../../workflow/workflow-spec.ts';
import { type Candidate, candidatesOf, isEligible } from '../candidates.ts';
import { readField } from '../viewpoint.ts';
import { fail, finish, type Rule } from './rule.ts';

/** Keeps the candidates that no other one beats in every objective; what is not known is worst. */
export const pareto: Rule<'pareto'> = (state, live, node) => {
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
  const items: Json = front.slice(0, node.maxItems).map(({ candidate, values }) => ({
    candidate: candidate.name,
    values: values.map((value) => value ?? null),
  }));
  return finish({ status: 'succeeded', output: { type: 'value', value: { items } } });
};

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
