/** The schema of one step; see `trace-schema.ts`. */
import * as z from 'zod';
import {
  contentMeta,
  costStatus,
  count,
  group,
  json,
  jsonObject,
  known,
  maybeCount,
  maybeSha256,
  maybeText,
  microDollars,
  milliseconds,
  stepId,
  text,
  time,
  tokens,
} from './schema-pieces.ts';
import type { Step } from './trace-step.ts';

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

export const stepSchema: z.ZodType<Step> = z
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
