/**
 * The run trace `whaleflow.trace/v1`: one run as one JSON document, a superset of the seed’s
 * `{run_id, model, workflow, steps: [{node, input, output}], final_output}`. Every other format is a pure
 * function of it. Times are RFC 3339 in UTC with milliseconds, `*_ms` milliseconds, money integer
 * micro-dollars, hashes `sha256:` and 64 hex. Unknown is null beside a status that says `unavailable`.
 * Readers ignore keys that they do not know; additions raise `schema_revision`, anything else is v2.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { Group, RunBase, RunConfig } from '../trace/events.ts';
import type { Outcome } from '../trace/outcome.ts';
import type { RunState } from '../trace/run-row.ts';
import type { CostStatus } from '../trace/usage.ts';

export const TRACE_SCHEMA = 'whaleflow.trace/v1';
export const TRACE_REVISION = 0;
export const TRACE_SCHEMA_URL = 'https://whaleflow.dev/schema/trace/v1.json';

/** How much of the contents is in the document. */
export type ContentLevel = 'full' | 'preview' | 'metadata';

/** `lost` is what a reader concludes from the lease; the others are the run’s own word. */
export type TraceStatus = RunState | 'lost';

/** `running`: requested or started, and not ended. */
export type StepStatus = Outcome['status'] | 'running';

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

export interface RunTrace {
  readonly $schema: string;
  readonly schema: typeof TRACE_SCHEMA;
  readonly schema_revision: number;
  readonly run_id: string;
  readonly trace_id: string;
  /** The model that answered; `mixed` if there were several, `none` without a call. */
  readonly model: string;
  /** The engine: `whaleflow`. */
  readonly workflow: string;
  readonly name: string | null;
  readonly status: TraceStatus;
  readonly status_reason: string | null;
  /** The run has ended, so nothing can be added to its trace. */
  readonly complete: boolean;
  readonly started_at: string;
  readonly ended_at: string | null;
  readonly duration_ms: number | null;
  readonly exported_at: string;
  readonly exporter: Exporter;
  readonly workflow_info: WorkflowInfo;
  readonly models: readonly ModelInfo[];
  readonly config: TraceConfig;
  readonly environment: TraceEnvironment;
  readonly lineage: TraceLineage;
  readonly group: Group | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Lessons of the overlay that were in force. */
  readonly overlay_entries: readonly string[] | null;
  readonly overlay_status: Known;
  readonly approvals: readonly Approval[];
  /** In start order; the run itself first. */
  readonly steps: readonly Step[];
  readonly final_output: string | null;
  readonly final_output_meta: ContentMeta | null;
  readonly totals: Totals;
  readonly scores: readonly Score[];
  readonly artifacts: readonly Artifact[];
  /** The blob that holds the run’s events, one JSON a line; `steps` are derived from it. */
  readonly events_blob: string | null;
  readonly blobs: Readonly<Record<string, TraceBlob>>;
  readonly redaction: Redaction;
  readonly integrity: Integrity;
  readonly extensions: JsonObject;
}

export interface Exporter {
  readonly name: string;
  readonly version: string;
}

export interface WorkflowInfo {
  readonly name: string;
  readonly kind: 'whaleflow';
  readonly goal: string | null;
  readonly source_path: string | null;
  readonly source_language: string | null;
  readonly source_sha256: string | null;
  readonly source_blob: string | null;
  readonly ir_schema: string;
  readonly ir_sha256: string | null;
  readonly ir_blob: string | null;
  /** Parameters of the run; null where contents are left out. */
  readonly inputs: JsonObject | null;
}

export interface ModelInfo {
  readonly id: string;
  readonly provider: string;
  readonly roles: readonly string[];
  readonly calls: number;
  readonly price: null;
  readonly price_status: 'unavailable';
}

export interface TraceConfig {
  readonly seed: number;
  readonly rules_version: number;
  readonly max_concurrency: RunConfig['concurrency'];
  readonly wiring: string;
  readonly sandbox: RunConfig['sandbox'];
  readonly routes: Readonly<Record<string, string>>;
  readonly budget: {
    readonly cost_microusd: number | null;
    readonly tokens: number | null;
    readonly leaves: number | null;
    readonly steps: number | null;
    readonly wall_ms: number | null;
  };
  readonly consent: { readonly by: string; readonly commands: readonly string[] };
}

export interface TraceEnvironment {
  readonly host: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly repo: RunBase | null;
}

export interface TraceLineage {
  readonly mode: 'live' | 'resume' | 'fork' | 'import';
  readonly parent_run_id: string | null;
  /** Where a fork was cut. */
  readonly voided: string | null;
  /** How often a driver took the run over. */
  readonly resumes: number;
  /** Leaves that were answered from the record of another run. */
  readonly reused_leaves: number;
}

export interface Approval {
  readonly path: string;
  readonly step_id: string;
  readonly message: string | null;
  readonly asked_at: string;
  readonly answered_at: string | null;
  readonly approved: boolean | null;
  readonly by: string | null;
  readonly reason: string | null;
}

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

export interface StepError {
  /** Kind of the failure; few values. */
  readonly type: string;
  /** Null where contents are left out. */
  readonly message: string | null;
}

export interface StepLink {
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

export interface StepMemo {
  readonly outcome: MemoOutcome;
  readonly key: string | null;
  readonly scope: string;
  /** The call of this run whose answer was used; null when it was another run’s, or none. */
  readonly source_step_id: string | null;
  readonly saved_tokens: number | null;
  readonly saved_cost_microusd: number | null;
}

export interface StepTool {
  readonly name: string;
  readonly exit_code: number | null;
  readonly input_blob: string | null;
  readonly output_blob: string | null;
}

export interface StepControl {
  /** Open: `tournament`, `loop_until`, `cond`, `expand`, `pareto`, `harvest`, `stopped`, … */
  readonly type: string;
  readonly decision: string;
  readonly reason: string | null;
  readonly candidates?: readonly string[];
  readonly winner?: string | null;
  readonly scores?: Readonly<Record<string, Json>>;
}

export interface PatchInfo {
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

export interface Totals {
  readonly steps: number;
  readonly leaves: number;
  readonly attempts: number;
  readonly retries: number;
  /** Leaf attempts that failed. */
  readonly errors: number;
  /** Sent to a provider. */
  readonly model_calls: number;
  readonly tool_calls: number;
  readonly reused_leaves: number;
  readonly memo: { readonly [K in MemoOutcome]: number };
  readonly tokens: TraceTokens | null;
  /** `partial`: calls without a recorded end are not in it. */
  readonly tokens_status: Known | 'partial';
  readonly cost_microusd: number | null;
  readonly cost_status: TraceCostStatus;
  readonly saved_tokens: number;
  readonly saved_cost_microusd: number;
  readonly approvals: number;
  readonly fruit: number;
  readonly memory_reads: number;
  readonly overlay_entries: number | null;
  readonly overlay_status: Known;
  readonly verified: {
    readonly passed: number;
    readonly failed: number;
    readonly unavailable: number;
  };
  /** Attempts by the level of their sandbox. */
  readonly sandbox: Readonly<Record<string, number>>;
  readonly group: Group | null;
}

export interface Score {
  readonly name: string;
  readonly value: number | null;
  readonly label: string | null;
  readonly explanation: string | null;
  /** Id of a step. */
  readonly target: string;
  readonly scorer: { readonly kind: 'human' | 'llm' | 'code'; readonly name: string };
  readonly at: string;
}

export interface Artifact {
  readonly id: string;
  readonly path: string | null;
  readonly role: 'patch' | 'file' | 'report' | 'log' | 'other';
  readonly media_type: string;
  readonly bytes: number;
  readonly sha256: string | null;
  readonly produced_by: string;
}

/** A content: `data`, or `path` in the bundle, or neither when the store no longer has it. */
export interface TraceBlob {
  readonly bytes: number;
  readonly media_type: string;
  readonly status: Known;
  readonly encoding?: 'utf8' | 'base64';
  readonly data?: string;
  readonly path?: string;
}

export interface Redaction {
  readonly level: 'none' | 'redacted' | 'metadata_only';
  readonly content: ContentLevel;
  /** The events are here and nothing that a replay needs was changed. */
  readonly replayable: boolean;
  readonly policy: string;
  readonly policy_sha256: string;
  /** Replacements by rule, in the events and the contents. */
  readonly counts: Readonly<Record<string, number>>;
}

export interface Integrity {
  readonly canonicalization: 'RFC8785';
  readonly steps_sha256: string;
  readonly events: number;
  /** Head of the store’s hash chain; withheld once secrets were removed from what it is a hash of. */
  readonly chain_head: string | null;
  readonly chain_seq: number | null;
  readonly chain_status: 'recorded' | 'withheld' | 'unavailable';
}
