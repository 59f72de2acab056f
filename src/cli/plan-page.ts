/** The whole plan of a workflow: every node, what it may do, what it can cost at worst. */

import type { JsonObject } from '../base/json.ts';
import type { CompiledFile } from '../workbench/compile.ts';
import type { Budget } from '../workflow/limits.ts';
import type { OutlineNode, PlanOutline } from '../workflow/plan-outline.ts';
import { countText, leavesText } from './amounts.ts';
import { budgetText } from './budget-text.ts';
import { shellWord } from './program-words.ts';
import { lineText, type Segment } from './segments.ts';
import type { Style } from './style.ts';

export interface PlanPageRequest {
  readonly compiled: CompiledFile;
  readonly outline: PlanOutline;
  /** What holds for a run: the least of the workflow’s and the config’s ceilings. */
  readonly budget: Budget;
  /** Every node; else only the first ones. */
  readonly isFull: boolean;
}

const MAX_NODES = 100;

export function planLines(
  { compiled, outline, budget, isFull }: PlanPageRequest,
  { style, width }: { readonly style: Style; readonly width: number | undefined },
): readonly string[] {
  const line = (...segments: readonly Segment[]): string => lineText(segments, style, width);
  const row = (name: string, text: string): string =>
    line({ text: `  ${name.padEnd(12)}`, paint: 'dim' }, { text });
  const shown = isFull ? outline.nodes : outline.nodes.slice(0, MAX_NODES);
  const hidden = outline.nodes.length - shown.length;
  const names = shown.map(nameOf);
  const nameWidth = Math.min(48, Math.max(...names.map((name) => name.length), 12));
  return [
    line({ text: outline.id, paint: 'bold' }, { text: `   ${compiled.source.path}`, paint: 'dim' }),
    line({ text: `  ${outline.goal}` }),
    '',
    ...shown.map((node, at) =>
      line({ text: `  ${(names[at] ?? '').padEnd(nameWidth)}` }, { text: `  ${aboutNode(node)}` }),
    ),
    ...(hidden > 0 ? [line({ text: `  … ${hidden} more (--full)`, paint: 'dim' })] : []),
    '',
    row('at most', `${leavesText(outline.maxLeaves)}, ${levelsText(outline.depth)} deep`),
    row('ceiling', budgetText(budget)),
    row('tokens', tokensText(outline)),
    ...outline.commands.map(({ node, text, instances, isFixed }) =>
      row(
        'command',
        `${text}   ${node}${timesText(instances)}${isFixed ? '' : ', filled in later'}`,
      ),
    ),
    ...outline.writers.map(({ node, tree, scope }) =>
      row('edits', `${scope?.join(', ') ?? 'any file'}   ${node} in ${treeText(tree)}`),
    ),
    row(
      'trees',
      outline.trees.length === 0 ? 'the run tree' : `the run tree, ${outline.trees.join(', ')}`,
    ),
    row('rights', rightsText(outline)),
    ...(outline.commands.length === 0 ? [] : outline.permissions.commands).map((command) =>
      row('to accept', `--allow ${shellWord(command)}`),
    ),
    ...parameterTexts(compiled).map((text) => row('parameter', text)),
  ];
}

const levelsText = (depth: number): string => (depth === 1 ? '1 level' : `${depth} levels`);

const nameOf = ({ id, depth }: OutlineNode): string => `${'  '.repeat(depth)}${id}`;

function aboutNode(node: OutlineNode): string {
  const { kind, task, role, maxLeaves, instances, isolation, mode, isDerived } = node;
  return [
    task ?? kind.replace('_', ' '),
    role ?? '',
    kind === 'leaf' || maxLeaves === 0 ? '' : `≤${maxLeaves}`,
    instances > 1 ? `×${instances}` : '',
    isolation === 'worktree' ? 'own tree' : '',
    mode === 'read_write' && kind === 'leaf' ? 'edits' : '',
    isDerived ? 'added' : '',
    node.budget === undefined ? '' : `own budget ${budgetText(node.budget)}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

const timesText = (instances: number): string => (instances > 1 ? ` ×${instances}` : '');

const treeText = (tree: string | undefined): string =>
  tree === undefined ? 'the run tree' : `a tree of ${tree}`;

function tokensText({ tokens: { calls, input, output, openEnded } }: PlanOutline): string {
  const single =
    calls === 0
      ? 'no model call'
      : `≤${calls} model call${calls === 1 ? '' : 's'}: ≥${countText(input)} in, ≤${countText(output)} out`;
  if (openEnded === 0) return single;
  const leaves = openEnded === 1 ? '1 agent asks' : `${openEnded} agents ask`;
  const open = `${leaves} as often as needed, within the ceiling`;
  return calls === 0 ? open : `${single}; ${open}`;
}

function rightsText({ permissions }: PlanOutline): string {
  const { write, shell, network, tools, env } = permissions;
  const list = (name: string, words: readonly string[]): string =>
    words.length === 0 ? '' : `${name}: ${words.join(', ')}`;
  return [
    `write ${yesNo(write)}`,
    `shell ${yesNo(shell)}`,
    `network ${yesNo(network)}`,
    list('tools', tools),
    list('env', env),
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

const yesNo = (value: boolean): string => (value ? 'yes' : 'no');

/** `NAME = default`, or that it has to be given. */
function parameterTexts({ spec }: CompiledFile): readonly string[] {
  const { params } = spec;
  if (typeof params !== 'object') return [];
  const { properties, required } = params;
  const needed = Array.isArray(required) ? required : [];
  return Object.entries(properties ?? {}).map(([name, schema]) => {
    const standard = (schema as JsonObject)['default'];
    if (standard !== undefined) return `${name} = ${JSON.stringify(standard)}`;
    return needed.includes(name) ? `${name}: has to be given` : name;
  });
}

export function planJson({ compiled, outline, budget }: PlanPageRequest): JsonObject {
  const { source, spec } = compiled;
  const { permissions, tokens } = outline;
  return {
    schema: 'whaleflow.plan/1',
    workflow: outline.id,
    goal: outline.goal,
    source: { path: source.path, language: source.language, digest: source.digest },
    max_leaves: outline.maxLeaves,
    depth: outline.depth,
    phases: outline.phases.map(({ id, kind, maxLeaves }) => ({ id, kind, max_leaves: maxLeaves })),
    nodes: outline.nodes.map(nodeJson),
    budget: budgetJson(budget),
    permissions: { ...permissions },
    commands: outline.commands.length === 0 ? [] : permissions.commands,
    runs: outline.commands.map(({ node, purpose, text, isFixed, instances }) => {
      return { node, purpose, text, fixed: isFixed, instances };
    }),
    writers: outline.writers.map(({ node, tree, scope }) => {
      return { node, tree: tree ?? null, scope: scope ?? null };
    }),
    trees: outline.trees,
    tokens: {
      calls: tokens.calls,
      input: tokens.input,
      output: tokens.output,
      open_ended: tokens.openEnded,
    },
    params: spec.params,
  };
}

function nodeJson(node: OutlineNode): JsonObject {
  const { id, kind, label, parent, depth, instances, maxLeaves, task, role, isDerived } = node;
  return {
    id,
    kind,
    label: label ?? null,
    parent: parent ?? null,
    depth,
    instances,
    max_leaves: maxLeaves,
    task: task ?? null,
    role: role ?? null,
    derived: isDerived,
    mode: node.mode,
    isolation: node.isolation,
    budget: node.budget === undefined ? null : budgetJson(node.budget),
    prompt_tokens: node.promptTokens ?? null,
  };
}

const budgetJson = (budget: Budget): JsonObject => ({
  max_cost_microusd: budget.maxCostMicroUsd ?? null,
  max_tokens: budget.maxTokens ?? null,
  max_leaves: budget.maxLeaves ?? null,
  max_steps: budget.maxSteps ?? null,
  max_ms: budget.maxMs ?? null,
});
