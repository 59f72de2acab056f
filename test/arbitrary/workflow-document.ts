/**
 * Random workflow documents that hold together: every kind of control node, references that point
 * backward, bounds that stay small, leaves that a mock can answer. For properties of the gate and of
 * the engine.
 */
import * as fc from 'fast-check';
import type {
  HarvestDocument,
  LeafDocument,
  NodeDocument,
  PredicateDocument,
  TaskDocument,
  WorkflowDocument,
} from '../../src/workflow/document.ts';
import type { JsonSchema } from '../../src/workflow/limits.ts';

export interface DocumentSize {
  /** Control nodes within each other; 3 where absent. */
  readonly maxDepth?: number;
  /** Children of a control node, and top-level nodes; 3 where absent. */
  readonly maxChildren?: number;
  /** Iterations of a loop and instances of an expand; 3 where absent. */
  readonly maxRepeat?: number;
  /** Only these kinds of control nodes; all where absent. */
  readonly kinds?: readonly NodeDocument['kind'][];
  /** Nodes with trees of their own, merges and adoption too. */
  readonly hasTrees?: boolean;
  /** Approvals too: they wait for a person. */
  readonly hasApprovals?: boolean;
}

/** What every generated `model` leaf gives, so that fields can be referred to. */
const GENERATED_OUTPUT: JsonSchema = {
  type: 'object',
  properties: {
    text: { type: 'string' },
    score: { type: 'number' },
    done: { type: 'boolean' },
    items: { type: 'array', items: { type: 'string' } },
  },
  required: ['text', 'score', 'done', 'items'],
  additionalProperties: false,
};

interface Shape {
  readonly kind: NodeDocument['kind'];
  /** Chance, used up from the front by whatever has to be chosen. */
  readonly picks: readonly number[];
  readonly children: readonly Shape[];
}

const CONTAINERS = ['sequence', 'branch_set', 'loop_until', 'cond', 'expand'] as const;
const CLOSERS = ['reduce', 'tournament', 'pareto', 'teacher_review'] as const;

export function workflowDocuments(size: DocumentSize = {}): fc.Arbitrary<WorkflowDocument> {
  const { maxDepth = 3, maxChildren = 3, kinds } = size;
  const has = (kind: NodeDocument['kind']): boolean => kinds === undefined || kinds.includes(kind);
  const picks = fc.array(fc.nat({ max: 1000 }), { minLength: 12, maxLength: 12 });
  const single = (kind: NodeDocument['kind']) =>
    fc.record({ kind: fc.constant(kind), picks, children: fc.constant([]) });
  const { node } = fc.letrec<{ node: Shape }>((tie) => {
    const children = fc.array(tie('node'), { minLength: 1, maxLength: maxChildren });
    const inner = CONTAINERS.filter(has).map((kind) => ({
      weight: 2,
      arbitrary: fc.record({ kind: fc.constant(kind), picks, children }),
    }));
    const closers = [
      ...CLOSERS.filter(has),
      ...(size.hasApprovals === true ? ['approve' as const] : []),
    ];
    return {
      node: fc.oneof(
        { maxDepth, withCrossShrink: true },
        { weight: 5, arbitrary: single('leaf') },
        ...closers.map((kind) => ({ weight: 1, arbitrary: single(kind) })),
        ...inner,
      ),
    };
  });
  return fc
    .array(node, { minLength: 1, maxLength: maxChildren + 1 })
    .map((shapes) => toDocument(shapes, size));
}

function toDocument(shapes: readonly Shape[], size: DocumentSize): WorkflowDocument {
  const maker: Maker = { count: 0, size, maxRepeat: size.maxRepeat ?? 3 };
  const { nodes } = makeAll(maker, shapes, {
    visible: [],
    inLoop: [],
    inExpand: false,
    canWrite: true,
  });
  return {
    id: 'generated',
    goal: 'to be run by a test',
    budget: { maxLeaves: 1_000_000, maxTokens: 1_000_000_000, maxCostMicroUsd: 1_000_000_000 },
    nodes,
  };
}

interface Maker {
  count: number;
  readonly size: DocumentSize;
  readonly maxRepeat: number;
}

interface Seen {
  readonly id: string;
  /** Fields of the generated output can be referred to. */
  readonly hasFields: boolean;
  /** The expands around it, which stand for it among candidates. */
  readonly within?: readonly string[];
}

interface Around {
  /** What may be referred to. */
  readonly visible: readonly Seen[];
  /** Ids of the innermost loop so far, for `previous`. */
  readonly inLoop: readonly Seen[];
  readonly inExpand: boolean;
  /** No other node writes into the same tree at the same time. */
  readonly canWrite: boolean;
}

/** Nodes one after the other: each sees those before it. */
function makeAll(
  maker: Maker,
  shapes: readonly Shape[],
  around: Around,
): { readonly nodes: NodeDocument[]; readonly seen: readonly Seen[] } {
  const nodes: NodeDocument[] = [];
  const seen: Seen[] = [];
  for (const shape of shapes) {
    const made = make(maker, shape, { ...around, visible: [...around.visible, ...seen] });
    nodes.push(...made.nodes);
    seen.push(...made.seen);
  }
  return { nodes, seen };
}

interface Made {
  readonly nodes: readonly NodeDocument[];
  readonly seen: readonly Seen[];
}

function make(maker: Maker, shape: Shape, around: Around): Made {
  const pick = picker(shape.picks);
  maker.count += 1;
  const id = `${shape.kind.slice(0, 4)}-${maker.count}`;
  switch (shape.kind) {
    case 'sequence': {
      const { nodes, seen } = makeAll(maker, shape.children, around);
      const onFailure = pick.of(['stop', 'continue'] as const);
      return {
        nodes: [{ kind: 'sequence', id, children: nodes, onFailure }],
        seen: [bare(id), ...seen],
      };
    }
    case 'branch_set':
      return branchSet(maker, shape, around, id, pick);
    case 'loop_until': {
      const body = makeAll(maker, shape.children, { ...around, inLoop: around.inLoop });
      const again = pick.chance(3) ? withPrevious(body.nodes, pick) : body.nodes;
      const until = condition(pick, body.seen);
      const maxIterations = 1 + pick.below(maker.maxRepeat);
      const onExhausted = pick.of(['fail', 'continue'] as const);
      return {
        nodes: [{ kind: 'loop_until', id, until, maxIterations, onExhausted, children: again }],
        seen: [bare(id), ...body.seen],
      };
    }
    case 'cond':
      return cond(maker, shape, around, id, pick);
    case 'expand':
      return expand(maker, shape, around, id, pick);
    case 'leaf':
      return one(leaf(id, pick, around));
    case 'approve':
      return one({ kind: 'approve', id, message: `may ${id} go on?` });
    case 'reduce':
    case 'tournament':
    case 'pareto':
    case 'teacher_review': {
      const candidates = pick.some(around.visible);
      if (candidates.length === 0) return one(leaf(id, pick, around));
      return one(closer(maker.size, { kind: shape.kind, id }, pick, candidates));
    }
  }
}

const bare = (id: string): Seen => ({ id, hasFields: false });

function one(node: NodeDocument): Made {
  const hasFields = node.kind === 'leaf' && node.output === GENERATED_OUTPUT;
  return { nodes: [node], seen: [{ id: node.id, hasFields }] };
}

function branchSet(maker: Maker, shape: Shape, around: Around, id: string, pick: Choice): Made {
  const isolates = maker.size.hasTrees === true && around.canWrite && pick.chance(2);
  const made = shape.children.map((child) =>
    makeAll(maker, [child], { ...around, canWrite: isolates }),
  );
  const children = made.flatMap(({ nodes }) =>
    nodes.length === 1
      ? nodes
      : [{ kind: 'sequence' as const, id: `${id}-${nodes[0]?.id}`, children: nodes }],
  );
  const join = pick.of(['all', 'any', 'first_success'] as const);
  const trees = isolates && join !== 'first_success' ? pick.of(['drop', 'merge'] as const) : 'drop';
  const node: NodeDocument = {
    kind: 'branch_set',
    id,
    join,
    ...(pick.chance(3) ? { maxParallel: 1 + pick.below(3) } : {}),
    ...(pick.chance(4) ? { diversify: true } : {}),
    ...(isolates ? { trees } : readOnly(maker)),
    ...(isolates && (join === 'first_success' || trees === 'merge') ? harvested(pick) : {}),
    children: isolates
      ? children.map((child) => ({ ...child, isolation: 'worktree', mode: 'read_write' }))
      : children,
  };
  return { nodes: [node], seen: [bare(id), ...made.flatMap(({ seen }) => seen)] };
}

/** What runs at the same time in one tree must not write, whatever is around it. */
const readOnly = (maker: Maker): Partial<Pick<LeafDocument, 'mode'>> =>
  maker.size.hasTrees === true ? { mode: 'read_only' } : {};

function cond(maker: Maker, shape: Shape, around: Around, id: string, pick: Choice): Made {
  const half = Math.max(1, Math.ceil(shape.children.length / 2));
  const yes = makeAll(maker, shape.children.slice(0, half), around);
  const no = makeAll(maker, shape.children.slice(half), around);
  const node: NodeDocument = {
    kind: 'cond',
    id,
    test: condition(pick, around.visible),
    // biome-ignore lint/suspicious/noThenProperty: a field of the IR
    then: yes.nodes,
    ...(no.nodes.length > 0 ? { else: no.nodes } : {}),
  };
  return { nodes: [node], seen: [bare(id), ...yes.seen, ...no.seen] };
}

/** An expand and, where nothing before it gives a list, a leaf that does. */
function expand(maker: Maker, shape: Shape, around: Around, id: string, pick: Choice): Made {
  const lister: LeafDocument = {
    kind: 'leaf',
    id: `${id}-list`,
    task: { type: 'model', prompt: `list for ${id}` },
    output: GENERATED_OUTPUT,
  };
  const seen = [...around.visible, { id: lister.id, hasFields: true }];
  const isolates = maker.size.hasTrees === true && around.canWrite && pick.chance(2);
  const body = makeAll(maker, shape.children, {
    visible: seen,
    inLoop: [],
    inExpand: true,
    canWrite: isolates,
  });
  const [only] = body.nodes;
  const template: NodeDocument =
    body.nodes.length === 1 && only !== undefined
      ? only
      : { kind: 'sequence', id: `${id}-each`, children: body.nodes };
  const node: NodeDocument = {
    kind: 'expand',
    id,
    source: { node: lister.id, field: 'items' },
    maxChildren: 1 + pick.below(maker.maxRepeat),
    overflow: pick.of(['fail', 'first', 'first'] as const),
    ...(pick.chance(3) ? { maxParallel: 1 + pick.below(3) } : {}),
    ...(isolates ? { trees: 'merge', ...harvested(pick) } : readOnly(maker)),
    template: isolates ? { ...template, isolation: 'worktree', mode: 'read_write' } : template,
  };
  return {
    nodes: [lister, node],
    seen: [
      { id: lister.id, hasFields: true },
      bare(id),
      ...body.seen.map(({ id: inner, within = [] }) => ({
        ...bare(inner),
        within: [id, ...within],
      })),
    ],
  };
}

function closer(
  size: DocumentSize,
  { kind, id }: { readonly kind: (typeof CLOSERS)[number]; readonly id: string },
  pick: Choice,
  seen: readonly Seen[],
): NodeDocument {
  // What is seen from two sides stands twice among them, and is one candidate all the same.
  const ids = new Set(seen.map((one) => one.id));
  const isHeld = ({ within = [] }: Seen): boolean => within.some((holder) => ids.has(holder));
  const candidates = [...new Set(seen.filter((one) => !isHeld(one)).map((one) => one.id))];
  const scored = seen.every(({ hasFields }) => hasFields);
  switch (kind) {
    case 'reduce':
      return { kind, id, inputs: candidates, task: { type: 'model', prompt: 'put together' } };
    case 'tournament': {
      const by = pick.of([
        'tests',
        'cost',
        'judge',
        'pairwise',
        scored ? 'field' : 'cost',
      ] as const);
      return {
        kind,
        id,
        candidates,
        rank: { by, ...(by === 'field' ? { field: 'score' } : {}) },
        ...(by === 'field' && pick.chance(3) ? { minScore: 0.5 } : {}),
        adopt: 'none',
        ...(size.hasTrees === true ? harvested(pick) : {}),
      };
    }
    case 'pareto':
      return {
        kind,
        id,
        candidates,
        objectives: [
          { by: 'cost', goal: 'min' },
          ...(scored ? [{ by: 'field', field: 'score', goal: 'max' } as const] : []),
        ],
        maxItems: 1 + pick.below(3),
        ...(size.hasTrees === true ? harvested(pick) : {}),
      };
    case 'teacher_review':
      return { kind, id, candidates };
  }
}

/** Now and then a check of what losers left. */
const harvested = (pick: Choice): { readonly harvest?: HarvestDocument } =>
  pick.chance(2) ? { harvest: { argv: ['check', 'all'] } } : {};

function leaf(id: string, pick: Choice, around: Around): LeafDocument {
  const sources = pick.some(around.visible);
  const inputs =
    sources.length === 0
      ? {}
      : {
          inputs: Object.fromEntries(
            sources.map(({ id: node, hasFields }, index) => [
              `in${index}`,
              {
                node,
                ...(hasFields && pick.chance(2) ? { field: 'score' } : {}),
                ...(pick.chance(2) ? { optional: true } : {}),
              },
            ]),
          ),
        };
  const task = pick.of<TaskDocument>([
    { type: 'model', prompt: around.inExpand ? `do ${id} for {{item}}` : `do ${id}` },
    { type: 'model', prompt: `do ${id}` },
    { type: 'agent', prompt: `work on ${id}`, agentType: 'explore' },
    { type: 'command', purpose: 'test', argv: ['check', id] },
    { type: 'search', query: id },
  ]);
  return {
    kind: 'leaf',
    id,
    task,
    ...inputs,
    ...(task.type === 'model' ? { output: GENERATED_OUTPUT } : {}),
    ...(pick.chance(3) ? { retry: { maxAttempts: 1 + pick.below(3), backoffMs: 10 } } : {}),
  };
}

/** The first leaf of a loop’s body also sees what the last node gave the iteration before. */
function withPrevious(nodes: readonly NodeDocument[], pick: Choice): readonly NodeDocument[] {
  const target = nodes[pick.below(nodes.length)]?.id as string;
  const last = { node: target, previous: true, optional: true };
  return nodes.map((node, index) =>
    index === 0 && node.kind === 'leaf'
      ? { ...node, inputs: { ...(node.inputs as object), last } }
      : node,
  );
}

function condition(pick: Choice, seen: readonly Seen[]): PredicateDocument | string {
  const source = pick.some(seen)[0] ?? seen[0];
  if (source === undefined || pick.chance(4)) return 'the work is done';
  const { id: node } = source;
  const simple: PredicateDocument = source.hasFields
    ? pick.of<PredicateDocument>([
        { op: 'equals', node, field: 'done', value: true },
        { op: 'at_least', node, field: 'score', value: 0.5 },
        { op: 'at_most', node, field: 'score', value: 0.5 },
        { op: 'succeeded', node },
      ])
    : pick.of<PredicateDocument>([
        { op: 'succeeded', node },
        { op: 'failed', node },
      ]);
  if (pick.chance(4)) return { op: 'negate', of: simple };
  return pick.chance(4) ? { op: 'any_of', of: [simple, { op: 'failed', node }] } : simple;
}

interface Choice {
  below(limit: number): number;
  /** True once in `times`. */
  chance(times: number): boolean;
  of<T>(values: readonly T[]): T;
  /** Up to three, in order. */
  some<T>(values: readonly T[]): readonly T[];
}

function picker(picks: readonly number[]): Choice {
  let at = 0;
  const next = (): number => {
    const pick = picks[at % picks.length] as number;
    at += 1;
    return pick + at;
  };
  const below = (limit: number): number => next() % limit;
  return {
    below,
    chance: (times) => below(times) === 0,
    of: (values) => values[below(values.length)] as never,
    some: (values) => {
      if (values.length === 0) return [];
      const start = below(values.length);
      return values.slice(start, start + below(4));
    },
  };
}
