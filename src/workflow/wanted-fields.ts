/**
 * Which fields of which leaf outputs decisions depend on. They are known from the spec alone, so that
 * `decide` never has to open a content: exactly these stand inline in `leaf.finished`.
 */
import type { Predicate, Reference } from './reference.ts';
import type { ControlNode, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

/** Leaf id → dotted paths (`''` is the whole output), without repetition, sorted. */
export function wantedFields(spec: WorkflowSpec): ReadonlyMap<string, readonly string[]> {
  const nodes: Nodes = new Map();
  if (!hasReader(spec.nodes)) return new Map();
  collect(spec.nodes, nodes);
  const wanted = new Map<string, Set<string>>();
  for (const { node } of nodes.values()) {
    for (const { node: id, field = '' } of readBy(node)) {
      wantOf(nodes, wanted, id, withoutHeads(field, listsBetween(nodes, node.id, id)));
    }
    for (const { node: id, field = '' } of readFromCandidates(node)) {
      const target = nodes.get(id)?.node;
      wantOf(nodes, wanted, target?.kind === 'expand' ? target.template.id : id, field);
    }
    for (const id of testsOfCandidates(nodes, node)) want(wanted, id, TEST_COUNTS);
  }
  return new Map(Array.from(wanted, ([id, fields]) => [id, [...fields].sort()]));
}

/** Most workflows decide on outcomes alone: then no leaf need be looked at. */
function hasReader(list: readonly WorkflowNode[]): boolean {
  const pending: ControlNode[] = [];
  const add = (nodes: readonly WorkflowNode[]): void => {
    for (const node of nodes) if (node.kind !== 'leaf') pending.push(node);
  };
  add(list);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (READERS.has(node.kind)) return true;
    add(nodesIn(node));
  }
  return false;
}

/** Kinds whose rules may read values. */
const READERS: ReadonlySet<WorkflowNode['kind']> = new Set([
  'loop_until',
  'cond',
  'expand',
  'tournament',
  'pareto',
]);

interface Place {
  readonly node: WorkflowNode;
  /** Id of the node around it. */
  readonly parent: string | undefined;
}

type Nodes = Map<string, Place>;

function collect(list: readonly WorkflowNode[], into: Nodes): void {
  const pending: Place[] = list.map((node) => ({ node, parent: undefined }));
  for (let place = pending.pop(); place !== undefined; place = pending.pop()) {
    const { node } = place;
    into.set(node.id, place);
    pending.push(...nodesIn(node).map((child) => ({ node: child, parent: node.id })));
  }
}

/** How many expands make a list of the target, as seen from a node. */
function listsBetween(nodes: Nodes, from: string, target: string): number {
  const mine = new Set<string>();
  for (let at: string | undefined = from; at !== undefined; at = nodes.get(at)?.parent) {
    mine.add(at);
  }
  let lists = 0;
  for (let at: string | undefined = target; at !== undefined; at = nodes.get(at)?.parent) {
    const around: string | undefined = nodes.get(at)?.parent;
    const place: Place | undefined = around === undefined ? undefined : nodes.get(around);
    if (place?.node.kind === 'expand' && place.node.template.id === at) lists += 1;
    if (around === undefined || mine.has(around)) return lists;
  }
  return lists;
}

function withoutHeads(field: string, count: number): string {
  return field.split('.').slice(count).join('.');
}

/** The nodes directly inside of a node, derived ones included. */
function nodesIn(node: WorkflowNode): readonly WorkflowNode[] {
  const some = (...list: readonly (WorkflowNode | undefined)[]): WorkflowNode[] =>
    list.filter((entry) => entry !== undefined);
  switch (node.kind) {
    case 'leaf':
    case 'approve':
      return [];
    case 'pareto':
      return some(node.harvest);
    case 'sequence':
      return node.children;
    case 'branch_set':
      return [...node.children, ...some(node.merge, node.onConflict, node.harvest)];
    case 'loop_until':
      return [...node.children, ...some(node.judge)];
    case 'cond':
      return [...some(node.judge), ...node.then, ...node.else];
    case 'expand':
      return some(node.template, node.merge, node.onConflict, node.harvest);
    case 'reduce':
      return [node.reducer];
    case 'tournament':
      return some(node.judge, node.harvest);
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
      return node.judge === undefined ? [] : [{ node: node.judge.id }];
    default:
      return [];
  }
}

/** Fields that are read from each candidate; an expand stands for its instances. */
function readFromCandidates(node: WorkflowNode): readonly Reference[] {
  switch (node.kind) {
    case 'tournament': {
      const { by, field = '' } = node.rank;
      return by === 'field' ? node.candidates.map((id) => ({ node: id, field })) : [];
    }
    case 'pareto':
      return node.candidates.flatMap((id) =>
        node.objectives
          .filter(({ by }) => by === 'field')
          .map(({ field = '' }) => ({ node: id, field })),
      );
    default:
      return [];
  }
}

/** Field of a test command’s output: its counted tests. */
const TEST_COUNTS = 'tests';

/** The test commands that a tournament by tests looks at: all in its candidates. */
function testsOfCandidates(nodes: Nodes, node: WorkflowNode): readonly string[] {
  if (node.kind !== 'tournament' || node.rank.by !== 'tests') return [];
  const open = node.candidates.flatMap((id) => nodes.get(id)?.node ?? []);
  const found: string[] = [];
  for (let one = open.pop(); one !== undefined; one = open.pop()) {
    if (one.kind !== 'leaf') open.push(...nodesIn(one));
    else if (one.task.type === 'command' && one.task.purpose === 'test') found.push(one.id);
  }
  return found;
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

function want(wanted: Map<string, Set<string>>, id: string, field: string): void {
  wanted.set(id, (wanted.get(id) ?? new Set<string>()).add(field));
}

type Step = readonly [node: WorkflowNode | undefined, field: string];

/** Follows a field of a control node’s output down to the leaves that it comes from. */
function wantOf(nodes: Nodes, wanted: Map<string, Set<string>>, id: string, field: string): void {
  const pending: Step[] = [[nodes.get(id)?.node, field]];
  for (let step = pending.pop(); step !== undefined; step = pending.pop()) {
    const [node, path] = step;
    if (node === undefined) continue;
    if (node.kind === 'leaf') {
      want(wanted, node.id, path);
    } else {
      pending.push(...stepsBelow(nodes, node, path));
    }
  }
}

/** Where a field of a control node’s output comes from. */
function stepsBelow(nodes: Nodes, node: ControlNode, field: string): readonly Step[] {
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
      return node.candidates.map((candidate) => {
        const target = nodes.get(candidate)?.node;
        return [target?.kind === 'expand' ? target.template : target, rest];
      });
    case 'pareto':
    case 'approve':
      return [];
  }
}
