/**
 * The run trace `whaleflow.trace/v1`: one run as one JSON document, a superset of the seed’s
 * `{run_id, model, workflow, steps: [{node, input, output}], final_output}`. Every other format is a pure
 * function of it. Times are RFC 3339 in UTC with milliseconds, `*_ms` milliseconds, money integer
 * micro-dollars, hashes `sha256:` and 64 hex. Unknown is null beside a status that says `unavailable`.
 * Readers ignore keys that they do not know; additions raise `schema_revision`, anything else is v2.
 */
import type { JsonObject } from '../base/json.ts';
import type { RunState } from '../trace/run-row.ts';
import type { Group, RunBase, RunConfig } from '../trace/run-terms.ts';
import type {
  ContentMeta,
  Known,
  MemoOutcome,
  Step,
  TraceCostStatus,
  TraceTokens,
} from './trace-step.ts';

export const TRACE_SCHEMA = 'whaleflow.trace/v1';
export const TRACE_REVISION = 0;
export const TRACE_SCHEMA_URL = 'https://whaleflow.dev/schema/trace/v1.json';

/** How much of the contents is in the document. */
export type ContentLevel = 'full' | 'preview' | 'metadata';

/** `lost` is what a reader concludes from the lease; the others are the run’s own word. */
type TraceStatus = RunState | 'lost';

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
  /** Name of an agent in the workflow → configured agent, where they differ. */
  readonly agents?: Readonly<Record<string, string>> | undefined;
  /** Tool of an MCP server → digest of its definition as it was accepted. */
  readonly mcp?: Readonly<Record<string, string>> | undefined;
  readonly budget: {
    readonly cost_microusd: number | null;
    readonly tokens: number | null;
    readonly leaves: number | null;
    readonly steps: number | null;
    readonly wall_ms: number | null;
  };
  readonly consent: {
    readonly by: string;
    readonly commands: readonly string[];
    /** Absent in runs from before variables that look like secrets were asked about. */
    readonly env?: readonly string[] | undefined;
  };
}

interface TraceEnvironment {
  readonly host: string | null;
  readonly versions: Readonly<Record<string, string>>;
  readonly repo: RunBase | null;
}

export interface TraceLineage {
  readonly mode: 'live' | 'resume' | 'fork' | 'import';
  readonly parent_run_id: string | null;
  /** Where a fork was cut. */
  readonly voided: string | null;
  /** Nothing was taken from the parent’s record. */
  readonly fresh?: true | undefined;
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
