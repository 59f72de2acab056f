import type { Problem } from '../parse/problem.ts';
import { around, below, type Check, type Plan } from './plan.ts';

/** Each candidate is one: an expand stands for all instances of its template. */
export const checkCandidates: Check = (plan) =>
  plan.entries.flatMap(({ document, at }) => {
    if (document.kind !== 'tournament' && document.kind !== 'pareto') return [];
    const { candidates, id } = document;
    return candidates.flatMap((candidate, index): readonly Problem[] => {
      const others = new Set(
        candidates.filter((other, place) => place < index || other !== candidate),
      );
      const holder = holderOf(plan, candidate, others);
      if (holder === undefined) return [];
      return [
        {
          code: 'WF1307',
          message: `\`${candidate}\` is a candidate of \`${id}\` twice`,
          at: below(at, 'candidates', index),
          label: holder === candidate ? 'named before' : `\`${holder}\` stands for it`,
          help: `name \`${holder}\` alone`,
        },
      ];
    });
  });

/** The candidate that has this one in it: the same once more, or an expand around it. */
function holderOf(plan: Plan, candidate: string, others: ReadonlySet<string>): string | undefined {
  if (others.has(candidate)) return candidate;
  const entry = plan.byId.get(candidate);
  for (const { document, node } of around(entry)) {
    if (node.id !== candidate && document.kind === 'expand' && others.has(node.id)) return node.id;
  }
  return undefined;
}
