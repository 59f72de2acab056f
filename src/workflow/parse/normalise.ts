/**
 * From the authored form to the IR: short forms written out, defaults filled in, what is inherited
 * narrowed, derived leaves added. Never fails: what does not hold together is found by the checks,
 * which get each node together with its place in the document.
 */
import type { NodeDocument, WorkflowDocument } from '../document.ts';
import type { Budget, Permissions } from '../limits.ts';
import { IR_VERSION, type WorkflowNode, type WorkflowSpec } from '../workflow-spec.ts';
import { type ChildPlace, childrenOf, type Side } from './children.ts';
import { DEFAULT_BUDGET, DEFAULT_PROMOTION, NO_PERMISSIONS } from './defaults.ts';
import { toReference } from './references.ts';
import { leastRights, narrow } from './rights.ts';
import { type Below, type NodeWorld, type Scope, toNode } from './to-node.ts';

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

interface Builder extends NodeWorld {
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

function build(
  builder: Builder,
  places: readonly ChildPlace[],
  scope: Scope,
  parent: Entry | undefined,
  at: DocumentPath,
): Below {
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
