/**
 * The spec as the engine and every fold of a trace look things up in it: each node by id, with its
 * place. Made once from a spec and never changed; holds nothing of a run.
 */
import type { NodePath } from './node-path.ts';
import { wantedFields } from './wanted-fields.ts';
import type { LeafNode, SequenceNode, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

/** Where a node hangs on its parent. */
export type Side = 'child' | 'then' | 'else' | 'template' | 'derived' | 'conflict' | 'harvest';

export interface PlanNode {
  readonly node: WorkflowNode;
  readonly parent: PlanNode | undefined;
  readonly side: Side;
  /** Among the nodes of its side, from 0. */
  readonly index: number;
  /** Place in the workflow as written, from 0 (the root). */
  readonly order: number;
  /** Last segment of its path: the id, or `$judge` and the like for derived leaves. */
  readonly segment: string;
  readonly children: readonly PlanNode[];
  /** Of `cond`. */
  readonly otherwise: readonly PlanNode[];
  /** The leaf that answers for a control node. */
  readonly derived: PlanNode | undefined;
  readonly conflict: PlanNode | undefined;
  /** The pattern of the leaves that harvest losing branches. */
  readonly harvest: PlanNode | undefined;
  /** Fields of a leaf’s output that the plan refers to; they stand inline in `leaf.finished`. */
  readonly wanted: readonly string[];
}

export interface Plan {
  readonly spec: WorkflowSpec;
  readonly root: PlanNode;
  readonly nodes: ReadonlyMap<string, PlanNode>;
  /** How many of them are leaves. */
  readonly leaves: number;
  /** Nodes whose cost, tokens, time and patch sizes are summed up, because a rule reads the sums. */
  readonly tracked: ReadonlySet<string>;
}

/** Shared: a plan may have 100,000 leaves. */
const NOTHING: readonly never[] = [];

type Draft = { -readonly [K in keyof PlanNode]: PlanNode[K] };

const plans = new WeakMap<WorkflowSpec, Plan>();

/** Lays out a spec, once for each that is in memory. Linear in its nodes. */
export function planOf(spec: WorkflowSpec): Plan {
  const known = plans.get(spec);
  if (known !== undefined) return known;
  const plan = layOut(spec);
  plans.set(spec, plan);
  return plan;
}

function layOut(spec: WorkflowSpec): Plan {
  const nodes = new Map<string, PlanNode>();
  const root = addNode(nodes, rootNode(spec), undefined, 'child', 0);
  for (const [id, fields] of wantedFields(spec)) {
    const leaf = nodes.get(id) as Draft | undefined;
    if (leaf !== undefined) leaf.wanted = fields;
  }
  return { spec, root, nodes, ...survey(nodes) };
}

function survey(nodes: ReadonlyMap<string, PlanNode>): Pick<Plan, 'leaves' | 'tracked'> {
  let leaves = 0;
  const tracked = new Set<string>();
  const track = (id: string): void => {
    const node = nodes.get(id)?.node;
    if (node !== undefined) tracked.add(node.kind === 'expand' ? node.template.id : id);
  };
  for (const { node } of nodes.values()) {
    if (node.budget !== undefined && node.id !== '') tracked.add(node.id);
    if (node.kind === 'leaf') leaves += 1;
    else if (node.kind === 'tournament' && node.rank.by === 'cost') node.candidates.forEach(track);
    else if (node.kind === 'pareto') node.candidates.forEach(track);
  }
  return { leaves, tracked };
}

/** The node that an address of a run belongs to, or undefined. */
export function planNodeAt(plan: Plan, path: NodePath): PlanNode | undefined {
  if (path === '') return plan.root;
  const cut = path.lastIndexOf('/');
  const segment = withoutInstance(path.slice(cut + 1));
  if (!segment.startsWith('$')) return plan.nodes.get(segment);
  const owner = path.slice(path.lastIndexOf('/', cut - 1) + 1, cut);
  return plan.nodes.get(`${withoutInstance(owner)}/${segment}`);
}

/** `fix` of `fix[2]`. */
function withoutInstance(segment: string): string {
  const bracket = segment.indexOf('[');
  return bracket < 0 ? segment : segment.slice(0, bracket);
}

function rootNode(spec: WorkflowSpec): SequenceNode {
  return {
    kind: 'sequence',
    id: '',
    budget: spec.budget,
    permissions: spec.permissions,
    modelPolicy: spec.modelPolicy,
    isolation: 'shared',
    mode: spec.permissions.write ? 'read_write' : 'read_only',
    children: spec.nodes,
    onFailure: 'stop',
  };
}

function addNode(
  nodes: Map<string, PlanNode>,
  node: WorkflowNode,
  parent: PlanNode | undefined,
  side: Side,
  index: number,
): PlanNode {
  const draft: Draft = {
    node,
    parent,
    side,
    index,
    order: nodes.size,
    segment:
      side === 'derived' || side === 'harvest'
        ? node.id.slice(node.id.lastIndexOf('/') + 1)
        : node.id,
    children: NOTHING,
    otherwise: NOTHING,
    derived: undefined,
    conflict: undefined,
    harvest: undefined,
    wanted: NOTHING,
  };
  nodes.set(node.id, draft);
  const add = (list: readonly WorkflowNode[], at: Side): readonly PlanNode[] =>
    list.length === 0
      ? NOTHING
      : list.map((child, position) => addNode(nodes, child, draft, at, position));
  const addOne = (child: WorkflowNode | undefined, at: Side): PlanNode | undefined =>
    child === undefined ? undefined : addNode(nodes, child, draft, at, 0);
  switch (node.kind) {
    case 'leaf':
    case 'approve':
      break;
    case 'pareto':
      draft.harvest = addOne(node.harvest, 'harvest');
      break;
    case 'sequence':
      draft.children = add(node.children, 'child');
      break;
    case 'branch_set':
      draft.children = add(node.children, 'child');
      draft.derived = addOne(node.merge, 'derived');
      draft.conflict = addOne(node.onConflict, 'conflict');
      draft.harvest = addOne(node.harvest, 'harvest');
      break;
    case 'loop_until':
      draft.children = add(node.children, 'child');
      draft.derived = addOne(node.judge, 'derived');
      break;
    case 'cond':
      draft.derived = addOne(node.judge, 'derived');
      draft.children = add(node.then, 'then');
      draft.otherwise = add(node.else, 'else');
      break;
    case 'expand':
      draft.children = add([node.template], 'template');
      draft.derived = addOne(node.merge, 'derived');
      draft.conflict = addOne(node.onConflict, 'conflict');
      draft.harvest = addOne(node.harvest, 'harvest');
      break;
    case 'reduce':
      draft.derived = addOne(node.reducer, 'derived');
      break;
    case 'tournament':
      draft.derived = addOne(node.judge, 'derived');
      draft.harvest = addOne(node.harvest, 'harvest');
      break;
    case 'teacher_review':
      draft.derived = addOne(node.teacher, 'derived');
      break;
  }
  return draft;
}

/** All leaves below a node (itself if it is one), derived ones included, as written. */
export function leavesBelow(node: PlanNode): readonly (PlanNode & { readonly node: LeafNode })[] {
  const found: (PlanNode & { readonly node: LeafNode })[] = [];
  const pending: PlanNode[] = [node];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.node.kind === 'leaf') found.push(next as PlanNode & { readonly node: LeafNode });
    const { derived, children, otherwise, conflict, harvest } = next;
    const below = [derived, ...children, ...otherwise, conflict, harvest];
    for (const child of below.reverse()) if (child !== undefined) pending.push(child);
  }
  return found;
}
