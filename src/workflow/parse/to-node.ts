/** One node of the IR from the node as written, with what it has from above and the nodes below it. */
import type { ConditionDocument, HarvestDocument, NodeDocument } from '../document.ts';
import type { ModelPolicy, Permissions } from '../limits.ts';
import type { InputReference, Inputs, Predicate } from '../reference.ts';
import { splitName, templateHoles } from '../template.ts';
import type { LeafNode, NodeFields, Rank, WorkflowNode, WorkflowSpec } from '../workflow-spec.ts';
import type { Side } from './children.ts';
import { DEFAULT_PARETO_ITEMS } from './defaults.ts';
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
import { fillIn, toCheck, toTask, withPrevious } from './tasks.ts';

/** What a node gets from those above it. */
export interface Scope {
  readonly permissions: Permissions;
  readonly modelPolicy: ModelPolicy;
  readonly fileScope: readonly string[] | undefined;
  readonly mode: NodeFields['mode'] | undefined;
}

/** What is known of the whole workflow. */
export interface NodeWorld {
  readonly ids: ReadonlySet<string>;
  /** Isolated nodes in which something writes, and the expands of such. */
  readonly worktreeWriters: ReadonlySet<string>;
  readonly promotion: WorkflowSpec['promotionPolicy'];
}

/** The nodes below one, by the list that they stand in. */
export type Below = Readonly<Record<Side, readonly WorkflowNode[]>>;

/** `before`: the sibling before it, as written. */
export function toNode(
  world: NodeWorld,
  document: NodeDocument,
  scope: Scope,
  below: Below,
  before: string | undefined,
): WorkflowNode {
  const fields = fieldsOf(document, scope);
  const owner: Owner = { fields, ownRole: document.modelPolicy?.role };
  switch (document.kind) {
    case 'leaf':
      return toLeaf(world, document, fields);
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
      const until = toCondition(world, owner, '$until', document.until, around);
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
      const test = toCondition(world, owner, '$test', document.test, around);
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
      const filled = fillIn(world.ids, toTask(document.task), inputs);
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
      const adopts = document.candidates.some((id) => world.worktreeWriters.has(id));
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
        promotionPolicy: { ...world.promotion, ...document.promotionPolicy },
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

function fanOut(
  owner: Owner,
  document: Extract<NodeDocument, { kind: 'branch_set' | 'expand' }>,
  below: Below,
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
  world: NodeWorld,
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
    const id = splitName(part.path, (text) => world.ids.has(text))?.name;
    if (id !== undefined) named[id] = { node: id, optional: true };
  }
  const inputs = withPrevious(world.ids, [said], Object.keys(named).length > 0 ? named : around);
  const node = derivedId(owner.fields.id, name);
  return {
    predicate: { op: 'equals', node, field: 'holds', value: true },
    judged: { judge: conditionJudge(owner, name, said, inputs) },
  };
}

function toLeaf(
  world: NodeWorld,
  document: Extract<NodeDocument, { kind: 'leaf' }>,
  fields: NodeFields,
): LeafNode {
  const { task, inputs } = fillIn(world.ids, toTask(document.task), toInputs(document.inputs));
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
