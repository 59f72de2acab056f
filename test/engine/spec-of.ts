/** Workflows for the engine’s tests: through the one gate, from documents written out or at random. */
import type {
  BranchSetDocument,
  NodeDocument,
  WorkflowDocument,
} from '../../src/workflow/document.ts';
import type { Budget } from '../../src/workflow/limits.ts';
import { asksModel } from '../../src/workflow/parse/defaults.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { type Dice, dice } from './chance.ts';

/** The spec of a document that the gate lets in. */
export function specOf(document: WorkflowDocument): WorkflowSpec {
  const parsed = parseWorkflow(document);
  if ('spec' in parsed) return parsed.spec;
  throw new Error(parsed.diagnostics.map(({ message }) => message).join('\n'));
}

export function workflowOf(nodes: readonly NodeDocument[]): WorkflowDocument {
  return { id: 'w', goal: 'to be run by a test', nodes };
}

/**
 * The spec of a generated document, with more of what makes an engine stumble: budgets on nodes, answers
 * that time out, keys, resolvers of conflicts, adoption. What the gate refuses is left as it was.
 */
export function enrichedSpec(document: WorkflowDocument, seed: number): WorkflowSpec | undefined {
  const chance = dice(seed);
  const nodes = inLine(document.nodes, chance);
  const permissions = { write: true, shell: true, commands: ['*'] };
  const budget = chance.once(3) ? { budget: budgetOf(chance) } : {};
  for (const tried of [{ ...document, permissions, nodes, ...budget }, document]) {
    const parsed = parseWorkflow(tried);
    if ('spec' in parsed) return parsed.spec;
  }
  return undefined;
}

function enrich(node: NodeDocument, chance: Dice): NodeDocument {
  const budget = chance.once(12) ? { budget: budgetOf(chance) } : {};
  return { ...enrichKind(node, chance), ...budget };
}

/** Small enough to be short of, large enough to begin with. */
function budgetOf(chance: Dice): Budget {
  const all: readonly Budget[] = [
    { maxLeaves: 1 + chance.below(4) },
    { maxSteps: 1 + chance.below(6) },
    { maxTokens: 200 + chance.below(3_000) },
    { maxTokens: 8_000 + chance.below(30_000) },
    { maxCostMicroUsd: 1 + chance.below(100) },
    { maxMs: 50 + chance.below(2_000) },
  ];
  return chance.once(3) ? { ...chance.of(all), ...chance.of(all) } : chance.of(all);
}

function enrichKind(node: NodeDocument, chance: Dice): NodeDocument {
  const all = (list: readonly NodeDocument[]) => list.map((child) => enrich(child, chance));
  switch (node.kind) {
    case 'sequence':
    case 'loop_until':
      return { ...node, children: inLine(node.children, chance) };
    case 'branch_set': {
      const children = all(node.children).map(busy);
      return node.trees === 'merge' && chance.once(2)
        ? { ...node, children, onConflict: resolver(node.id, chance) }
        : { ...node, children };
    }
    case 'cond':
      // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
      return { ...node, then: all(node.then), ...(node.else ? { else: all(node.else) } : {}) };
    case 'expand':
      return { ...node, template: enrich(node.template, chance) };
    case 'approve':
      if (chance.once(2)) return node;
      return { ...node, timeoutMs: 10, onTimeout: chance.of(['deny', 'approve']) };
    case 'tournament':
      return {
        ...node,
        adopt: chance.of(['winner', 'none']),
        ...(chance.once(4) ? { minScore: chance.below(5) / 4 } : {}),
      };
    case 'pareto': {
      const by = chance.of(['cost', 'tokens', 'duration', 'diffSize'] as const);
      return { ...node, objectives: [...node.objectives, { by, goal: chance.of(['min', 'max']) }] };
    }
    case 'leaf': {
      const retry = { maxAttempts: 3, on: ['schema', 'exit', 'timeout'], backoffMs: 10 } as const;
      const modelPolicy = { ...node.modelPolicy, maxOutputTokens: 20 + chance.below(200) };
      return {
        ...node,
        ...(chance.once(4) ? { retry } : {}),
        ...(asksModel(node.task.type) && chance.once(2) ? { modelPolicy } : {}),
      };
    }
    case 'reduce':
    case 'teacher_review':
      return node;
  }
}

/** Nodes one after the other; over isolated branches there is now and then a choice that harvests. */
function inLine(nodes: readonly NodeDocument[], chance: Dice): readonly NodeDocument[] {
  return nodes.flatMap((node) => {
    const rich = enrich(node, chance);
    const isFought = rich.kind === 'branch_set' && rich.children.some(isIsolated);
    return isFought && chance.once(2) ? [rich, choice(rich, chance)] : [rich];
  });
}

const isIsolated = ({ isolation }: NodeDocument): boolean => isolation === 'worktree';

/** What is to write has a task that can. */
function busy(node: NodeDocument): NodeDocument {
  if (node.kind !== 'leaf' || !isIsolated(node)) return node;
  const { output: _output, ...rest } = node;
  return { ...rest, task: { type: 'agent', prompt: `work on ${node.id}` } };
}

function choice({ id, children }: BranchSetDocument, chance: Dice): NodeDocument {
  const candidates = children.map((child) => child.id);
  const harvest = { argv: ['check', 'all'] };
  if (chance.once(3)) {
    const by = chance.of(['cost', 'duration', 'diffSize'] as const);
    const objectives = [{ by, goal: 'min' }] as const;
    return { kind: 'pareto', id: `${id}-front`, candidates, objectives, harvest };
  }
  const rank = { by: chance.of(['cost', 'tests', 'judge', 'pairwise'] as const) };
  const adopt = chance.of(['winner', 'none'] as const);
  return { kind: 'tournament', id: `${id}-cup`, candidates, rank, adopt, harvest };
}

function resolver(id: string, chance: Dice): NodeDocument {
  const leaf = (name: string): NodeDocument => ({
    kind: 'leaf',
    id: `${id}-${name}`,
    mode: 'read_write',
    task: { type: 'command', argv: ['resolve', name] },
  });
  return chance.once(2)
    ? leaf('resolve')
    : { kind: 'sequence', id: `${id}-solve`, children: [leaf('resolve'), leaf('recheck')] };
}

/** The document without anything whose outcome depends on who is first or what it costs. */
export function orderFree(node: NodeDocument): NodeDocument {
  const all = (list: readonly NodeDocument[]) => list.map(orderFree);
  switch (node.kind) {
    case 'sequence':
    case 'loop_until':
      return { ...node, children: all(node.children) };
    case 'branch_set': {
      const join = node.join === 'first_success' ? 'any' : (node.join ?? 'all');
      const { harvest: _harvest, ...rest } = node;
      return { ...rest, join, children: all(node.children) };
    }
    case 'cond':
      // biome-ignore lint/suspicious/noThenProperty: a field of the IR, and a list
      return { ...node, then: all(node.then), ...(node.else ? { else: all(node.else) } : {}) };
    case 'expand':
      return { ...node, template: orderFree(node.template) };
    case 'tournament':
      return node.rank.by === 'cost' ? { ...node, rank: { by: 'pairwise' } } : node;
    case 'pareto':
      return { kind: 'teacher_review', id: node.id, candidates: node.candidates };
    case 'leaf':
    case 'reduce':
    case 'teacher_review':
    case 'approve':
      return node;
  }
}
