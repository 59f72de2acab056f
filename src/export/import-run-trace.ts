/**
 * Reads a run trace back: its events and contents are then as good as those of a store, so that replay is
 * the one algorithm for both. A file may come from anybody; nothing of it is believed before it is checked.
 */

import type { JsonObject } from '../base/json.ts';
import { isJsonDeeper } from '../base/json-depth.ts';
import type { ContentRef } from '../trace/content.ts';
import type { TraceEvent } from '../trace/events.ts';
import { digestText } from '../workflow/digest.ts';
import { stepsDigest } from './build-run-trace.ts';
import { eventProblems } from './check/events.ts';
import { stepProblems } from './check/steps.ts';
import { parseEventLines } from './event-lines.ts';
import { decodeUtf8 } from './redact/decode.ts';
import { contentRefs } from './redact/redact-run.ts';
import { type RunTrace, TRACE_SCHEMA, type TraceBlob } from './run-trace.ts';
import { runTraceSchema } from './trace-schema.ts';

export interface ImportLimits {
  readonly maxBytes: number;
  /** Nested arrays and objects. */
  readonly maxDepth: number;
  readonly maxSteps: number;
  readonly maxEvents: number;
}

export const IMPORT_LIMITS: ImportLimits = {
  maxBytes: 256 * 1024 * 1024,
  maxDepth: 600,
  maxSteps: 1_000_000,
  maxEvents: 5_000_000,
};

export interface ImportedRun {
  readonly trace: RunTrace;
  /** Empty where the file has none: such a run can be looked at and compared only. */
  readonly events: readonly TraceEvent[];
  readonly blob: (digest: string) => Uint8Array | undefined;
  /** All contents that the file has. */
  readonly blobs: ReadonlyMap<string, Uint8Array>;
}

export type ImportResult = ImportedRun | { readonly problems: readonly string[] };

const MAX_PROBLEMS = 20;

/** Never throws for what a file holds. `text` is the file’s text. */
export function importRunTrace(text: string, limits: ImportLimits = IMPORT_LIMITS): ImportResult {
  const parsed = parseTrace(text, limits);
  if ('problems' in parsed) return parsed;
  const { trace } = parsed;
  const blobs = new Map<string, Uint8Array>();
  const problems = [
    ...stepProblems(trace),
    ...blobProblems(trace.blobs, blobs),
    ...(stepsDigest(trace.steps) === trace.integrity.steps_sha256
      ? []
      : ['the steps are not those that integrity.steps_sha256 is of']),
  ];
  const found = readEvents(trace, blobs, limits);
  if ('problems' in found) problems.push(...found.problems);
  if (problems.length > 0 || !('events' in found))
    return { problems: problems.slice(0, MAX_PROBLEMS) };
  return { trace, events: found.events, blob: (digest) => blobs.get(digest), blobs };
}

function parseTrace(
  text: string,
  limits: ImportLimits,
): { readonly trace: RunTrace } | { readonly problems: readonly string[] } {
  if (Buffer.byteLength(text) > limits.maxBytes) {
    return { problems: [`the file has more than ${limits.maxBytes} bytes`] };
  }
  if (isJsonDeeper(text, limits.maxDepth))
    return { problems: [`the file nests more than ${limits.maxDepth} levels`] };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return { problems: ['the file is not JSON'] };
  }
  const schema = (document as JsonObject | null)?.['schema'];
  if (schema !== TRACE_SCHEMA) {
    const isLater = typeof schema === 'string' && schema.startsWith('whaleflow.trace/');
    const what = isLater
      ? `of a version that this build does not read: ${schema.slice(0, 40)}`
      : 'no run trace';
    return { problems: [`the file is ${what}`] };
  }
  const checked = runTraceSchema.safeParse(document);
  if (!checked.success) {
    const issues = checked.error.issues.slice(0, MAX_PROBLEMS);
    return {
      problems: issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`),
    };
  }
  // What was parsed is the document itself, with the keys that this build does not know.
  const trace = document as RunTrace;
  if (trace.steps.length > limits.maxSteps) {
    return { problems: [`the file has more than ${limits.maxSteps} steps`] };
  }
  return { trace };
}

/** Puts the contents into `into` and says which are not what their hash says. */
function blobProblems(blobs: RunTrace['blobs'], into: Map<string, Uint8Array>): readonly string[] {
  return Object.entries(blobs).flatMap(([hash, blob]) => {
    const data = bytesOf(blob);
    if (data === undefined) {
      if (blob.path !== undefined) return [`blob ${hash} stands in a bundle, not in this file`];
      return blob.status === 'unavailable' ? [] : [`blob ${hash} has no data`];
    }
    const digest = hash.slice('sha256:'.length);
    if (digestText(data) !== digest || data.length !== blob.bytes) {
      return [`blob ${hash} is not what its hash says`];
    }
    into.set(digest, data);
    return [];
  });
}

function bytesOf({ encoding, data }: TraceBlob): Uint8Array | undefined {
  if (data === undefined) return undefined;
  return encoding === 'base64'
    ? Uint8Array.from(Buffer.from(data, 'base64'))
    : new TextEncoder().encode(data);
}

function readEvents(
  trace: RunTrace,
  blobs: ReadonlyMap<string, Uint8Array>,
  limits: ImportLimits,
): { readonly events: readonly TraceEvent[] } | { readonly problems: readonly string[] } {
  if (trace.events_blob === null) {
    if (trace.redaction.replayable) return { problems: ['a replayable trace has its events'] };
    return { events: [] };
  }
  const data = blobs.get(trace.events_blob.slice('sha256:'.length));
  const text = data === undefined ? undefined : decodeUtf8(data);
  if (text === undefined) return { problems: ['the events are missing'] };
  const parsed = parseEventLines(text);
  if ('problem' in parsed) return { problems: [parsed.problem] };
  const { events } = parsed;
  if (events.length > limits.maxEvents) return { problems: ['the file has too many events'] };
  const unfit = eventProblems(trace, events, (digest) => blobs.get(digest));
  if (unfit.length > 0) return { problems: unfit };
  const problems = [...missingContents(trace, events)];
  if (events.length !== trace.integrity.events) problems.push('events are missing or left over');
  return problems.length > 0 ? { problems } : { events };
}

/** Every content that an event refers to is here, or said to be lost. */
function missingContents(trace: RunTrace, events: readonly TraceEvent[]): readonly string[] {
  const refs: Iterable<ContentRef> = contentRefs(events).values();
  return Array.from(refs).flatMap(({ digest }) =>
    Object.hasOwn(trace.blobs, `sha256:${digest}`) ? [] : [`content ${digest} is missing`],
  );
}
