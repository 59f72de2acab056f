import type { Entry } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import { type InstanceCount, instanceCount, sum, worstCaseLeaves } from '../population.ts';
import { below, type Check, named } from './plan.ts';

const MAX_CONTRIBUTORS = 3;

/** The worst case of leaves fits the limit. */
export const checkPopulation: Check = ({ spec, entries }) => {
  const instances = instanceCount(spec.nodes);
  const population = sum(spec.nodes, instances);
  if (population <= spec.limits.maxPopulation) return [];
  const top = entries
    .filter(({ parent }) => parent === undefined)
    .map((entry) => ({ entry, most: worstCaseLeaves(entry.node, instances) }))
    .sort((a, b) => b.most - a.most);
  const worst = top[0]?.entry;
  const place = worst === undefined ? undefined : multiplierBelow(worst, entries, instances);
  return [
    {
      code: 'WF1301',
      message: `at worst ${leaves(population)}, and the limit is ${counted(spec.limits.maxPopulation)}`,
      ...place,
      at: place?.at ?? ['nodes'],
      notes: top
        .slice(0, MAX_CONTRIBUTORS)
        .map(({ entry, most }) => `${named(entry)}: up to ${counted(most)}`),
      help: 'lower a bound of a loop or expand, or raise `budget.maxLeaves`',
    } satisfies Problem,
  ];
};

/** The bound on the way down the heaviest path that is the first to multiply. */
function multiplierBelow(
  top: Entry,
  entries: readonly Entry[],
  instances: InstanceCount,
): { at: Entry['at']; label: string } {
  let entry = top;
  for (;;) {
    const worst = leaves(worstCaseLeaves(entry.node, instances));
    const field =
      entry.node.kind === 'loop_until'
        ? 'maxIterations'
        : entry.node.kind === 'expand'
          ? 'maxChildren'
          : undefined;
    if (field !== undefined) return { at: below(entry.at, field), label: `up to ${worst}` };
    const heaviest = entries
      .filter(({ parent }) => parent === entry)
      .sort((a, b) => worstCaseLeaves(b.node, instances) - worstCaseLeaves(a.node, instances))[0];
    if (heaviest === undefined)
      return {
        at: below(top.at, 'id'),
        label: `up to ${leaves(worstCaseLeaves(top.node, instances))}`,
      };
    entry = heaviest;
  }
}

const counted = (count: number): string =>
  count >= Number.MAX_SAFE_INTEGER ? 'more than 2^53' : count.toLocaleString('en-US');

const leaves = (count: number): string => `${counted(count)} ${count === 1 ? 'leaf' : 'leaves'}`;

/** Control nodes are not nested deeper than the limit; the first that is, is named. */
export const checkDepth: Check = ({ spec, entries }) => {
  const deep = entries.find(
    ({ node, depth }) => node.kind !== 'leaf' && depth >= spec.limits.maxDepth,
  );
  if (deep === undefined) return [];
  return [
    {
      code: 'WF1302',
      message: `${named(deep)} is nested ${deep.depth + 1} control nodes deep, and the limit is ${spec.limits.maxDepth}`,
      at: below(deep.at, 'id'),
    },
  ];
};
