/** Tasks with every field filled in, and inputs joined to the texts that show them. */
import type { HarvestDocument, TaskDocument } from '../document.ts';
import { previousName } from '../node-id.ts';
import type { InputReference, Inputs } from '../reference.ts';
import type { AgentTask, AgentType, CommandTask, LeafTask } from '../task.ts';
import { splitName, templateHoles } from '../template.ts';
import {
  DEFAULT_COMMAND_TIMEOUT_MS,
  DEFAULT_EXTERNAL_TIMEOUT_MS,
  DEFAULT_MAX_MATCHES,
  DEFAULT_MAX_TURNS,
  DEFAULT_MEMORY_LIMIT,
  DEFAULT_RLM_CALLS,
  DEFAULT_RLM_DEPTH,
} from './defaults.ts';
import { appended } from './derive.ts';
import { argvOf } from './rights.ts';

const AGENT_ALIASES: Readonly<Record<string, AgentType>> = {
  explorer: 'explore',
  implement: 'implementer',
  verify: 'verifier',
};

export function toTask(task: TaskDocument): LeafTask {
  switch (task.type) {
    case 'model':
      return task;
    case 'agent': {
      const written = task.agentType ?? 'general';
      const agentType = AGENT_ALIASES[written] ?? (written as AgentTask['agentType']);
      return { ...task, agentType, maxTurns: task.maxTurns ?? DEFAULT_MAX_TURNS };
    }
    case 'command':
      return {
        ...task,
        purpose: task.purpose ?? 'shell',
        argv: argvOf(task.argv),
        ...(typeof task.argv === 'string' ? { shell: 'bash' as const } : {}),
        timeoutMs: task.timeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS,
        okExitCodes: task.okExitCodes ?? [0],
      };
    case 'search':
      return { ...task, maxMatches: task.maxMatches ?? DEFAULT_MAX_MATCHES };
    case 'external':
      return { ...task, timeoutMs: task.timeoutMs ?? DEFAULT_EXTERNAL_TIMEOUT_MS };
    case 'rlm':
      return {
        ...task,
        maxDepth: task.maxDepth ?? DEFAULT_RLM_DEPTH,
        maxCalls: task.maxCalls ?? DEFAULT_RLM_CALLS,
      };
    case 'memory':
      return { ...task, limit: task.limit ?? DEFAULT_MEMORY_LIMIT };
  }
}

/** The check of a harvest as the command that it is. */
export function toCheck({ argv, timeoutMs }: HarvestDocument): CommandTask {
  return {
    type: 'command',
    purpose: 'test',
    argv: argvOf(argv),
    ...(typeof argv === 'string' ? { shell: 'bash' } : {}),
    timeoutMs: timeoutMs ?? DEFAULT_COMMAND_TIMEOUT_MS,
    okExitCodes: [0],
  };
}

/** Adds what `{{previous.X}}` needs, and puts inputs that a prompt does not name at its end. */
export function fillIn(
  ids: ReadonlySet<string>,
  task: LeafTask,
  inputs: Inputs,
): { task: LeafTask; inputs: Inputs } {
  const texts = templatesOf(task);
  const all = withPrevious(ids, texts, inputs);
  if (!('prompt' in task)) return { task, inputs: all };
  const { [task.type === 'rlm' ? task.variable : '']: _variable, ...shown } = all;
  return {
    task: { ...task, prompt: task.prompt + appended(shown, texts) },
    inputs: all,
  };
}

export function withPrevious(
  ids: ReadonlySet<string>,
  texts: readonly string[],
  inputs: Inputs,
): Inputs {
  const added: Record<string, InputReference> = {};
  for (const part of texts.flatMap(templateHoles)) {
    if (part.source !== 'previous') continue;
    const id = splitName(part.path, (text) => ids.has(text))?.name;
    if (id === undefined || Object.hasOwn(inputs, previousName(id))) continue;
    added[previousName(id)] = { node: id, previous: true, optional: true };
  }
  return { ...inputs, ...added };
}

/** Texts of a task in which templates are filled. */
function templatesOf(task: LeafTask): readonly string[] {
  switch (task.type) {
    case 'model':
    case 'agent':
      return task.system === undefined ? [task.prompt] : [task.prompt, task.system];
    case 'external':
    case 'rlm':
      return [task.prompt];
    case 'command':
      return task.argv;
    case 'search':
      return [task.query];
    case 'memory':
      return [task.key];
    case 'merge':
    case 'harvest':
      return [];
  }
}
