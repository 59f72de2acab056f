/**
 * What authors write. A `WorkflowDocument` is the form that all front ends compile to and that the
 * published JSON Schema describes: like the IR, with the same field names, but fields with a default
 * may be absent, short forms are allowed, and there are no derived leaves. `parseWorkflow` turns it
 * into a `WorkflowSpec`. Durations are integers of milliseconds, money is integers of micro-dollars.
 */
import type { Json } from '../base/json.ts';
import type {
  Budget,
  FailureKind,
  Isolation,
  JsonSchema,
  MemoScope,
  Mode,
  ModelPolicy,
  Permissions,
  PromotionPolicy,
  Retry,
} from './limits.ts';
import type { Reference } from './reference.ts';
import type { AgentType, LeafTask, TaskType } from './task.ts';
import type { IR_VERSION, Objective, Rank } from './workflow-spec.ts';

export interface WorkflowDocument {
  /** For editors; not read. */
  readonly $schema?: string;
  readonly irVersion?: typeof IR_VERSION;
  readonly id: string;
  readonly goal: string;
  readonly description?: string;
  readonly params?: JsonSchema;
  readonly budget?: Budget;
  /** The least rights that the nodes need where absent. */
  readonly permissions?: Partial<Permissions>;
  readonly modelPolicy?: ModelPolicy;
  readonly promotionPolicy?: Partial<PromotionPolicy>;
  readonly output?: ReferenceDocument;
  readonly nodes: readonly NodeDocument[];
}

/** An id, `previous(id)`, or the full form. */
export type ReferenceDocument = string | Reference;

export interface InputReferenceDocument extends Reference {
  readonly optional?: boolean;
}

/** A list of ids (and `previous(id)`), each its own name; or names with references. */
export type InputsDocument =
  | readonly string[]
  | Readonly<Record<string, string | InputReferenceDocument>>;

export type PredicateDocument =
  | { readonly op: 'succeeded' | 'failed'; readonly node: string; readonly previous?: boolean }
  | ({ readonly op: 'equals'; readonly value: Json } & Reference)
  | ({ readonly op: 'at_least' | 'at_most'; readonly value: number } & Reference)
  | { readonly op: 'all_of' | 'any_of'; readonly of: readonly PredicateDocument[] }
  | { readonly op: 'negate'; readonly of: PredicateDocument };

/** A predicate, or a condition in plain language that a judge answers. */
export type ConditionDocument = string | PredicateDocument;

export type AgentTypeDocument = AgentType | 'explorer' | 'implement' | 'verify';

/** Makes the fields `K` of `T` optional. */
type Defaulted<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;
type TaskOf<K extends TaskType> = Extract<LeafTask, { readonly type: K }>;

export type TaskDocument =
  | TaskOf<'model'>
  | (Defaulted<Omit<TaskOf<'agent'>, 'agentType'>, 'maxTurns'> & {
      readonly agentType?: AgentTypeDocument;
    })
  | (Defaulted<Omit<TaskOf<'command'>, 'argv'>, 'purpose' | 'timeoutMs' | 'okExitCodes'> & {
      /** One string runs as `bash -c`. */
      readonly argv: string | readonly string[];
    })
  | Defaulted<TaskOf<'search'>, 'maxMatches'>
  | Defaulted<TaskOf<'external'>, 'timeoutMs'>
  | Defaulted<TaskOf<'rlm'>, 'maxDepth' | 'maxCalls'>
  | Defaulted<TaskOf<'memory'>, 'limit'>;

export interface NodeFieldsDocument {
  readonly id: string;
  readonly label?: string;
  readonly budget?: Budget;
  readonly permissions?: Partial<Permissions>;
  readonly modelPolicy?: ModelPolicy;
  readonly isolation?: Isolation;
  readonly fileScope?: readonly string[];
  readonly mode?: Mode;
}

/** What a leaf may say besides its task, and a reduce about its reducer. */
export interface LeafFieldsDocument {
  readonly output?: JsonSchema;
  readonly retry?: Partial<Omit<Retry, 'on'>> & { readonly on?: readonly FailureKind[] };
  readonly memo?: MemoScope;
  readonly skills?: readonly string[];
}

/** The command that says whether the tests of a losing branch pass on the winner. */
export interface HarvestDocument {
  /** One string runs as `bash -c`. */
  readonly argv: string | readonly string[];
  readonly timeoutMs?: number;
}

export interface LeafDocument extends NodeFieldsDocument, LeafFieldsDocument {
  readonly kind: 'leaf';
  readonly task: TaskDocument;
  readonly inputs?: InputsDocument;
}

export interface SequenceDocument extends NodeFieldsDocument {
  readonly kind: 'sequence';
  readonly children: readonly NodeDocument[];
  readonly onFailure?: 'stop' | 'continue';
}

export interface BranchSetDocument extends NodeFieldsDocument {
  readonly kind: 'branch_set';
  readonly children: readonly NodeDocument[];
  readonly maxParallel?: number;
  readonly join?: 'all' | 'any' | 'first_success';
  readonly diversify?: boolean;
  readonly trees?: 'drop' | 'merge';
  readonly onConflict?: NodeDocument;
  readonly harvest?: HarvestDocument;
}

export interface LoopUntilDocument extends NodeFieldsDocument {
  readonly kind: 'loop_until';
  readonly until: ConditionDocument;
  readonly maxIterations: number;
  readonly onExhausted?: 'fail' | 'continue';
  readonly children: readonly NodeDocument[];
}

export interface CondDocument extends NodeFieldsDocument {
  readonly kind: 'cond';
  readonly test: ConditionDocument;
  readonly then: readonly NodeDocument[];
  readonly else?: readonly NodeDocument[];
}

export interface ExpandDocument extends NodeFieldsDocument {
  readonly kind: 'expand';
  readonly source: ReferenceDocument;
  readonly template: NodeDocument;
  readonly key?: string;
  readonly maxChildren: number;
  readonly overflow?: 'fail' | 'first';
  readonly maxParallel?: number;
  readonly trees?: 'drop' | 'merge';
  readonly onConflict?: NodeDocument;
  readonly harvest?: HarvestDocument;
}

export interface ReduceDocument extends NodeFieldsDocument, LeafFieldsDocument {
  readonly kind: 'reduce';
  readonly inputs: InputsDocument;
  readonly task: TaskDocument;
}

export interface TournamentDocument extends NodeFieldsDocument {
  readonly kind: 'tournament';
  readonly candidates: readonly string[];
  readonly rank: Defaulted<Rank, 'policy'>;
  readonly minScore?: number;
  readonly adopt?: 'winner' | 'none';
  readonly harvest?: HarvestDocument;
}

export interface ParetoDocument extends NodeFieldsDocument {
  readonly kind: 'pareto';
  readonly candidates: readonly string[];
  readonly objectives: readonly Objective[];
  readonly maxItems?: number;
  readonly harvest?: HarvestDocument;
}

export interface TeacherReviewDocument extends NodeFieldsDocument {
  readonly kind: 'teacher_review';
  readonly candidates: readonly string[];
  readonly promotionPolicy?: Partial<PromotionPolicy>;
}

export interface ApproveDocument extends NodeFieldsDocument {
  readonly kind: 'approve';
  readonly message: string;
  readonly timeoutMs?: number;
  readonly onTimeout?: 'deny' | 'approve';
}

export type NodeDocument =
  | LeafDocument
  | SequenceDocument
  | BranchSetDocument
  | LoopUntilDocument
  | CondDocument
  | ExpandDocument
  | ReduceDocument
  | TournamentDocument
  | ParetoDocument
  | TeacherReviewDocument
  | ApproveDocument;
