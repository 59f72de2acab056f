/** Bounds and rights that every node carries and that only narrow downwards. */
import type { Json } from '../base/json.ts';

/** Ceilings; each is a positive integer where given. */
export interface Budget {
  /** Millionths of a US dollar. */
  readonly maxCostMicroUsd?: number;
  /** All five token parts together. */
  readonly maxTokens?: number;
  /** Leaf attempts. */
  readonly maxLeaves?: number;
  /** Model and tool calls. */
  readonly maxSteps?: number;
  /** Wall time in milliseconds. */
  readonly maxMs?: number;
}

/** What leaves may do. A right that is false or empty here is so for everything below. */
export interface Permissions {
  readonly write: boolean;
  readonly shell: boolean;
  readonly network: boolean;
  /** Globs over the joined argv of commands. */
  readonly commands: readonly string[];
  readonly tools: readonly string[];
  /** Names of environment variables that are passed on. */
  readonly env: readonly string[];
}

export type Posture = 'standard' | 'cache_heavy' | 'lean';

export type Role =
  | 'planner'
  | 'leaf_reasoner'
  | 'implementer'
  | 'reviewer'
  | 'judge'
  | 'teacher'
  | 'student'
  | 'json_extractor'
  | 'starlark_repair';

/** Which kind of model answers; names of models belong into the config, and are warned about here. */
export interface ModelPolicy {
  readonly role?: Role;
  readonly model?: string;
  readonly fallbacks?: readonly string[];
  readonly capabilities?: readonly string[];
  /** 0 to 2. */
  readonly temperature?: number;
  readonly maxOutputTokens?: number;
  readonly posture?: Posture;
}

/** When a lesson that came out of a run may be promoted. */
export interface PromotionPolicy {
  readonly minScoreDelta: number;
  readonly maxCostDelta: number;
  readonly requiredTests: readonly string[];
  readonly minCases: number;
  readonly maxStaleDays: number;
}

export const failureKinds = [
  'exit',
  'timeout',
  'schema',
  'refused',
  'provider',
  'permission',
  'budget',
  'merge_conflict',
  'value_too_large',
  'loop_exhausted',
  'no_candidate',
  'lost',
  'sandbox',
  'internal',
] as const;

export type FailureKind = (typeof failureKinds)[number];

/** How often a leaf is tried, and after which failures. */
export interface Retry {
  /** 1 to 10, the first included. */
  readonly maxAttempts: number;
  readonly on: readonly FailureKind[];
  /** Wait before the second attempt; doubles each time up to `maxBackoffMs`. */
  readonly backoffMs: number;
  readonly maxBackoffMs: number;
}

export type MemoScope = 'branch' | 'run' | 'repo' | 'off';
export type Mode = 'read_only' | 'read_write';
export type Isolation = 'shared' | 'worktree';

/** A JSON Schema 2020-12 document. */
export type JsonSchema = boolean | { readonly [key: string]: Json };
