/**
 * Reads the frequent events straight from their stored form, the way back of `event-forms.ts`: most of
 * the time of a fold went into finding marks and phrases and into the JSON behind them. Whatever is not
 * exactly of such a form is left to the way that reads any event; both give the same.
 */
import type { ContentRef } from '../content.ts';
import type { Slice, TraceEvent } from '../events.ts';
import {
  ATTEMPT,
  ATTEMPT_CALL_DIGEST,
  ATTEMPT_CALL_REQUEST,
  ATTEMPT_RESULT,
  ATTEMPT_ROUTE,
  BYTES,
  COST,
  FINISHED,
  JSON_END,
  JSON_ROUTE,
  LATENCY,
  MEMO,
  MODEL,
  MODEL_CALLED,
  MODEL_REQUESTED,
  OUTPUT_TOKENS,
  REQUESTED,
  RESERVED,
  RESPONSE,
  ROUTE,
  STARTED,
  TEXT_END,
  TOKENS,
  USAGE,
} from './form-pieces.ts';
import { FormReader } from './form-reader.ts';

interface Place {
  readonly seq: number;
  readonly at: number;
}

/** The event of a stored body of one of the frequent forms, or undefined. */
export function formEvent(stored: Buffer, place: Place): TraceEvent | undefined {
  const reader = new FormReader(stored);
  const event = eventIn(reader, place);
  return reader.isWhole ? event : undefined;
}

function eventIn(reader: FormReader, place: Place): TraceEvent | undefined {
  switch (reader.first()) {
    case STARTED:
      return startedIn(reader, place);
    case REQUESTED:
      return requestedIn(reader, place);
    case FINISHED:
      return finishedIn(reader, place);
    case MODEL_REQUESTED:
      return modelRequestedIn(reader, place);
    case MODEL_CALLED:
      return modelCalledIn(reader, place);
    default:
      return undefined;
  }
}

function startedIn(reader: FormReader, { seq, at }: Place): TraceEvent {
  const path = reader.text(ATTEMPT_ROUTE);
  const route = { provider: reader.name(MODEL), model: reader.name('"}}') };
  return { type: 'leaf.started', path, attempt: 1, route, seq, at };
}

function requestedIn(reader: FormReader, { seq, at }: Place): TraceEvent {
  const path = reader.text(ATTEMPT);
  const isSliced = reader.begins('slice":');
  const given = isSliced ? { slice: reader.json(',"digest":') as Slice } : {};
  if (!isSliced) reader.skip('digest":');
  const digest = reader.shortDigest();
  reader.skip('}');
  return { type: 'leaf.requested', path, attempt: 1, ...given, digest, seq, at };
}

function modelRequestedIn(reader: FormReader, { seq, at }: Place): TraceEvent {
  const path = reader.text(ATTEMPT_CALL_DIGEST);
  const digest = reader.longDigest();
  reader.skip(ROUTE);
  const route = { provider: reader.name(MODEL), model: reader.name(RESERVED) };
  const reserved = { costMicroUsd: reader.count(TOKENS), tokens: reader.count('}}') };
  const type = 'model.requested';
  return { type, path, attempt: 1, call: 1, try: 1, digest, route, reserved, seq, at };
}

function modelCalledIn(reader: FormReader, { seq, at }: Place): TraceEvent {
  const path = reader.text(ATTEMPT_CALL_REQUEST);
  const request = contentIn(reader, JSON_ROUTE, 'json');
  const route = { provider: reader.name(MODEL), model: reader.name(USAGE) };
  const uncached = reader.count(OUTPUT_TOKENS);
  const tokens = {
    uncached,
    cacheRead: 0,
    cacheWrite: 0,
    output: reader.count(COST),
    reasoning: 0,
  };
  return {
    type: 'model.called',
    path,
    attempt: 1,
    call: 1,
    try: 1,
    request,
    route,
    usage: { tokens, costMicroUsd: reader.count(MEMO), costStatus: 'exact' },
    memo: reader.name(LATENCY) as EventOf<'model.called'>['memo'],
    latencyMs: reader.count(RESPONSE),
    response: contentIn(reader, `${JSON_END}}`, 'json'),
    seq,
    at,
  };
}

function finishedIn(reader: FormReader, { seq, at }: Place): TraceEvent {
  const path = reader.text(ATTEMPT_RESULT);
  const isText = reader.ends(`${TEXT_END}}}`);
  const output = isText
    ? contentIn(reader, `${TEXT_END}}}`, 'text')
    : contentIn(reader, `${JSON_END}}}`, 'json');
  const result = { status: 'succeeded', output } as const;
  return { type: 'leaf.finished', path, attempt: 1, result, seq, at };
}

function contentIn(reader: FormReader, after: string, type: ContentRef['type']): ContentRef {
  const digest = reader.longDigest();
  reader.skip(BYTES);
  return { digest, bytes: reader.count(after), type };
}

type EventOf<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>;
