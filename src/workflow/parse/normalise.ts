/**
 * From the authored form to the IR: short forms written out, defaults filled in, what is inherited
 * narrowed, derived leaves added. Never fails: what does not hold together is found by the checks,
 * which get each node together with its place in the document.
 */
import type {
  ConditionDocument,
  HarvestDocument,
  NodeDocument,
  WorkflowDocument,
} from '../document.ts';
import type { Budget, ModelPolicy, Permissions } from '../limits.ts';
import type { InputReference, Inputs, Predicate } from '../reference.ts';
import { splitName, templateHoles } from '../template.ts';
import {
  IR_VERSION,
  type LeafNode,
  type NodeFields,
  type Rank,
  type WorkflowNode,
  type WorkflowSpec,
} from '../workflow-spec.ts';
import { type ChildPlace, childrenOf, type Side } from './children.ts';
import {
  DEFAULT_BUDGET,
  DEFAULT_PARETO_ITEMS,
  DEFAULT_PROMOTION,
  NO_PERMISSIONS,
} from './defaults.ts';
import {
  conditionJudge,
  derivedId,
  harvester,
  merger,
  type Owner,
  pairwiseJudge,
  rankingJudge,
  reducer,
  teacher,
} from './derive.ts';
import { leafFields, NO_SKILLS, retryOf, withRole } from './leaf-fields.ts';
import { allOptional, toInputs, toPredicate, toReference } from './references.ts';
import { leastRights, narrow } from './rights.ts';
import { fillIn, toCheck, toTask, withPrevious } from './tasks.ts';

export type DocumentPath = readonly (string | number)[];

/** A node of the IR with where it came from. */
export interface Entry {
  readonly node: WorkflowNode;
  readonly document: NodeDocument;
  readonly at: DocumentPath;
  readonly parent: Entry | undefined;
  readonly side: Side;
  /** Position among its parent’s children of the same side. */
  readonly index: number;
  /** Control nodes around it. */
  readonly depth: number;
}

export interface Draft {
  readonly document: WorkflowDocument;
  readonly spec: WorkflowSpec;
  /** Every authored node, parents first, in the order as written. */
  readonly entries: readonly Entry[];
}

/** What a node gets from those above it. */
interface Scope {
  readonly permissions: Permissions;
  readonly modelPolicy: ModelPolicy;
  readonly fileScope: readonly string[] | undefined;
  readonly mode: NodeFields['mode'] | undefined;
}

interface Builder {
  readonly ids: ReadonlySet<string>;
  readonly worktreeWriters: ReadonlySet<string>;
  readonly promotion: WorkflowSpec['promotionPolicy'];
  readonly entries: Entry[];
}

export interface NormaliseOptions {
  readonly maxDepth: number;
  readonly maxPopulation?: number;
  /** Ceilings of the host. */
  readonly budget?: Budget;
  readonly permissions?: Permissions;
}

export function normalise(document: WorkflowDocument, options: NormaliseOptions): Draft {
  const granted =
    document.permissions === undefined
      ? leastRights(document)
      : { ...NO_PERMISSIONS, ...document.permissions };
  const permissions = narrow(granted, options.permissions);
  const written = { ...DEFAULT_BUDGET, ...document.budget };
  const budget = options.budget === undefined ? written : least(written, options.budget);
  const modelPolicy = { posture: 'standard' as const, ...document.modelPolicy };
  const promotionPolicy = { ...DEFAULT_PROMOTION, ...document.promotionPolicy };
  const builder: Builder = { ...survey(document), promotion: promotionPolicy, entries: [] };
  const scope = { permissions, modelPolicy, fileScope: undefined, mode: undefined };
  const places = document.nodes.map(
    (child, index): ChildPlace => ({
      child,
      side: 'nodes',
      path: ['nodes', index],
    }),
  );
  const nodes = build(builder, places, scope, undefined, []);
  const last = document.nodes.at(-1) as NodeDocument;
  const spec: WorkflowSpec = {
    irVersion: IR_VERSION,
    id: document.id,
    goal: document.goal,
    ...(document.description === undefined ? {} : { description: document.description }),
    params: document.params ?? { type: 'object', properties: {}, additionalProperties: false },
    budget,
    permissions,
    modelPolicy,
    promotionPolicy,
    output: document.output === undefined ? { node: last.id } : toReference(document.output),
    nodes: nodes.nodes,
    limits: {
      maxPopulation: Math.min(written.maxLeaves, options.maxPopulation ?? written.maxLeaves),
      maxDepth: options.maxDepth,
    },
  };
  return { document, spec, entries: builder.entries };
}

/** The smaller of two ceilings, field by field. */
function least(a: Budget, b: Budget): Budget {
  const fields = Object.entries({ ...b, ...a }) as [keyof Budget, number][];
  return Object.fromEntries(
    fields.map(([name, limit]) => [name, Math.min(limit, b[name] ?? limit)]),
  );
}

/** What has to be known of all nodes before the first is built. */
function survey(document: WorkflowDocument): Pick<Builder, 'ids' | 'worktreeWriters'> {
  const ids = new Set<string>();
  const worktreeWriters = new Set<string>();
  const open = document.nodes.map((node) => ({ node, isolated: undefined as string | undefined }));
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node } = next;
    ids.add(node.id);
    const isolated = node.isolation === 'worktree' ? node.id : next.isolated;
    if (node.mode === 'read_write' && isolated !== undefined) worktreeWriters.add(isolated);
    for (const { child } of childrenOf(node)) {
      open.push({ node: child, isolated });
      // An expand of isolated instances stands for them as a candidate.
      if (node.kind === 'expand' && child.isolation === 'worktree') worktreeWriters.add(node.id);
    }
  }
  return { ids, worktreeWriters };
}

type Built = Readonly<Record<Side, readonly WorkflowNode[]>>;

function build(
  builder: Builder,
  places: readonly ChildPlace[],
  scope: Scope,
  parent: Entry | undefined,
  at: DocumentPath,
): Built {
  const built: Record<Side, WorkflowNode[]> = {
    nodes: [],
    children: [],
    // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
    then: [],
    else: [],
    template: [],
    onConflict: [],
  };
  const depth = parent === undefined ? 0 : parent.depth + 1;
  let before: string | undefined;
  for (const { child, side, path } of places) {
    const siblings = built[side];
    const inner = narrowed(scope, child);
    // The entry goes in first, so that parents stand before children; its node is put in after.
    const entry: { -readonly [K in keyof Entry]: Entry[K] } = {
      node: undefined as unknown as WorkflowNode,
      document: child,
      at: [...at, ...path],
      parent,
      side,
      index: siblings.length,
      depth,
    };
    builder.entries.push(entry);
    const below = build(builder, childrenOf(child), inner, entry, entry.at);
    if (siblings.length === 0) before = undefined;
    entry.node = toNode(builder, child, inner, below, before);
    siblings.push(entry.node);
    before = child.id;
  }
  return built;
}

function narrowed(scope: Scope, node: NodeDocument): Scope {
  return {
    permissions: narrow(scope.permissions, node.permissions),
    modelPolicy:
      node.modelPolicy === undefined
        ? scope.modelPolicy
        : { ...scope.modelPolicy, ...node.modelPolicy },
    fileScope: node.fileScope ?? scope.fileScope,
    mode: node.mode ?? scope.mode,
  };
}

function fieldsOf(document: NodeDocument, scope: Scope): NodeFields {
  return {
    id: document.id,
    ...(document.label === undefined ? {} : { label: document.label }),
    ...(document.budget === undefined ? {} : { budget: document.budget }),
    permissions: scope.permissions,
    modelPolicy: scope.modelPolicy,
    isolation: document.isolation ?? 'shared',
    ...(scope.fileScope === undefined ? {} : { fileScope: scope.fileScope }),
    mode: scope.mode ?? 'read_only',
  };
}

function toNode(
  builder: Builder,
  document: NodeDocument,
  scope: Scope,
  below: Built,
  before: string | undefined,
): WorkflowNode {
  const fields = fieldsOf(document, scope);
  const owner: Owner = { fields, ownRole: document.modelPolicy?.role };
  switch (document.kind) {
    case 'leaf':
      return toLeaf(builder, document, fields);
    case 'sequence':
      return {
        ...fields,
        kind: 'sequence',
        children: below.children,
        onFailure: document.onFailure ?? 'stop',
      };
    case 'branch_set':
      return {
        ...fields,
        kind: 'branch_set',
        children: below.children,
        join: document.join ?? 'all',
        diversify: document.diversify ?? false,
        ...fanOut(owner, document, below),
        ...harvestOf(owner, document.harvest),
      };
    case 'loop_until': {
      const around = Object.fromEntries(
        document.children.map(({ id }) => [id, { node: id, optional: true }]),
      );
      const until = toCondition(builder, owner, '$until', document.until, around);
      return {
        ...fields,
        kind: 'loop_until',
        until: until.predicate,
        ...until.judged,
        maxIterations: document.maxIterations,
        onExhausted: document.onExhausted ?? 'fail',
        children: below.children,
      };
    }
    case 'cond': {
      const around = before === undefined ? {} : { [before]: { node: before, optional: true } };
      const test = toCondition(builder, owner, '$test', document.test, around);
      return {
        ...fields,
        kind: 'cond',
        test: test.predicate,
        ...test.judged,
        // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
        then: below.then,
        else: below.else,
      };
    }
    case 'expand':
      return {
        ...fields,
        kind: 'expand',
        source: toReference(document.source),
        template: below.template[0] as WorkflowNode,
        ...(document.key === undefined ? {} : { key: document.key }),
        maxChildren: document.maxChildren,
        overflow: document.overflow ?? 'fail',
        ...fanOut(owner, document, below),
        ...harvestOf(owner, document.harvest),
      };
    case 'reduce': {
      const inputs = allOptional(toInputs(document.inputs));
      const filled = fillIn(builder.ids, toTask(document.task), inputs);
      return {
        ...fields,
        kind: 'reduce',
        inputs: filled.inputs,
        reducer: reducer(owner, filled.task, filled.inputs, {
          ...leafFields(document),
          modelPolicy: withRole(fields.modelPolicy, owner.ownRole, document.task, filled.task),
        }),
      };
    }
    case 'tournament': {
      const rank: Rank = { ...document.rank, policy: document.rank.policy ?? 'evidentiary' };
      const adopts = document.candidates.some((id) => builder.worktreeWriters.has(id));
      return {
        ...fields,
        kind: 'tournament',
        candidates: document.candidates,
        rank,
        ...(document.minScore === undefined ? {} : { minScore: document.minScore }),
        adopt: document.adopt ?? (adopts ? 'winner' : 'none'),
        ...(rank.by === 'judge' ? { judge: rankingJudge(owner, rank, document.candidates) } : {}),
        ...(rank.by === 'pairwise'
          ? { judge: pairwiseJudge(owner, rank, document.candidates) }
          : {}),
        ...harvestOf(owner, document.harvest),
      };
    }
    case 'pareto':
      return {
        ...fields,
        kind: 'pareto',
        candidates: document.candidates,
        objectives: document.objectives,
        maxItems: document.maxItems ?? DEFAULT_PARETO_ITEMS,
        ...harvestOf(owner, document.harvest),
      };
    case 'teacher_review':
      return {
        ...fields,
        kind: 'teacher_review',
        candidates: document.candidates,
        promotionPolicy: { ...builder.promotion, ...document.promotionPolicy },
        teacher: teacher(owner, document.candidates),
      };
    case 'approve':
      return {
        ...fields,
        kind: 'approve',
        message: document.message,
        ...(document.timeoutMs === undefined ? {} : { timeoutMs: document.timeoutMs }),
        onTimeout: document.onTimeout ?? 'deny',
      };
  }
}

function fanOut(
  owner: Owner,
  document: Extract<NodeDocument, { kind: 'branch_set' | 'expand' }>,
  below: Built,
) {
  const [onConflict] = below.onConflict;
  return {
    ...(document.maxParallel === undefined ? {} : { maxParallel: document.maxParallel }),
    trees: document.trees ?? ('drop' as const),
    ...(document.trees === 'merge' ? { merge: merger(owner) } : {}),
    ...(onConflict === undefined ? {} : { onConflict }),
  };
}

function harvestOf(
  owner: Owner,
  check: HarvestDocument | undefined,
): { readonly harvest?: LeafNode } {
  return check === undefined ? {} : { harvest: harvester(owner, toCheck(check)) };
}

/** The predicate of a condition; for one in plain language also the judge that answers it. */
function toCondition(
  builder: Builder,
  owner: Owner,
  name: '$until' | '$test',
  said: ConditionDocument,
  around: Inputs,
): { readonly predicate: Predicate; readonly judged: { readonly judge?: LeafNode } } {
  if (typeof said !== 'string') return { predicate: toPredicate(said), judged: {} };
  // Nodes that the condition names; where it names none, what stands around it.
  const named: Record<string, InputReference> = {};
  for (const part of templateHoles(said)) {
    if (part.source !== 'inputs') continue;
    const id = splitName(part.path, (text) => builder.ids.has(text))?.name;
    if (id !== undefined) named[id] = { node: id, optional: true };
  }
  const inputs = withPrevious(builder.ids, [said], Object.keys(named).length > 0 ? named : around);
  const node = derivedId(owner.fields.id, name);
  return {
    predicate: { op: 'equals', node, field: 'holds', value: true },
    judged: { judge: conditionJudge(owner, name, said, inputs) },
  };
}

function toLeaf(
  builder: Builder,
  document: Extract<NodeDocument, { kind: 'leaf' }>,
  fields: NodeFields,
): LeafNode {
  const { task, inputs } = fillIn(builder.ids, toTask(document.task), toInputs(document.inputs));
  const extra = leafFields(document);
  return {
    ...fields,
    kind: 'leaf',
    modelPolicy: withRole(fields.modelPolicy, document.modelPolicy?.role, document.task, task),
    task,
    inputs,
    ...(extra.output === undefined ? {} : { output: extra.output }),
    retry: retryOf(task, extra.retry),
    memo: extra.memo ?? 'run',
    skills: extra.skills ?? NO_SKILLS,
  };
}
