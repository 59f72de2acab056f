/** Parts that are off until they are stable, and what of a workflow uses them. */
import { outsideWishes } from './outside-tool.ts';
import { planOf } from './plan.ts';
import type { LeafNode, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

/** Names as in `[features]` of the configuration. */
export const featureNames = [
  'memo_repo',
  'external_memory',
  'external_agents',
  'learning',
  'overlay',
  'web',
  'mcp',
  'remote',
] as const;

export type FeatureName = (typeof featureNames)[number];

export interface FeatureUse {
  readonly feature: FeatureName;
  /** Id of the node as written. */
  readonly node: string;
  /** Where in the node. */
  readonly field: readonly string[];
  /** `a memory leaf`. */
  readonly what: string;
}

/** What a workflow uses of them, as written. */
export function featureUses(spec: WorkflowSpec): readonly FeatureUse[] {
  return [...planOf(spec).nodes.values()]
    .filter(({ side }) => side !== 'derived')
    .toSorted((a, b) => a.order - b.order)
    .flatMap(({ node }) => usesOf(node));
}

function usesOf(node: WorkflowNode): readonly FeatureUse[] {
  switch (node.kind) {
    case 'leaf':
      return ofLeaf(node, node.id);
    case 'reduce':
      return ofLeaf(node.reducer, node.id);
    case 'teacher_review':
      return [{ feature: 'learning', node: node.id, field: ['kind'], what: 'a teacher review' }];
    default:
      return [];
  }
}

function ofLeaf(leaf: LeafNode, node: string): readonly FeatureUse[] {
  const { task, memo } = leaf;
  const uses: FeatureUse[] = [];
  const field = ['task', 'type'];
  if (task.type === 'memory') {
    uses.push({ feature: 'external_memory', node, field, what: 'a memory leaf' });
  }
  if (task.type === 'external') {
    uses.push({ feature: 'external_agents', node, field, what: 'an external agent' });
  }
  if (outsideWishes(leaf).length > 0) {
    uses.push({ feature: 'mcp', node, field, what: 'a tool of an MCP server' });
  }
  if (memo === 'repo') {
    uses.push({ feature: 'memo_repo', node, field: ['memo'], what: 'the memo of the repository' });
  }
  return uses;
}
