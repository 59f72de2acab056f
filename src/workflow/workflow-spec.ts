/**
 * The typed IR: what every front end compiles to and what runs. A `WorkflowSpec` comes only from
 * `parseWorkflow`; it is closed (every limit has a value, control nodes that need the world have got
 * their leaves) and never changes afterwards.
 */
import type {
  Budget,
  Isolation,
  JsonSchema,
  MemoScope,
  Mode,
  ModelPolicy,
  Permissions,
  PromotionPolicy,
  Retry,
} from './limits.ts';
import type { Inputs, Predicate, Reference } from './reference.ts';
import type { LeafTask } from './task.ts';

export const IR_VERSION = 1;

export interface WorkflowSpec {
  readonly irVersion: typeof IR_VERSION;
  readonly id: string;
  readonly goal: string;
  readonly description?: string;
  readonly params: JsonSchema;
  readonly budget: Budget;
  readonly permissions: Permissions;
  readonly modelPolicy: ModelPolicy;
  readonly promotionPolicy: PromotionPolicy;
  /** What the run gives; the last node’s output where the author named none. */
  readonly output: Reference;
  /** A sequence. */
  readonly nodes: readonly WorkflowNode[];
  /** Worst-case bounds that the checks held the workflow against. */
  readonly limits: { readonly maxPopulation: number; readonly maxDepth: number };
}

/** Fields of every node. */
export interface NodeFields {
  /** Unique in the workflow; derived leaves have reserved ids with `$`. */
  readonly id: string;
  readonly label?: string;
  readonly budget?: Budget;
  /** In force: what the author wrote, narrowed by everything above. */
  readonly permissions: Permissions;
  readonly modelPolicy: ModelPolicy;
  readonly isolation: Isolation;
  /** Globs below the repository root; everything where absent. */
  readonly fileScope?: readonly string[];
  readonly mode: Mode;
}

export interface LeafNode extends NodeFields {
  readonly kind: 'leaf';
  readonly task: LeafTask;
  readonly inputs: Inputs;
  /** Schema of the output; free text or the task’s own shape where absent. */
  readonly output?: JsonSchema;
  readonly retry: Retry;
  readonly memo: MemoScope;
  readonly skills: readonly string[];
}

export interface SequenceNode extends NodeFields {
  readonly kind: 'sequence';
  readonly children: readonly WorkflowNode[];
  readonly onFailure: 'stop' | 'continue';
}

export interface BranchSetNode extends NodeFields {
  readonly kind: 'branch_set';
  readonly children: readonly WorkflowNode[];
  /** Children that run at once; all where absent. */
  readonly maxParallel?: number;
  readonly join: 'all' | 'any' | 'first_success';
  readonly diversify: boolean;
  readonly trees: 'drop' | 'merge';
  /** The leaf `$merge` when `trees` is merge. */
  readonly merge?: LeafNode;
  /** Resolves conflicts of the merge, in a tree that holds the conflict markers. */
  readonly onConflict?: WorkflowNode;
  /** With `first_success` or a merge: the pattern of the leaf `$harvest`, one per losing child. */
  readonly harvest?: LeafNode;
}

export interface LoopUntilNode extends NodeFields {
  readonly kind: 'loop_until';
  readonly until: Predicate;
  /** The leaf `$until` when the author wrote the condition in plain language. */
  readonly judge?: LeafNode;
  readonly maxIterations: number;
  readonly onExhausted: 'fail' | 'continue';
  readonly children: readonly WorkflowNode[];
}

export interface CondNode extends NodeFields {
  readonly kind: 'cond';
  readonly test: Predicate;
  /** The leaf `$test` when the author wrote the condition in plain language. */
  readonly judge?: LeafNode;
  readonly then: readonly WorkflowNode[];
  readonly else: readonly WorkflowNode[];
}

export interface ExpandNode extends NodeFields {
  readonly kind: 'expand';
  readonly source: Reference;
  readonly template: WorkflowNode;
  /** Field of an item that names its instance; the item itself (text) or its number where absent. */
  readonly key?: string;
  readonly maxChildren: number;
  readonly overflow: 'fail' | 'first';
  readonly maxParallel?: number;
  readonly trees: 'drop' | 'merge';
  readonly merge?: LeafNode;
  readonly onConflict?: WorkflowNode;
  /** With a merge: the pattern of the leaf `$harvest`, one per failed instance. */
  readonly harvest?: LeafNode;
}

export interface ReduceNode extends NodeFields {
  readonly kind: 'reduce';
  readonly inputs: Inputs;
  /** The leaf `$reduce`. */
  readonly reducer: LeafNode;
}

export interface Rank {
  readonly by: 'field' | 'tests' | 'cost' | 'judge' | 'pairwise';
  /** For `field`: where the number stands in a candidate’s output; higher is better. */
  readonly field?: string;
  readonly rubric?: string;
  readonly policy: 'strict' | 'evidentiary' | 'permissive';
}

export interface TournamentNode extends NodeFields {
  readonly kind: 'tournament';
  /** Ids of nodes that ran before; one expand means its instances. */
  readonly candidates: readonly string[];
  readonly rank: Rank;
  readonly minScore?: number;
  readonly adopt: 'winner' | 'none';
  /** The leaf `$judge`: one for all candidates, or the pattern of one per pair. */
  readonly judge?: LeafNode;
  /** The pattern of the leaf `$harvest`, one per losing candidate that left a tree. */
  readonly harvest?: LeafNode;
}

export interface Objective {
  readonly by: 'field' | 'cost' | 'tokens' | 'duration' | 'diffSize';
  readonly field?: string;
  readonly goal: 'min' | 'max';
}

export interface ParetoNode extends NodeFields {
  readonly kind: 'pareto';
  readonly candidates: readonly string[];
  readonly objectives: readonly Objective[];
  readonly maxItems: number;
  /** The pattern of the leaf `$harvest`, one per candidate that was not kept and left a tree. */
  readonly harvest?: LeafNode;
}

export interface TeacherReviewNode extends NodeFields {
  readonly kind: 'teacher_review';
  readonly candidates: readonly string[];
  readonly promotionPolicy?: PromotionPolicy;
  /** The leaf `$teacher`. */
  readonly teacher: LeafNode;
}

export interface ApproveNode extends NodeFields {
  readonly kind: 'approve';
  readonly message: string;
  /** Milliseconds; waits for ever where absent. */
  readonly timeoutMs?: number;
  readonly onTimeout: 'deny' | 'approve';
}

export type WorkflowNode =
  | LeafNode
  | SequenceNode
  | BranchSetNode
  | LoopUntilNode
  | CondNode
  | ExpandNode
  | ReduceNode
  | TournamentNode
  | ParetoNode
  | TeacherReviewNode
  | ApproveNode;

export type NodeKind = WorkflowNode['kind'];
export type NodeOf<K extends NodeKind> = Extract<WorkflowNode, { readonly kind: K }>;
export type ControlNode = Exclude<WorkflowNode, LeafNode>;
