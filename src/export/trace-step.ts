/** One step of a run trace: a row of what happened, in the order of its start. */
import type { Json, JsonObject } from '../base/json.ts';
import type { Outcome } from '../trace/outcome.ts';
import type { Group } from '../trace/run-terms.ts';
import type { CostStatus } from '../trace/usage.ts';

/** `running`: requested or started, and not ended. */
type StepStatus = Outcome['status'] | 'running';

export type StepKind =
  | 'run'
  | 'branch'
  | 'leaf'
  | 'model_call'
  | 'tool_call'
  | 'control'
  | 'memo'
  | 'custom';

export type Known = 'recorded' | 'unavailable';
export type TraceCostStatus = CostStatus | 'unavailable';
export type MemoOutcome = 'hit' | 'joined' | 'miss' | 'bypass';

/** About a text that stands beside it. */
export interface ContentMeta {
  readonly media_type: string;
  /** Of the whole text, after redaction. */
  readonly bytes: number;
  /** Of the whole text, after redaction; null where contents are left out. */
  readonly sha256: string | null;
  /** The text beside it is a prefix, or absent. */
  readonly truncated: boolean;
  /** Marks of redaction in the whole text. */
  readonly redactions: number;
  /** Where the whole text stands among the blobs. */
  readonly blob: string | null;
}

export interface Step {
  /** 16 hex; equal for equal runs, so that exports can be repeated. */
  readonly id: string;
  readonly seq: number;
  readonly parent_id: string | null;
  readonly kind: StepKind;
  /** Id as written; the workflow’s for the run. */
  readonly node: string;
  readonly name: string;
  /** Address in the run; `''` is the run itself. */
  readonly path: string;
  /** Address of the innermost branch around it. */
  readonly branch: string | null;
  readonly attempt: number | null;
  /** Of the innermost loop, from 1. */
  readonly iteration: number | null;
  readonly status: StepStatus;
  readonly error: StepError | null;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly input: string | null;
  readonly input_meta: ContentMeta | null;
  readonly output: string | null;
  readonly output_meta: ContentMeta | null;
  readonly links?: readonly StepLink[];
  /** Model calls, one for each sending: */
  readonly model?: string;
  readonly provider?: string;
  /** Number of the call in its attempt, and of the sending of this call; from 1. */
  readonly call?: number;
  readonly try?: number;
  readonly request?: JsonObject | null;
  readonly response?: JsonObject | null;
  readonly messages?: Messages | null;
  readonly request_blob?: string | null;
  readonly response_blob?: string | null;
  /** Identity of the exact request. */
  readonly call_key?: string | null;
  readonly tokens?: TraceTokens | null;
  readonly tokens_status?: Known;
  readonly cost_microusd?: number | null;
  readonly cost_status?: TraceCostStatus;
  readonly memo?: StepMemo | null;
  readonly memo_status?: Known;
  /** Tool calls: */
  readonly tool?: StepTool;
  /** Control nodes and decisions: */
  readonly control?: StepControl;
  /** Leaf attempts: */
  readonly task?: string;
  readonly role?: string | null;
  readonly queue_ms?: number | null;
  /** Identity of the work: equal path and key mean that a recorded result answers it. */
  readonly work_key?: string | null;
  readonly sandbox?: string | null;
  readonly late?: boolean;
  readonly reused_from?: {
    readonly run_id: string;
    readonly path: string;
    readonly attempt: number;
  };
  readonly tree?: { readonly key: string; readonly commit: string } | null;
  readonly patch?: PatchInfo | null;
  readonly fruit?: readonly StepFruit[];
  readonly overlay_entries?: readonly string[] | null;
  readonly overlay_status?: Known;
  readonly memory_read?: { readonly key: string; readonly entries: number | null };
  /** What the leaf says of its own success, beside what was checked by running something. */
  readonly self_report?: boolean | null;
  readonly verified?: boolean | null;
  readonly verified_by?: string | null;
  readonly verified_status?: Known;
  /** The run: */
  readonly group?: Group | null;
  readonly attributes?: JsonObject;
}

interface StepError {
  /** Kind of the failure; few values. */
  readonly type: string;
  /** Null where contents are left out. */
  readonly message: string | null;
}

interface StepLink {
  /** `retry_of`, `winner`, `loser`, `memo_source`, `harvested_from`, `reused_from`, … */
  readonly type: string;
  readonly run_id?: string;
  readonly step_id?: string;
  readonly path?: string;
}

/** OTel GenAI parts; the exchange as it was sent, before any post-processing. */
export interface Messages {
  readonly system: readonly MessagePart[];
  readonly input: readonly Message[];
  readonly output: readonly Message[];
}

export interface Message {
  readonly role: string;
  readonly parts: readonly MessagePart[];
}

export interface MessagePart {
  readonly type: string;
  readonly content: string | null;
  /** The content is a prefix, or absent. */
  readonly truncated?: boolean;
}

/** OTel’s meaning: cached tokens are a part of input, reasoning is a part of output. */
export interface TraceTokens {
  readonly input: number;
  readonly output: number;
  readonly cache_read: number;
  readonly cache_write: number;
  readonly reasoning: number;
}

interface StepMemo {
  readonly outcome: MemoOutcome;
  readonly key: string | null;
  readonly scope: string;
  /** The call of this run whose answer was used; null when it was another run’s, or none. */
  readonly source_step_id: string | null;
  readonly saved_tokens: number | null;
  readonly saved_cost_microusd: number | null;
}

interface StepTool {
  readonly name: string;
  readonly exit_code: number | null;
  readonly input_blob: string | null;
  readonly output_blob: string | null;
}

interface StepControl {
  /** Open: `tournament`, `loop_until`, `cond`, `expand`, `pareto`, `harvest`, `stopped`, … */
  readonly type: string;
  readonly decision: string;
  readonly reason: string | null;
  readonly candidates?: readonly string[];
  readonly winner?: string | null;
  readonly scores?: Readonly<Record<string, Json>>;
}

interface PatchInfo {
  readonly sha256: string | null;
  readonly bytes: number;
  readonly files: number;
  readonly added: number;
  readonly removed: number;
}

export interface StepFruit {
  readonly type: string;
  readonly title: string | null;
  readonly value: Json;
  readonly content_sha256: string | null;
  readonly evidence: readonly string[];
}
