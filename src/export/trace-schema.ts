/**
 * The one description of a run trace that code checks with; the published JSON Schema is generated from
 * it. Everything here is sayable in JSON Schema. Objects are open: readers ignore keys that they do not
 * know. A trace comes from anywhere, so this is also the gate of `importRunTrace`.
 */
import * as z from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { type RunTrace, TRACE_SCHEMA, TRACE_SCHEMA_URL } from './run-trace.ts';

const text = z.string();
const maybeText = text.nullable();
const count = z.int().min(0);
const maybeCount = count.nullable();
const time = text
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe('RFC 3339, UTC, milliseconds');
const milliseconds = z.number().min(0).nullable().describe('milliseconds');
const microDollars = maybeCount.describe('millionths of a US dollar; null is unknown, 0 is free');
const sha256 = text
  .regex(/^sha256:[0-9a-f]{64}$/)
  .describe('of the raw bytes, after redaction; lower-case hex');
const maybeSha256 = sha256.nullable();
const stepId = text.regex(/^(?!0{16})[0-9a-f]{16}$/).describe('equals the OTLP span id');
// The document is parsed JSON, so that every value in it is JSON already.
const json = z.unknown() as unknown as z.ZodType<Json>;
const jsonObject = z.record(text, json) as unknown as z.ZodType<JsonObject>;
const known = z.enum(['recorded', 'unavailable']);
const costStatus = z
  .enum(['exact', 'estimated', 'partial', 'unknown', 'included', 'unavailable'])
  .describe('partial: a lower bound; included: paid by a subscription');

const contentMeta = z
  .looseObject({
    media_type: text,
    bytes: count.describe('of the whole text, after redaction'),
    sha256: maybeSha256,
    truncated: z.boolean().describe('the text beside it is a prefix, or absent'),
    redactions: count,
    blob: maybeSha256,
  })
  .meta({ id: 'trace_content' });

const tokens = z
  .looseObject({
    input: count.describe('all input, cached included'),
    output: count.describe('all output, reasoning included'),
    cache_read: count,
    cache_write: count,
    reasoning: count,
  })
  .meta({ id: 'trace_tokens' });

const group = z.looseObject({
  id: text,
  arm: z.exactOptional(text),
  case: z.exactOptional(text),
  repeat: z.exactOptional(z.int()),
});

const messagePart = z.looseObject({
  type: text,
  content: maybeText,
  truncated: z.exactOptional(z.boolean()),
});
const message = z.looseObject({ role: text, parts: z.array(messagePart) });

const modelCallFields = {
  model: z.exactOptional(text),
  provider: z.exactOptional(text),
  call: z.exactOptional(z.int().min(1)),
  try: z.exactOptional(z.int().min(1)),
  request: z.exactOptional(jsonObject.nullable()),
  response: z.exactOptional(jsonObject.nullable()),
  messages: z.exactOptional(
    z
      .looseObject({
        system: z.array(messagePart),
        input: z.array(message),
        output: z.array(message),
      })
      .nullable()
      .describe('the exchange as it was sent, as OTel GenAI parts'),
  ),
  request_blob: z.exactOptional(maybeSha256),
  response_blob: z.exactOptional(maybeSha256),
  call_key: z.exactOptional(maybeSha256.describe('identity of the exact request')),
  tokens: z.exactOptional(tokens.nullable()),
  tokens_status: z.exactOptional(known),
  cost_microusd: z.exactOptional(microDollars),
  cost_status: z.exactOptional(costStatus),
  memo: z.exactOptional(
    z
      .looseObject({
        outcome: z.enum(['hit', 'joined', 'miss', 'bypass']),
        key: maybeSha256,
        scope: text,
        source_step_id: stepId.nullable(),
        saved_tokens: maybeCount,
        saved_cost_microusd: maybeCount,
      })
      .nullable(),
  ),
  memo_status: z.exactOptional(known),
};

const leafFields = {
  task: z.exactOptional(text),
  role: z.exactOptional(maybeText),
  queue_ms: z.exactOptional(milliseconds),
  work_key: z.exactOptional(maybeText),
  sandbox: z.exactOptional(maybeText),
  late: z.exactOptional(z.boolean()),
  reused_from: z.exactOptional(
    z.looseObject({ run_id: text, path: text, attempt: z.int().min(1) }),
  ),
  tree: z.exactOptional(z.looseObject({ key: text, commit: text }).nullable()),
  patch: z.exactOptional(
    z
      .looseObject({
        sha256: maybeSha256,
        bytes: count,
        files: count,
        added: count,
        removed: count,
      })
      .nullable(),
  ),
  fruit: z.exactOptional(
    z.array(
      z.looseObject({
        type: text,
        title: maybeText,
        value: json,
        content_sha256: maybeSha256,
        evidence: z.array(text),
      }),
    ),
  ),
  overlay_entries: z.exactOptional(z.array(text).nullable()),
  overlay_status: z.exactOptional(known),
  memory_read: z.exactOptional(z.looseObject({ key: text, entries: maybeCount })),
  self_report: z.exactOptional(z.boolean().nullable().describe('what the leaf says of itself')),
  verified: z.exactOptional(z.boolean().nullable().describe('what was checked by running it')),
  verified_by: z.exactOptional(maybeText),
  verified_status: z.exactOptional(known),
};

const step = z
  .looseObject({
    id: stepId,
    seq: count.describe('start order, from 0'),
    parent_id: stepId.nullable(),
    kind: z.enum(['run', 'branch', 'leaf', 'model_call', 'tool_call', 'control', 'memo', 'custom']),
    node: text.describe('id as written (seed field)'),
    name: text,
    path: text.describe('address in the run, with iterations from 1: fix[2]/test'),
    branch: maybeText,
    attempt: z.int().min(1).nullable(),
    iteration: z.int().min(1).nullable(),
    status: z.enum(['succeeded', 'degraded', 'failed', 'skipped', 'cancelled', 'running']),
    error: z.looseObject({ type: text, message: maybeText }).nullable(),
    started_at: time,
    ended_at: time.nullable(),
    duration_ms: milliseconds,
    input: maybeText.describe('seed field'),
    input_meta: contentMeta.nullable(),
    output: maybeText.describe('seed field'),
    output_meta: contentMeta.nullable(),
    links: z.exactOptional(
      z.array(
        z.looseObject({
          type: text,
          run_id: z.exactOptional(text),
          step_id: z.exactOptional(stepId),
          path: z.exactOptional(text),
        }),
      ),
    ),
    ...modelCallFields,
    tool: z.exactOptional(
      z.looseObject({
        name: text,
        exit_code: z.int().nullable(),
        input_blob: maybeSha256,
        output_blob: maybeSha256,
      }),
    ),
    control: z.exactOptional(
      z.looseObject({
        type: text,
        decision: text,
        reason: maybeText,
        candidates: z.exactOptional(z.array(text)),
        winner: z.exactOptional(maybeText),
        scores: z.exactOptional(jsonObject),
      }),
    ),
    ...leafFields,
    group: z.exactOptional(group.nullable()),
    attributes: z.exactOptional(jsonObject),
  })
  .meta({ id: 'trace_step' });

const totals = z.looseObject({
  steps: count,
  leaves: count,
  attempts: count,
  retries: count,
  errors: count.describe('leaf attempts that failed'),
  model_calls: count.describe('sent to a provider'),
  tool_calls: count,
  reused_leaves: count,
  memo: z.looseObject({ hit: count, joined: count, miss: count, bypass: count }),
  tokens: tokens.nullable(),
  tokens_status: z.enum(['recorded', 'partial', 'unavailable']),
  cost_microusd: microDollars,
  cost_status: costStatus,
  saved_tokens: count,
  saved_cost_microusd: count,
  approvals: count,
  fruit: count,
  memory_reads: count,
  overlay_entries: maybeCount,
  overlay_status: known,
  verified: z.looseObject({ passed: count, failed: count, unavailable: count }),
  sandbox: z.record(text, count),
  group: group.nullable(),
});

const blob = z
  .looseObject({
    bytes: count,
    media_type: text,
    status: known,
    encoding: z.exactOptional(z.enum(['utf8', 'base64'])),
    data: z.exactOptional(text),
    path: z.exactOptional(text.describe('in the bundle')),
  })
  .meta({ id: 'trace_blob' });

const ends = {
  workflow_info: z.looseObject({
    name: text,
    kind: z.literal('whaleflow'),
    goal: maybeText,
    source_path: maybeText,
    source_language: maybeText,
    source_sha256: maybeSha256,
    source_blob: maybeSha256,
    ir_schema: text,
    ir_sha256: maybeSha256,
    ir_blob: maybeSha256,
    inputs: jsonObject.nullable(),
  }),
  models: z.array(
    z.looseObject({
      id: text,
      provider: text,
      roles: z.array(text),
      calls: count,
      price: z.null(),
      price_status: z.literal('unavailable'),
    }),
  ),
  config: z.looseObject({
    seed: z.number(),
    rules_version: z.int(),
    max_concurrency: z.looseObject({ model: z.number(), command: z.number() }),
    wiring: text,
    sandbox: z.enum(['none', 'strict', 'in-process']),
    routes: z.record(text, text),
    budget: z.looseObject({
      cost_microusd: z.number().nullable(),
      tokens: z.number().nullable(),
      leaves: z.number().nullable(),
      steps: z.number().nullable(),
      wall_ms: z.number().nullable(),
    }),
    consent: z.looseObject({ by: text, commands: z.array(text) }),
  }),
  environment: z.looseObject({
    host: maybeText,
    versions: z.record(text, text),
    repo: z
      .looseObject({
        commit: text,
        head: text,
        branch: z.exactOptional(text),
        uncommitted: z.number(),
      })
      .nullable(),
  }),
  lineage: z.looseObject({
    mode: z.enum(['live', 'resume', 'fork', 'import']),
    parent_run_id: maybeText,
    voided: maybeText,
    resumes: count,
    reused_leaves: count,
  }),
};

const score = z.looseObject({
  name: text,
  value: z.number().nullable(),
  label: maybeText,
  explanation: maybeText,
  target: stepId,
  scorer: z.looseObject({ kind: z.enum(['human', 'llm', 'code']), name: text }),
  at: time,
});

const artifact = z.looseObject({
  id: text,
  path: maybeText,
  role: z.enum(['patch', 'file', 'report', 'log', 'other']),
  media_type: text,
  bytes: count,
  sha256: maybeSha256,
  produced_by: stepId,
});

const approval = z.looseObject({
  path: text,
  step_id: stepId,
  message: maybeText,
  asked_at: time,
  answered_at: time.nullable(),
  approved: z.boolean().nullable(),
  by: maybeText,
  reason: maybeText,
});

const redaction = z.looseObject({
  level: z.enum(['none', 'redacted', 'metadata_only']),
  content: z.enum(['full', 'preview', 'metadata']),
  replayable: z
    .boolean()
    .describe('the events are here and nothing that a replay needs was changed'),
  policy: text,
  policy_sha256: sha256,
  counts: z.record(text, count),
});

const integrity = z.looseObject({
  canonicalization: z.literal('RFC8785'),
  steps_sha256: sha256,
  events: count,
  chain_head: maybeSha256,
  chain_seq: maybeCount,
  chain_status: z.enum(['recorded', 'withheld', 'unavailable']),
});

/** Accepts exactly the documents that the published JSON Schema accepts. */
export const runTraceSchema: z.ZodType<RunTrace> = z.looseObject({
  $schema: text,
  schema: z.literal(TRACE_SCHEMA),
  schema_revision: count.describe('raised by additions'),
  run_id: text.min(1),
  trace_id: text.regex(/^(?!0{32})[0-9a-f]{32}$/).describe('equals the OTLP trace id'),
  model: text.describe('seed field; mixed if several answered, none without a call'),
  workflow: text.describe('seed field: the engine'),
  name: maybeText,
  status: z.enum([
    'succeeded',
    'degraded',
    'failed',
    'cancelled',
    'running',
    'pausing',
    'paused',
    'stopped',
    'lost',
  ]),
  status_reason: maybeText,
  complete: z.boolean().describe('the run has ended'),
  started_at: time,
  ended_at: time.nullable(),
  duration_ms: milliseconds,
  exported_at: time,
  exporter: z.looseObject({ name: text, version: text }),
  ...ends,
  group: group.nullable(),
  labels: z.record(text, text),
  overlay_entries: z.array(text).nullable(),
  overlay_status: known,
  approvals: z.array(approval),
  steps: z.array(step).describe('in start order, the run itself first'),
  final_output: maybeText.describe('seed field'),
  final_output_meta: contentMeta.nullable(),
  totals,
  scores: z.array(score),
  artifacts: z.array(artifact),
  events_blob: maybeSha256.describe('the blob that holds the events, one JSON a line'),
  blobs: z.record(sha256, blob),
  redaction,
  integrity,
  extensions: jsonObject,
});

/** The published JSON Schema (2020-12). */
export function runTraceJsonSchema(): JsonObject {
  const generated = z.toJSONSchema(runTraceSchema, { target: 'draft-2020-12' });
  const { $schema, ...rest } = generated as unknown as Record<string, Json>;
  return {
    $schema: $schema ?? '',
    $id: TRACE_SCHEMA_URL,
    title: TRACE_SCHEMA,
    description:
      'One exported WhaleFlow run. Readers ignore keys that they do not know. Additions raise schema_revision; anything else is v2.',
    ...rest,
  };
}
