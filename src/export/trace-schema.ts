/**
 * The one description of a run trace that code checks with; the published JSON Schema is generated from
 * it. Everything here is sayable in JSON Schema. Objects are open: readers ignore keys that they do not
 * know. A trace comes from anywhere, so this is also the gate of `importRunTrace`.
 */
import * as z from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import { type RunTrace, TRACE_SCHEMA, TRACE_SCHEMA_URL } from './run-trace.ts';

import {
  contentMeta,
  costStatus,
  count,
  group,
  jsonObject,
  known,
  maybeCount,
  maybeSha256,
  maybeText,
  microDollars,
  milliseconds,
  sha256,
  stepId,
  text,
  time,
  tokens,
} from './schema-pieces.ts';
import { stepSchema } from './step-schema.ts';

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
    agents: z.record(text, text).optional(),
    mcp: z.record(text, text).optional(),
    budget: z.looseObject({
      cost_microusd: z.number().nullable(),
      tokens: z.number().nullable(),
      leaves: z.number().nullable(),
      steps: z.number().nullable(),
      wall_ms: z.number().nullable(),
    }),
    consent: z.looseObject({ by: text, commands: z.array(text), env: z.array(text).optional() }),
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
    fresh: z.literal(true).optional(),
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
  steps: z.array(stepSchema).describe('in start order, the run itself first'),
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
