/** Parameters that many builtins share. */
import type { Parameter } from './parameter.ts';

export const id: Parameter = {
  name: 'id',
  type: 'id',
  isRequired: true,
  says: 'unique in the workflow',
};

export const mode: Parameter = {
  name: 'mode',
  type: 'text',
  words: ['read_only', 'read_write'],
  says: 'whether it may change files; inherited, `read_only` at the top',
};

export const isolation: Parameter = {
  name: 'isolation',
  type: 'text',
  words: ['shared', 'worktree'],
  says: '`worktree` gives the node and all below it a tree of its own',
};

export const fileScope: Parameter = {
  name: 'file_scope',
  type: 'texts',
  says: 'globs below the repository root that it works on; everything where absent',
};

const label: Parameter = { name: 'label', type: 'text', says: 'shown beside the id' };

const bounds: readonly Parameter[] = [
  { name: 'budget', type: 'budget', says: 'ceilings for the node and all below it' },
  { name: 'permissions', type: 'permissions', says: 'rights; they only narrow downwards' },
  { name: 'model_policy', type: 'model_policy', says: 'what kind of model answers' },
];

/** Fields of every node, but those that a row names itself. */
export function nodeFields(...own: readonly Parameter[]): readonly Parameter[] {
  return [label, mode, isolation, fileScope, ...bounds].filter((one) => !own.includes(one));
}

/** What leaves may say besides their task, and a reduce about its reducer. */
export const leafFields: readonly Parameter[] = [
  {
    name: 'output',
    type: 'schema',
    says: 'JSON Schema of what it gives; free text or the task’s own shape where absent',
  },
  { name: 'retry', type: 'retry', says: 'how often it is tried, and after which failures' },
  {
    name: 'memo',
    type: 'text',
    words: ['branch', 'run', 'repo', 'off'],
    says: 'who may share the answers of its model calls; `run` where absent',
  },
  { name: 'skills', type: 'texts', says: 'skills that it is given' },
];

export const inputs: Parameter = {
  name: 'inputs',
  aliases: ['depends_on_results'],
  type: 'inputs',
  says: 'what it takes from other nodes, and so waits for; `{{inputs.NAME}}` shows it',
};

export const children: Parameter = {
  name: 'children',
  type: 'nodes',
  isRequired: true,
  says: 'the nodes in it, by value',
};

export const candidates: Parameter = {
  name: 'candidates',
  type: 'candidates',
  isRequired: true,
  says: 'nodes that ran before; one expand stands for its instances',
};

export const maxParallel: Parameter = {
  name: 'max_parallel',
  type: 'int',
  says: 'how many run at once; all where absent',
};

export const trees: Parameter = {
  name: 'trees',
  type: 'text',
  words: ['drop', 'merge'],
  says: '`merge` brings the isolated trees of all children together',
};

export const onConflict: Parameter = {
  name: 'on_conflict',
  type: 'node',
  says: 'a node that resolves conflicts of the merge',
};

export const harvest: Parameter = {
  name: 'harvest',
  type: 'harvest',
  says: 'a command that passes where the tests of a losing branch hold on the winner, or the merge',
};

export const timeoutMs: Parameter = {
  name: 'timeout_ms',
  to: ['task', 'timeoutMs'],
  type: 'int',
  says: 'milliseconds after which it is ended',
};

export const prompt: Parameter = {
  name: 'prompt',
  to: ['task', 'prompt'],
  type: 'template',
  isRequired: true,
  says: 'what is asked; a template',
};

export const system: Parameter = {
  name: 'system',
  to: ['task', 'system'],
  type: 'template',
  says: 'the system prompt; a template',
};
