import type { DocumentPath } from '../parse/normalise.ts';
import type { Problem } from '../parse/problem.ts';
import type { Check } from './plan.ts';

/** Ids are unique; the first place is named. */
export const checkIds: Check = ({ entries }) => {
  const first = new Map<string, DocumentPath>();
  const problems: Problem[] = [];
  for (const { node, at } of entries) {
    const place = [...at, 'id'];
    const earlier = first.get(node.id);
    if (earlier === undefined) first.set(node.id, place);
    else
      problems.push({
        code: 'WF1201',
        message: `the id \`${node.id}\` is used twice`,
        at: place,
        label: 'used again here',
        related: [{ message: `first used`, at: earlier }],
      });
  }
  return problems;
};
