/** The small pieces of the trace’s schema: texts, counts, times, hashes, money. */
import * as z from 'zod';
import type { Json, JsonObject } from '../base/json.ts';
import type { Group } from '../trace/run-terms.ts';
import type { ContentMeta, Known, TraceCostStatus, TraceTokens } from './trace-step.ts';

export const text: z.ZodString = z.string();
export const maybeText: z.ZodType<string | null> = text.nullable();
export const count: z.ZodInt = z.int().min(0);
export const maybeCount: z.ZodType<number | null> = count.nullable();
export const time: z.ZodString = text
  .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  .describe('RFC 3339, UTC, milliseconds');
export const milliseconds: z.ZodType<number | null> = z
  .number()
  .min(0)
  .nullable()
  .describe('milliseconds');
export const microDollars: z.ZodType<number | null> = maybeCount.describe(
  'millionths of a US dollar; null is unknown, 0 is free',
);
export const sha256: z.ZodString = text
  .regex(/^sha256:[0-9a-f]{64}$/)
  .describe('of the raw bytes, after redaction; lower-case hex');
export const maybeSha256: z.ZodType<string | null> = sha256.nullable();
export const stepId: z.ZodString = text
  .regex(/^(?!0{16})[0-9a-f]{16}$/)
  .describe('equals the OTLP span id');
// The document is parsed JSON, so that every value in it is JSON already.
export const json: z.ZodType<Json> = z.unknown() as unknown as z.ZodType<Json>;
export const jsonObject: z.ZodType<JsonObject> = z.record(
  text,
  json,
) as unknown as z.ZodType<JsonObject>;
export const known: z.ZodType<Known> = z.enum(['recorded', 'unavailable']);
export const costStatus: z.ZodType<TraceCostStatus> = z
  .enum(['exact', 'estimated', 'partial', 'unknown', 'included', 'unavailable'])
  .describe('partial: a lower bound; included: paid by a subscription');

export const contentMeta: z.ZodType<ContentMeta> = z
  .looseObject({
    media_type: text,
    bytes: count.describe('of the whole text, after redaction'),
    sha256: maybeSha256,
    truncated: z.boolean().describe('the text beside it is a prefix, or absent'),
    redactions: count,
    blob: maybeSha256,
  })
  .meta({ id: 'trace_content' });

export const tokens: z.ZodType<TraceTokens> = z
  .looseObject({
    input: count.describe('all input, cached included'),
    output: count.describe('all output, reasoning included'),
    cache_read: count,
    cache_write: count,
    reasoning: count,
  })
  .meta({ id: 'trace_tokens' });

export const group: z.ZodType<Group> = z.looseObject({
  id: text,
  arm: z.exactOptional(text),
  case: z.exactOptional(text),
  repeat: z.exactOptional(z.int()),
});
