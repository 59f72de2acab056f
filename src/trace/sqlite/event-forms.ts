/**
 * The events that a leaf with one model call consists of, written straight into their stored text: a
 * run has one of each for every leaf, and finding marks and phrases in their JSON took a third of the
 * time of a commit. Only their plainest form stands here; whatever has one more field or another
 * attempt is written as any other event, and both ways give the same text.
 */
import type { ContentRef } from '../content.ts';
import type { Route } from '../events.ts';
import type { NewEvent } from '../trace-store.ts';
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

export interface BodyText {
  readonly text: string;
  /** What the marks in the text stand for, in order: 64 or 32 hex digits each. */
  readonly digests: readonly string[];
}

/** The stored text of an event of one of the frequent forms, or undefined. */
export function formText(event: NewEvent): BodyText | undefined {
  switch (event.type) {
    case 'leaf.requested':
      return requestedText(event);
    case 'leaf.started':
      return startedText(event);
    case 'model.requested':
      return modelRequestedText(event);
    case 'model.called':
      return modelCalledText(event);
    case 'leaf.finished':
      return finishedText(event);
    default:
      return undefined;
  }
}

type EventOf<T extends NewEvent['type']> = Extract<NewEvent, { readonly type: T }>;

function requestedText(event: EventOf<'leaf.requested'>): BodyText | undefined {
  const { path, attempt, slice, digest } = event;
  if (sizeOf(event) !== (slice === undefined ? 5 : 6)) return undefined;
  if (attempt !== 1 || digest.length !== SHORT_HEX) return undefined;
  const given = slice === undefined ? '' : `slice":${JSON.stringify(slice)},"`;
  const text = `${REQUESTED}${inside(path)}${ATTEMPT}${given}digest":${SHORT_MARK}}`;
  return { text, digests: [digest] };
}

function startedText(event: EventOf<'leaf.started'>): BodyText | undefined {
  const { path, attempt, route } = event;
  if (attempt !== 1 || route === undefined || sizeOf(event) !== 5) return undefined;
  if (sizeOf(route) !== 2) return undefined;
  const text = `${STARTED}${inside(path)}${ATTEMPT_ROUTE}${routeText(route)}"}}`;
  return { text, digests: [] };
}

function modelRequestedText(event: EventOf<'model.requested'>): BodyText | undefined {
  const { path, digest, route, reserved } = event;
  if (sizeOf(event) !== 9 || !isFirstCall(event) || digest.length !== LONG_HEX) return undefined;
  if (sizeOf(route) !== 2 || sizeOf(reserved) !== 2) return undefined;
  if (!isNumber(reserved.costMicroUsd) || !isNumber(reserved.tokens)) return undefined;
  const place = `${MODEL_REQUESTED}${inside(path)}${ATTEMPT_CALL_DIGEST}${LONG_MARK}`;
  const most = `${RESERVED}${reserved.costMicroUsd}${TOKENS}${reserved.tokens}}}`;
  return { text: `${place}${ROUTE}${routeText(route)}${most}`, digests: [digest] };
}

function modelCalledText(event: EventOf<'model.called'>): BodyText | undefined {
  const { path, request, response, route, usage, memo, latencyMs } = event;
  if (sizeOf(event) !== 12 || !isFirstCall(event) || response === undefined) return undefined;
  if (!isContent(request, 'json') || !isContent(response, 'json')) return undefined;
  const { tokens, costMicroUsd, costStatus } = usage;
  if (sizeOf(usage) !== 3 || sizeOf(tokens) !== 5 || sizeOf(route) !== 2) return undefined;
  const { uncached, cacheRead, cacheWrite, output, reasoning } = tokens;
  const isPlain = cacheRead === 0 && cacheWrite === 0 && reasoning === 0;
  if (!isPlain || costStatus !== 'exact' || !isNumber(latencyMs)) return undefined;
  if (!isNumber(uncached) || !isNumber(output) || !isNumber(costMicroUsd)) return undefined;
  const place = `${MODEL_CALLED}${inside(path)}${ATTEMPT_CALL_REQUEST}${LONG_MARK}`;
  const asked = `${BYTES}${request.bytes}${JSON_ROUTE}${routeText(route)}`;
  const used = `${USAGE}${uncached}${OUTPUT_TOKENS}${output}${COST}${costMicroUsd}${MEMO}${memo}`;
  const given = `${LATENCY}${latencyMs}${RESPONSE}${LONG_MARK}${BYTES}${response.bytes}${JSON_END}}`;
  return { text: `${place}${asked}${used}${given}`, digests: [request.digest, response.digest] };
}

function finishedText(event: EventOf<'leaf.finished'>): BodyText | undefined {
  const { path, attempt, result } = event;
  if (sizeOf(event) !== 5 || attempt !== 1) return undefined;
  if (sizeOf(result) !== 2 || result.status !== 'succeeded') return undefined;
  const { output } = result;
  const isText = isContent(output, 'text');
  if (!isText && !isContent(output, 'json')) return undefined;
  const place = `${FINISHED}${inside(path)}${ATTEMPT_RESULT}${LONG_MARK}`;
  const text = `${place}${BYTES}${output.bytes}${isText ? TEXT_END : JSON_END}}}`;
  return { text, digests: [output.digest] };
}

const LONG_HEX = 64;
const SHORT_HEX = 32;

const sizeOf = (value: object): number => Object.keys(value).length;

/** What providers say of usage is only typed: what is no number in JSON goes the general way. */
const isNumber: (value: unknown) => boolean = Number.isFinite;

/** A text as it stands between the quotes of its JSON. */
const inside = (text: string): string => JSON.stringify(text).slice(1, -1);

const routeText = ({ provider, model }: Route): string =>
  `${inside(provider)}${MODEL}${inside(model)}`;

const isFirstCall = (event: EventOf<'model.requested' | 'model.called'>): boolean =>
  event.attempt === 1 && event.call === 1 && event.try === 1;

const isContent = (content: ContentRef, type: ContentRef['type']): boolean =>
  sizeOf(content) === 3 &&
  content.type === type &&
  content.digest.length === LONG_HEX &&
  isNumber(content.bytes);
