/** Leaves that other coding agents do. */
import type { ModelPolicy } from '../../workflow/limits.ts';
import { leavesBelow, planOf } from '../../workflow/plan.ts';
import type { WorkflowSpec } from '../../workflow/workflow-spec.ts';

export interface AgentLeaf {
  readonly id: string;
  /** As the workflow names it. */
  readonly agent: string;
  readonly policy: ModelPolicy;
}

export function agentLeaves(spec: WorkflowSpec): readonly AgentLeaf[] {
  return leavesBelow(planOf(spec).root).flatMap(({ node }) =>
    node.task.type === 'external'
      ? [{ id: node.id, agent: node.task.agent, policy: node.modelPolicy }]
      : [],
  );
}
