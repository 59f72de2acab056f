/** The shape of the tree of steps: one root, known parents, no cycle, order as counted. */
import type { RunTrace } from '../run-trace.ts';

export function stepProblems({ steps }: RunTrace): readonly string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  let roots = 0;
  for (const [index, step] of steps.entries()) {
    if (step.seq !== index) problems.push(`step ${index} has seq ${step.seq}`);
    if (seen.has(step.id)) problems.push(`two steps have the id ${step.id}`);
    if (step.parent_id === null) roots += 1;
    // A parent stands before its children, so that there can be no cycle.
    else if (!seen.has(step.parent_id)) {
      problems.push(`step ${step.id} has no parent ${step.parent_id} before it`);
    }
    seen.add(step.id);
  }
  if (roots !== 1) problems.push(`there are ${roots} steps without a parent, not one`);
  return problems;
}
