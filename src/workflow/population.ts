/** Worst cases, known before a run. Sums stay exact up to 2^53 - 1 and stop there. */
import type { LeafNode, TournamentNode, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

const MOST = Number.MAX_SAFE_INTEGER;

const plus = (a: number, b: number): number => Math.min(MOST, a + b);
const times = (a: number, b: number): number => (a === 0 || b === 0 ? 0 : Math.min(MOST, a * b));

/** Leaves that a node may start at most, derived ones included, retries not. */
export function worstCaseLeaves(node: WorkflowNode, instances: InstanceCount = noneKnown): number {
  switch (node.kind) {
    case 'leaf':
      return 1;
    case 'sequence':
      return sum(node.children, instances);
    case 'branch_set':
      return plus(
        plus(sum(node.children, instances), resolution(node, instances)),
        harvestLeaves(node, instances),
      );
    case 'loop_until':
      return times(
        node.maxIterations,
        plus(sum(node.children, instances), node.judge === undefined ? 0 : 1),
      );
    case 'cond':
      return plus(
        node.judge === undefined ? 0 : 1,
        Math.max(sum(node.then, instances), sum(node.else, instances)),
      );
    case 'expand':
      return plus(
        times(node.maxChildren, worstCaseLeaves(node.template, instances)),
        plus(resolution(node, instances), harvestLeaves(node, instances)),
      );
    case 'tournament':
      return plus(judgeLeaves(node, instances), harvestLeaves(node, instances));
    case 'pareto':
      return harvestLeaves(node, instances);
    case 'reduce':
    case 'teacher_review':
      return 1;
    case 'approve':
      return 0;
  }
}

/** Judges of a tournament at most: one, or two a pair, one for each order. */
export function judgeLeaves(node: TournamentNode, instances: InstanceCount): number {
  if (node.judge === undefined) return 0;
  if (node.rank.by !== 'pairwise') return 1;
  const count = candidateCount(node.candidates, instances);
  return times(count, count - 1);
}

/** Leaves that harvest losers at most: all branches but one. */
export function harvestLeaves(
  node: Extract<WorkflowNode, { harvest?: LeafNode }>,
  instances: InstanceCount,
): number {
  if (node.harvest === undefined) return 0;
  if (node.kind === 'branch_set') return node.children.length - 1;
  if (node.kind === 'expand') return node.maxChildren - 1;
  return Math.max(0, candidateCount(node.candidates, instances) - 1);
}

const candidateCount = (candidates: readonly string[], instances: InstanceCount): number =>
  candidates.reduce((total, id) => plus(total, instances(id)), 0);

/** How many candidates an id stands for: one, or the instances of an expand. */
export type InstanceCount = (id: string) => number;
const noneKnown: InstanceCount = () => 1;

export function sum(nodes: readonly WorkflowNode[], instances: InstanceCount): number {
  return nodes.reduce((total, node) => plus(total, worstCaseLeaves(node, instances)), 0);
}

function resolution(
  node: Extract<WorkflowNode, { kind: 'branch_set' | 'expand' }>,
  instances: InstanceCount,
): number {
  const resolver = node.onConflict === undefined ? 0 : worstCaseLeaves(node.onConflict, instances);
  return plus(node.merge === undefined ? 0 : 1, resolver);
}

/** Counts the instances of each expand of a spec. */
export function instanceCount(nodes: readonly WorkflowNode[]): InstanceCount {
  const counts = new Map<string, number>();
  const open = [...nodes];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (node.kind === 'expand') counts.set(node.id, node.maxChildren);
    open.push(...childNodes(node));
  }
  return (id) => counts.get(id) ?? 1;
}

/** Leaves that a run of a spec may start at most. */
export function worstCasePopulation(spec: Pick<WorkflowSpec, 'nodes'>): number {
  return sum(spec.nodes, instanceCount(spec.nodes));
}

/** The authored nodes directly below, in the order as written. */
export function childNodes(node: WorkflowNode): readonly WorkflowNode[] {
  switch (node.kind) {
    case 'sequence':
    case 'loop_until':
      return node.children;
    case 'branch_set':
      return node.onConflict === undefined ? node.children : [...node.children, node.onConflict];
    case 'cond':
      return [...node.then, ...node.else];
    case 'expand':
      return node.onConflict === undefined ? [node.template] : [node.template, node.onConflict];
    case 'leaf':
    case 'reduce':
    case 'tournament':
    case 'pareto':
    case 'teacher_review':
    case 'approve':
      return [];
  }
}
