/** What a leaf does. Told apart by `type`. */
import type { Json } from '../base/json.ts';

/** One completion, typed by the leaf’s `output` schema. */
export interface ModelTask {
  readonly type: 'model';
  /** Template. */
  readonly prompt: string;
  /** Template. */
  readonly system?: string;
  readonly maxCostMicroUsd?: number;
}

export type AgentType = 'general' | 'explore' | 'plan' | 'implementer' | 'review' | 'verifier';

/** A tool loop over a model. */
export interface AgentTask {
  readonly type: 'agent';
  readonly prompt: string;
  readonly system?: string;
  readonly agentType: AgentType;
  readonly tools?: readonly string[];
  /** Bound of model turns; 1 to 500. */
  readonly maxTurns: number;
}

/** A process that really runs in the leaf’s tree. */
export interface CommandTask {
  readonly type: 'command';
  readonly purpose: 'test' | 'shell';
  /** Templates; each element stays one argument. */
  readonly argv: readonly string[];
  /** `bash`: the author gave one string, which runs as `bash -c`. */
  readonly shell?: 'bash';
  /** Folder below the tree’s root. */
  readonly cwd?: string;
  readonly timeoutMs: number;
  /** Exit statuses that count as success. */
  readonly okExitCodes: readonly number[];
  /**
   * JUnit XML or TAP that a test writes: a file below `cwd`, or `$TMPDIR/NAME` (a name, no path) in its folder of temporary
   * files. Its cases are counted; what was printed counts where it is not there.
   */
  readonly report?: string;
}

/** A text search that really runs, without a model. */
export interface SearchTask {
  readonly type: 'search';
  /** Template; literal text unless `regex`. */
  readonly query: string;
  readonly regex?: boolean;
  readonly caseSensitive?: boolean;
  /** Globs of files; the leaf’s file scope where absent. */
  readonly files?: readonly string[];
  readonly maxMatches: number;
}

/** Another coding agent as a leaf. */
export interface ExternalTask {
  readonly type: 'external';
  readonly agent: string;
  readonly prompt: string;
  readonly timeoutMs: number;
}

/** A long input as a variable that a model explores by program and sub-calls. */
export interface RlmTask {
  readonly type: 'rlm';
  readonly prompt: string;
  /** Name of the input that is the variable. */
  readonly variable: string;
  readonly maxDepth: number;
  readonly maxCalls: number;
}

/** Reads from or writes to the external memory; the only way to it. */
export interface MemoryTask {
  readonly type: 'memory';
  readonly action: 'read' | 'write';
  readonly key: string;
  readonly value?: Json;
  readonly limit: number;
}

/** Set by the parser only: merges the trees of finished children into the enclosing tree. */
export interface MergeTask {
  readonly type: 'merge';
}

/** Set by the parser only: runs on the winner’s tree the tests that a losing branch left. */
export interface HarvestTask {
  readonly type: 'harvest';
  /** Exits 0 where the tests pass. */
  readonly check: CommandTask;
}

export type LeafTask =
  | ModelTask
  | AgentTask
  | CommandTask
  | SearchTask
  | ExternalTask
  | RlmTask
  | MemoryTask
  | MergeTask
  | HarvestTask;

export type TaskType = LeafTask['type'];

/** The command that a task runs, or undefined. */
export function commandOf(task: LeafTask): CommandTask | undefined {
  if (task.type === 'harvest') return task.check;
  return task.type === 'command' ? task : undefined;
}

/** The text that command globs of permissions are held against. */
export function joinArgv(argv: readonly string[]): string {
  return argv.join(' ');
}
