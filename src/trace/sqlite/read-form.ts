/**
 * Reads the frequent events straight from their stored form, the way back of `event-forms.ts`: most of
 * the time of a fold went into finding marks and phrases and into the JSON behind them. Each form is one
 * pattern: in a process that has just begun, as one that goes on with a run, walking over the pieces
 * took twice as long. Whatever is not exactly of such a form is left to the way that reads any event;
 * both give the same.
 */
import type { ContentRef } from '../content.ts';
import type { Slice, TraceEvent } from '../events.ts';
import { literally } from './event-phrases.ts';
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
  LONG_MARK,
  MEMO,
  MODEL,
  MODEL_CALLED,
  MODEL_REQUESTED,
  OUTPUT_TOKENS,
  REQUESTED,
  RESERVED,
  RESPONSE,
  ROUTE,
  SHORT_MARK,
  STARTED,
  TEXT_END,
  TOKENS,
  USAGE,
} from './form-pieces.ts';

interface Place {
  readonly seq: number;
  readonly at: number;
}

/** The event of a stored body of one of the frequent forms, or undefined. */
export function formEvent(stored: Uint8Array, place: Place): TraceEvent | undefined {
  const body: Body = { stored, text: latin1Slice.call(stored) };
  switch (body.text.charAt(0)) {
    case STARTED:
      return startedIn(body, place);
    case REQUESTED:
      return requestedIn(body, place);
    case FINISHED:
      return finishedIn(body, place);
    case MODEL_REQUESTED:
      return modelRequestedIn(body, place);
    case MODEL_CALLED:
      return modelCalledIn(body, place);
    default:
      return undefined;
  }
}

interface Body {
  readonly stored: Uint8Array;
  /** One character for each byte. */
  readonly text: string;
}

/** What stands in a JSON text as it is, one byte a character. */
const PLAIN = /([ !#-[\]-~]*)/;
/** Digits that are exact, written as JSON writes them. */
const COUNT = /(0|[1-9]\d{0,14})/;
/** JSON without marks, one byte a character. */
const ASCII = /([ -~]*?)/;
/** What marks stand for: 16 bytes for a short one, 32 for a long one. */
const SHORT_DIGEST = /\0.{16}/s;
const LONG_DIGEST = /\0.{32}/s;
const LONG_DIGESTS = /\0.{64}/s;

const STARTED_FORM = form(STARTED, PLAIN, ATTEMPT_ROUTE, PLAIN, MODEL, PLAIN, '"}}');

function startedIn({ stored, text }: Body, { seq, at }: Place): TraceEvent | undefined {
  const found = STARTED_FORM.exec(text);
  if (found === null) return undefined;
  const [, path = '', provider = '', model = ''] = found;
  const route = { provider: nameOf(provider), model: nameOf(model) };
  return { type: 'leaf.started', path: pathIn(stored, path), attempt: 1, route, seq, at };
}

const DIGEST_ONLY = ['digest":', SHORT_MARK, '}', SHORT_DIGEST] as const;
const REQUESTED_FORM = form(REQUESTED, PLAIN, ATTEMPT, ...DIGEST_ONLY);
const SLICED_FORM = form(REQUESTED, PLAIN, ATTEMPT, 'slice":', ASCII, ',"', ...DIGEST_ONLY);

function requestedIn({ stored, text }: Body, { seq, at }: Place): TraceEvent | undefined {
  const found = SLICED_FORM.exec(text) ?? REQUESTED_FORM.exec(text);
  if (found === null) return undefined;
  const [, path = '', json] = found;
  const slice = json === undefined ? undefined : sliceIn(json);
  if (slice === undefined && json !== undefined) return undefined;
  const given = slice === undefined ? {} : { slice };
  const digest = shortDigestIn(stored);
  const type = 'leaf.requested';
  return { type, path: pathIn(stored, path), attempt: 1, ...given, digest, seq, at };
}

function sliceIn(json: string): Slice | undefined {
  try {
    return JSON.parse(json) as Slice;
  } catch {
    return undefined;
  }
}

const MODEL_REQUESTED_FORM = form(
  ...[MODEL_REQUESTED, PLAIN, ATTEMPT_CALL_DIGEST, LONG_MARK, ROUTE, PLAIN, MODEL, PLAIN],
  ...[RESERVED, COUNT, TOKENS, COUNT, '}}', LONG_DIGEST],
);

function modelRequestedIn({ stored, text }: Body, { seq, at }: Place): TraceEvent | undefined {
  const found = MODEL_REQUESTED_FORM.exec(text);
  if (found === null) return undefined;
  const [, path = '', provider = '', model = '', cost, tokens] = found;
  return {
    type: 'model.requested',
    path: pathIn(stored, path),
    attempt: 1,
    call: 1,
    try: 1,
    digest: lastDigestIn(stored),
    route: { provider: nameOf(provider), model: nameOf(model) },
    reserved: { costMicroUsd: Number(cost), tokens: Number(tokens) },
    seq,
    at,
  };
}

const MODEL_CALLED_FORM = form(
  ...[MODEL_CALLED, PLAIN, ATTEMPT_CALL_REQUEST, LONG_MARK, BYTES, COUNT],
  ...[JSON_ROUTE, PLAIN, MODEL, PLAIN],
  ...[USAGE, COUNT, OUTPUT_TOKENS, COUNT, COST, COUNT, MEMO, PLAIN, LATENCY, COUNT],
  ...[RESPONSE, LONG_MARK, BYTES, COUNT, JSON_END, '}', LONG_DIGESTS],
);

function modelCalledIn({ stored, text }: Body, { seq, at }: Place): TraceEvent | undefined {
  const found = MODEL_CALLED_FORM.exec(text);
  if (found === null) return undefined;
  const [, path = '', asked, provider = '', model = '', ...used] = found;
  const [uncached, output, cost, memo = '', latency, given] = used;
  return {
    type: 'model.called',
    path: pathIn(stored, path),
    attempt: 1,
    call: 1,
    try: 1,
    request: { digest: digestBeforeIn(stored), bytes: Number(asked), type: 'json' },
    route: { provider: nameOf(provider), model: nameOf(model) },
    usage: {
      tokens: {
        uncached: Number(uncached),
        cacheRead: 0,
        cacheWrite: 0,
        output: Number(output),
        reasoning: 0,
      },
      costMicroUsd: Number(cost),
      costStatus: 'exact',
    },
    memo: nameOf(memo) as EventOf<'model.called'>['memo'],
    latencyMs: Number(latency),
    response: { digest: lastDigestIn(stored), bytes: Number(given), type: 'json' },
    seq,
    at,
  };
}

const FINISHED_TEXT = [FINISHED, PLAIN, ATTEMPT_RESULT, LONG_MARK, BYTES, COUNT] as const;
const FINISHED_FORMS = {
  json: form(...FINISHED_TEXT, JSON_END, '}}', LONG_DIGEST),
  text: form(...FINISHED_TEXT, TEXT_END, '}}', LONG_DIGEST),
} as const;

function finishedIn({ stored, text }: Body, { seq, at }: Place): TraceEvent | undefined {
  const json = FINISHED_FORMS.json.exec(text);
  const found = json ?? FINISHED_FORMS.text.exec(text);
  if (found === null) return undefined;
  const [, path = '', bytes] = found;
  const type = json === null ? 'text' : 'json';
  const output: ContentRef = { digest: lastDigestIn(stored), bytes: Number(bytes), type };
  const result = { status: 'succeeded', output } as const;
  return { type: 'leaf.finished', path: pathIn(stored, path), attempt: 1, result, seq, at };
}

type EventOf<T extends TraceEvent['type']> = Extract<TraceEvent, { readonly type: T }>;

/** The pattern of a whole body: pieces as they are, and between them what differs. */
function form(...parts: readonly (string | RegExp)[]): RegExp {
  const sources = parts.map((part) => (typeof part === 'string' ? literally(part) : part.source));
  return new RegExp(`^${sources.join('')}$`, 's');
}

/** What `toString` comes down to, without choosing an encoding for every digest. */
interface Slices {
  latin1Slice(this: Uint8Array, start?: number, end?: number): string;
  hexSlice(this: Uint8Array, start?: number, end?: number): string;
}

const { latin1Slice, hexSlice } = Buffer.prototype as unknown as Slices;
const SHORT_BYTES = 16;
const LONG_BYTES = 32;

let lastPath = '';

/**
 * The path stands behind the first byte. Cut from the text it would keep all of that in memory. Events
 * of a leaf come several in a row: one text serves them all.
 */
function pathIn(stored: Uint8Array, path: string): string {
  if (path !== lastPath) lastPath = latin1Slice.call(stored, 1, 1 + path.length);
  return lastPath;
}

const shortDigestIn = (stored: Uint8Array): string =>
  hexSlice.call(stored, stored.length - SHORT_BYTES, stored.length);

const lastDigestIn = (stored: Uint8Array): string =>
  hexSlice.call(stored, stored.length - LONG_BYTES, stored.length);

const digestBeforeIn = (stored: Uint8Array): string =>
  hexSlice.call(stored, stored.length - 2 * LONG_BYTES, stored.length - LONG_BYTES);

/** Names of providers, models and outcomes are few. */
const MAX_NAMES = 256;
const names = new Map<string, string>();

/** A text of which there are few. */
function nameOf(word: string): string {
  const known = names.get(word);
  if (known !== undefined) return known;
  if (names.size < MAX_NAMES) names.set(word, word);
  return word;
}
