/** The skills that the leaves of a workflow name. */
import { planOf } from './plan.ts';
import type { LeafNode, WorkflowSpec } from './workflow-spec.ts';

export interface SkillUse {
  readonly skill: string;
  /** Id of the node as written. */
  readonly node: string;
  /** Its place in the list of the node, from 0. */
  readonly index: number;
  /** What the leaf does. */
  readonly task: LeafNode['task']['type'];
}

/** As written: what the parser has made of a node names none. */
export function skillUses(spec: WorkflowSpec): readonly SkillUse[] {
  return [...planOf(spec).nodes.values()]
    .filter(({ side }) => side !== 'derived')
    .toSorted((a, b) => a.order - b.order)
    .flatMap(({ node }) =>
      node.kind === 'leaf'
        ? node.skills.map((skill, index) => ({ skill, node: node.id, index, task: node.task.type }))
        : [],
    );
}
