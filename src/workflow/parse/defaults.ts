/** The values of what an author may leave out. */
import type { Budget, Permissions, PromotionPolicy, Retry } from '../limits.ts';
import type { AgentType, LeafTask } from '../task.ts';

export const DEFAULT_BUDGET: Required<Omit<Budget, 'maxSteps'>> = {
  maxCostMicroUsd: 5_000_000,
  maxTokens: 2_000_000,
  maxLeaves: 1000,
  maxMs: 3_600_000,
};

export const NO_PERMISSIONS: Permissions = {
  write: false,
  shell: false,
  network: false,
  commands: [],
  tools: [],
  env: [],
};

export const DEFAULT_PROMOTION: PromotionPolicy = {
  minScoreDelta: 0,
  maxCostDelta: 0,
  requiredTests: [],
  minCases: 1,
  maxStaleDays: 30,
};

export const DEFAULT_MAX_DEPTH = 16;
export const DEFAULT_MAX_TURNS = 50;
export const DEFAULT_COMMAND_TIMEOUT_MS = 600_000;
export const DEFAULT_EXTERNAL_TIMEOUT_MS = 1_800_000;
export const DEFAULT_MAX_MATCHES = 200;
export const DEFAULT_RLM_DEPTH = 1;
export const DEFAULT_RLM_CALLS = 50;
export const DEFAULT_MEMORY_LIMIT = 20;
export const DEFAULT_PARETO_ITEMS = 10;

/** Asks a model, itself or through another agent. */
export function asksModel(type: LeafTask['type']): boolean {
  return type === 'model' || type === 'agent' || type === 'external' || type === 'rlm';
}

/** Model-like leaves are tried twice; what really ran gives the same the second time. */
export function defaultRetry(type: LeafTask['type']): Retry {
  return asksModel(type) ? TWICE : ONCE;
}

const ONCE: Retry = {
  maxAttempts: 1,
  on: ['schema', 'provider'],
  backoffMs: 1000,
  maxBackoffMs: 30_000,
};
const TWICE: Retry = { ...ONCE, maxAttempts: 2 };

export const AGENT_ROLES: Readonly<
  Record<AgentType, 'leaf_reasoner' | 'planner' | 'implementer' | 'reviewer'>
> = {
  general: 'leaf_reasoner',
  explore: 'leaf_reasoner',
  plan: 'planner',
  implementer: 'implementer',
  review: 'reviewer',
  verifier: 'reviewer',
};
