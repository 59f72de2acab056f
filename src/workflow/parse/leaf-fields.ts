/** What only leaves have: their role, their retries, and the fields that a reduce hands to its leaf. */
import type { NodeDocument, TaskDocument } from '../document.ts';
import type { ModelPolicy, Retry, Role } from '../limits.ts';
import type { LeafTask } from '../task.ts';
import { AGENT_ROLES, asksModel, defaultRetry } from './defaults.ts';

type LeafLike = Extract<NodeDocument, { kind: 'leaf' | 'reduce' }>;

/** Those that are written, as they are. */
export function leafFields(
  document: LeafLike,
): Partial<Pick<LeafLike, 'output' | 'retry' | 'memo' | 'skills'>> {
  return {
    ...(document.output === undefined ? {} : { output: document.output }),
    ...(document.retry === undefined ? {} : { retry: document.retry }),
    ...(document.memo === undefined ? {} : { memo: document.memo }),
    ...(document.skills === undefined ? {} : { skills: document.skills }),
  };
}

/** Own role, then the one of a written agent type, then an inherited one, then the task’s own. */
export function withRole(
  policy: ModelPolicy,
  ownRole: Role | undefined,
  written: TaskDocument,
  task: LeafTask,
): ModelPolicy {
  if (ownRole !== undefined || !asksModel(task.type)) return policy;
  if (task.type === 'agent' && written.type === 'agent' && written.agentType !== undefined)
    return { ...policy, role: AGENT_ROLES[task.agentType] };
  if (policy.role !== undefined) return policy;
  const known = reasoners.get(policy) ?? { ...policy, role: 'leaf_reasoner' };
  reasoners.set(policy, known);
  return known;
}

/** Leaves of one scope share their policy: there may be 100,000. */
const reasoners = new WeakMap<ModelPolicy, ModelPolicy>();

export const NO_SKILLS: readonly string[] = [];

export function retryOf(task: LeafTask, written: Partial<Retry> | undefined): Retry {
  const usual = defaultRetry(task.type);
  return written === undefined ? usual : { ...usual, ...written };
}
