/**
 * Which fields of which leaf outputs decisions depend on. They are known from the spec alone, so that
 * `decide` never has to open a content: exactly these stand inline in `leaf.finished`.
 */
import type { Predicate, Reference } from './reference.ts';
import type { ControlNode, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

/** Leaf id → dotted paths (`''` is the whole output), without repetition, sorted. */
export function wantedFields(spec: WorkflowSpec): ReadonlyMap<string, readonly string[]> {
  const nodes = new Map<string, WorkflowNode>();
  collect(spec.nodes, nodes);
  const wanted = new Map<string, Set<string>>();
  const want = (reference: Reference): void =>
    wantOf(nodes, wanted, reference.node, reference.field ?? '');
  for (const node of nodes.values()) for (const reference of readBy(node)) want(reference);
  return new Map(Array.from(wanted, ([id, fields]) => [id, [...fields].sort()]));
}

function collect(list: readonly WorkflowNode[], into: Map<string, WorkflowNode>): void {
  const pending = [...list];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    into.set(node.id, node);
    pending.push(...nodesIn(node));
  }
}

/** The nodes directly inside of a node, derived ones included. */
export function nodesIn(node: WorkflowNode): readonly WorkflowNode[] {
  const some = (...list: readonly (WorkflowNode | undefined)[]): WorkflowNode[] =>
    list.filter((entry) => entry !== undefined);
  switch (node.kind) {
    case 'leaf':
    case 'approve':
    case 'pareto':
      return [];
    case 'sequence':
      return node.children;
    case 'branch_set':
      return [...node.children, ...some(node.merge, node.onConflict)];
    case 'loop_until':
      return [...node.children, ...some(node.judge)];
    case 'cond':
      return [...some(node.judge), ...node.then, ...node.else];
    case 'expand':
      return some(node.template, node.merge, node.onConflict);
    case 'reduce':
      return [node.reducer];
    case 'tournament':
      return some(node.judge);
    case 'teacher_review':
      return [node.teacher];
  }
}

/** The references whose values a node’s rule reads. */
function readBy(node: WorkflowNode): readonly Reference[] {
  switch (node.kind) {
    case 'loop_until':
      return readByPredicate(node.until);
    case 'cond':
      return readByPredicate(node.test);
    case 'expand':
      return [node.source];
    case 'tournament':
      return [
        ...(node.rank.by === 'field'
          ? node.candidates.map((id) => ({ node: id, field: node.rank.field ?? '' }))
          : []),
        ...(node.judge === undefined ? [] : [{ node: node.judge.id }]),
      ];
    case 'pareto':
      return node.candidates.flatMap((id) =>
        node.objectives
          .filter((objective) => objective.by === 'field')
          .map((objective) => ({ node: id, field: objective.field ?? '' })),
      );
    default:
      return [];
  }
}

function readByPredicate(predicate: Predicate): readonly Reference[] {
  switch (predicate.op) {
    case 'succeeded':
    case 'failed':
      return [];
    case 'equals':
    case 'at_least':
    case 'at_most':
      return [predicate];
    case 'all_of':
    case 'any_of':
      return predicate.of.flatMap(readByPredicate);
    case 'negate':
      return readByPredicate(predicate.of);
  }
}

type Step = readonly [node: WorkflowNode | undefined, field: string];

/** Follows a field of a control node’s output down to the leaves that it comes from. */
function wantOf(
  nodes: ReadonlyMap<string, WorkflowNode>,
  wanted: Map<string, Set<string>>,
  id: string,
  field: string,
): void {
  const pending: Step[] = [[nodes.get(id), field]];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const [node, path] = step;
    if (node === undefined) continue;
    if (node.kind === 'leaf') {
      wanted.set(node.id, (wanted.get(node.id) ?? new Set<string>()).add(path));
    } else {
      pending.push(...stepsBelow(nodes, node, path));
    }
  }
}

/** Where a field of a control node’s output comes from. */
function stepsBelow(
  nodes: ReadonlyMap<string, WorkflowNode>,
  node: ControlNode,
  field: string,
): readonly Step[] {
  const cut = field.indexOf('.');
  const head = cut < 0 ? field : field.slice(0, cut);
  const rest = cut < 0 ? '' : field.slice(cut + 1);
  switch (node.kind) {
    case 'sequence':
    case 'loop_until':
      return [[node.children.at(-1), field]];
    case 'cond':
      return [
        [node.then.at(-1), field],
        [node.else.at(-1), field],
      ];
    case 'branch_set':
      if (node.join === 'first_success') return node.children.map((child) => [child, field]);
      return node.children
        .filter((child) => field === '' || child.id === head)
        .map((child) => [child, rest]);
    case 'expand':
      return [[node.template, rest]];
    case 'reduce':
      return [[node.reducer, field]];
    case 'teacher_review':
      return [[node.teacher, field]];
    case 'tournament':
      if (field !== '' && head !== 'output') return [];
      return node.candidates.map((candidate) => [nodes.get(candidate), rest]);
    case 'pareto':
      if (field !== '' && head !== 'items') return [];
      return node.candidates.map((candidate) => [nodes.get(candidate), '']);
    case 'approve':
      return [];
  }
}
