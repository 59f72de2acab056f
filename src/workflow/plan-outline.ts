/**
 * What a run may do, before it does it: shown by `plan`, asked about by `run`. Pure data from a spec;
 * everything is a worst case.
 */
import { writersOf } from './checks/writers.ts';
import type { Budget, Isolation, Mode, Permissions, Role } from './limits.ts';
import { asksModel } from './parse/defaults.ts';
import {
  childNodes,
  harvestLeaves,
  type InstanceCount,
  instanceCount,
  judgeLeaves,
  worstCaseLeaves,
  worstCasePopulation,
} from './population.ts';
import { commandOf, joinArgv, type LeafTask, type TaskType } from './task.ts';
import { templateHoles } from './template.ts';
import type { LeafNode, NodeKind, WorkflowNode, WorkflowSpec } from './workflow-spec.ts';

export interface PlanOutline {
  readonly id: string;
  readonly goal: string;
  readonly budget: Budget;
  readonly permissions: Permissions;
  readonly maxLeaves: number;
  /** Nested control nodes. */
  readonly depth: number;
  /** The top-level nodes. */
  readonly phases: readonly OutlineNode[];
  /** All nodes, parents first, in the order as written, derived leaves included. */
  readonly nodes: readonly OutlineNode[];
  readonly commands: readonly OutlineCommand[];
  readonly writers: readonly OutlineWriter[];
  /** Nodes with a tree of their own. */
  readonly trees: readonly string[];
  /** Model calls of single completions and their size; agents and the like are bounded by budgets. */
  readonly tokens: OutlineTokens;
}

export interface OutlineNode {
  readonly id: string;
  readonly kind: NodeKind;
  readonly label?: string;
  readonly parent?: string;
  /** 0 for a phase. */
  readonly depth: number;
  /** How often it may run, by the loops and expands around it. */
  readonly instances: number;
  /** Leaves that all instances together may start. */
  readonly maxLeaves: number;
  readonly task?: TaskType;
  readonly role?: Role;
  /** Added by the parser. */
  readonly isDerived: boolean;
  readonly mode: Mode;
  readonly isolation: Isolation;
  readonly permissions: Permissions;
  readonly budget?: Budget;
  /** Of one prompt as written, without what is filled in: UTF-8 bytes / 4. */
  readonly promptTokens?: number;
}

export interface OutlineCommand {
  readonly node: string;
  readonly purpose: 'test' | 'shell';
  readonly text: string;
  /** No part of it is filled in later. */
  readonly isFixed: boolean;
  readonly instances: number;
}

export interface OutlineWriter {
  readonly node: string;
  /** The node whose tree it writes into; the run tree where absent. */
  readonly tree?: string;
  /** Everything where absent. */
  readonly scope?: readonly string[];
}

export interface OutlineTokens {
  readonly calls: number;
  readonly input: number;
  readonly output: number;
  /** Leaves that decide themselves how often they ask. */
  readonly openEnded: number;
}

const DEFAULT_OUTPUT_TOKENS = 8192;
const BYTES_PER_TOKEN = 4;
const MOST = Number.MAX_SAFE_INTEGER;

export function planOutline(spec: WorkflowSpec): PlanOutline {
  const counts = instanceCount(spec.nodes);
  const nodes: OutlineNode[] = [];
  const leaves: { readonly leaf: LeafNode; readonly instances: number }[] = [];
  const open: Visit[] = [...spec.nodes]
    .reverse()
    .map((node) => ({ node, parent: undefined, depth: 0, instances: 1, isDerived: false }));
  for (let visit = open.pop(); visit !== undefined; visit = open.pop()) {
    nodes.push(toOutline(visit, counts));
    if (visit.node.kind === 'leaf') leaves.push({ leaf: visit.node, instances: visit.instances });
    open.push(...below(visit, counts).reverse());
  }
  return {
    id: spec.id,
    goal: spec.goal,
    budget: spec.budget,
    permissions: spec.permissions,
    maxLeaves: worstCasePopulation(spec),
    depth: nodes.reduce(
      (most, { kind, depth }) => Math.max(most, kind === 'leaf' ? 0 : depth + 1),
      0,
    ),
    phases: nodes.filter(({ depth }) => depth === 0),
    nodes,
    commands: leaves.flatMap(toCommand),
    writers: outlineWriters(spec.nodes, undefined),
    trees: nodes.filter(({ isolation }) => isolation === 'worktree').map(({ id }) => id),
    tokens: leaves.reduce(addTokens, { calls: 0, input: 0, output: 0, openEnded: 0 }),
  };
}

interface Visit {
  readonly node: WorkflowNode;
  readonly parent: string | undefined;
  readonly depth: number;
  readonly instances: number;
  readonly isDerived: boolean;
}

function toOutline(
  { node, parent, depth, instances, isDerived }: Visit,
  counts: InstanceCount,
): OutlineNode {
  const leaf = node.kind === 'leaf' ? node : undefined;
  const isModel = leaf !== undefined && asksModel(leaf.task.type);
  const { role } = node.modelPolicy;
  return {
    id: node.id,
    kind: node.kind,
    ...(node.label === undefined ? {} : { label: node.label }),
    ...(parent === undefined ? {} : { parent }),
    depth,
    instances,
    maxLeaves: Math.min(MOST, instances * worstCaseLeaves(node, counts)),
    ...(leaf === undefined ? {} : { task: leaf.task.type }),
    ...(isModel && role !== undefined ? { role } : {}),
    isDerived,
    mode: node.mode,
    isolation: node.isolation,
    permissions: node.permissions,
    ...(node.budget === undefined ? {} : { budget: node.budget }),
    ...(isModel ? { promptTokens: promptTokens(leaf.task) } : {}),
  };
}

/** Children and derived leaves of a node, in the order in which they run. */
function below(visit: Visit, counts: InstanceCount): Visit[] {
  const { node, depth } = visit;
  const next = (child: WorkflowNode, times: number, isDerived: boolean): Visit => ({
    node: child,
    parent: node.id,
    depth: depth + 1,
    instances: Math.min(MOST, visit.instances * times),
    isDerived,
  });
  const authored = childNodes(node).map((child) => {
    const isInstance = node.kind === 'expand' && child === node.template;
    const times = isInstance
      ? node.maxChildren
      : node.kind === 'loop_until'
        ? node.maxIterations
        : 1;
    return next(child, times, false);
  });
  const derived = derivedLeaves(node).map((leaf) => next(leaf, timesOf(node, leaf, counts), true));
  return node.kind === 'cond' ? [...derived, ...authored] : [...authored, ...derived];
}

/** How often a derived leaf may run each time its owner does. */
function timesOf(node: WorkflowNode, leaf: LeafNode, counts: InstanceCount): number {
  if (node.kind === 'loop_until') return node.maxIterations;
  if ('harvest' in node && leaf === node.harvest) return harvestLeaves(node, counts);
  return node.kind === 'tournament' ? judgeLeaves(node, counts) : 1;
}

/** Leaves that the parser added to a control node. */
export function derivedLeaves(node: WorkflowNode): readonly LeafNode[] {
  switch (node.kind) {
    case 'branch_set':
    case 'expand':
      return there(node.merge, node.harvest);
    case 'loop_until':
    case 'cond':
      return there(node.judge);
    case 'tournament':
      return there(node.judge, node.harvest);
    case 'pareto':
      return there(node.harvest);
    case 'reduce':
      return [node.reducer];
    case 'teacher_review':
      return [node.teacher];
    case 'leaf':
    case 'sequence':
    case 'approve':
      return [];
  }
}

const there = (...leaves: readonly (LeafNode | undefined)[]): readonly LeafNode[] =>
  leaves.filter((leaf) => leaf !== undefined);

function toCommand(visit: {
  readonly leaf: LeafNode;
  readonly instances: number;
}): readonly OutlineCommand[] {
  const { leaf, instances } = visit;
  const task = commandOf(leaf.task);
  if (task === undefined) return [];
  return [
    {
      node: leaf.id,
      purpose: task.purpose,
      text: task.shell === 'bash' ? (task.argv[2] ?? '') : joinArgv(task.argv),
      isFixed:
        task.shell === 'bash' ||
        task.argv.every((argument) => templateHoles(argument).length === 0),
      instances,
    },
  ];
}

function outlineWriters(
  nodes: readonly WorkflowNode[],
  tree: string | undefined,
): readonly OutlineWriter[] {
  return nodes.flatMap((node) => {
    if (node.isolation === 'worktree')
      return outlineWriters([{ ...node, isolation: 'shared' }], node.id);
    const isolated = isolatedBelow(node);
    const writers = writersOf(node).map(({ id, scope }) => ({
      node: id,
      ...(tree === undefined ? {} : { tree }),
      ...(scope === undefined ? {} : { scope }),
    }));
    return [...writers, ...outlineWriters(isolated, tree)];
  });
}

/** The nearest nodes below that have a tree of their own. */
function isolatedBelow(node: WorkflowNode): readonly WorkflowNode[] {
  return childNodes(node).flatMap((child) =>
    child.isolation === 'worktree' ? [child] : isolatedBelow(child),
  );
}

function promptTokens(task: LeafTask): number {
  const texts = 'prompt' in task ? [task.prompt, 'system' in task ? (task.system ?? '') : ''] : [];
  return Math.ceil(Buffer.byteLength(texts.join('')) / BYTES_PER_TOKEN);
}

function addTokens(
  total: OutlineTokens,
  { leaf, instances }: { readonly leaf: LeafNode; readonly instances: number },
): OutlineTokens {
  if (!asksModel(leaf.task.type)) return total;
  if (leaf.task.type !== 'model') return { ...total, openEnded: total.openEnded + instances };
  const output = leaf.modelPolicy.maxOutputTokens ?? DEFAULT_OUTPUT_TOKENS;
  return {
    ...total,
    calls: Math.min(MOST, total.calls + instances),
    input: Math.min(MOST, total.input + instances * promptTokens(leaf.task)),
    output: Math.min(MOST, total.output + instances * output),
  };
}
