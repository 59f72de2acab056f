/** A model call as a step: the exact exchange, its usage and what the memo did. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Fact } from '../../trace/events.ts';
import type { Tokens } from '../../trace/usage.ts';
import type { Message, MessagePart, Messages, TraceTokens } from '../trace-step.ts';
import type { Contents } from './contents.ts';
import type { MutableStep } from './draft.ts';

export type ModelCalled = Extract<Fact, { readonly type: 'model.called' }>;

/** Writes down what is known of a call that has ended. */
export function describeCall(step: MutableStep, event: ModelCalled, contents: Contents): void {
  const request = contents.json(event.request);
  const response = event.response === undefined ? undefined : contents.json(event.response);
  const input = contents.showValue(lastUserText(request));
  const output = contents.showValue(answerText(response));
  step.input = input.text;
  step.input_meta = input.meta;
  step.output = output.text;
  step.output_meta = output.meta;
  step.request = requestParameters(request);
  step.response = responseFacts(response);
  step.messages = contents.level === 'metadata' ? null : messagesOf(request, response, contents);
  step.request_blob = contents.blob(event.request);
  step.response_blob = contents.blob(event.response);
  step.call_key = contents.hash(event.request.digest);
  step.tokens = toTraceTokens(event.usage.tokens);
  step.tokens_status = 'recorded';
  const isUnknown = event.usage.costStatus === 'unknown';
  step.cost_microusd = isUnknown ? null : event.usage.costMicroUsd;
  step.cost_status = event.usage.costStatus;
  step.attributes = { ...step.attributes, latency_ms: event.latencyMs };
}

/** What a call says of itself before its end is recorded, or when it never was. */
export function describeUnknownUsage(step: MutableStep): void {
  step.tokens = null;
  step.tokens_status = 'unavailable';
  step.cost_microusd = null;
  step.cost_status = 'unavailable';
  step.memo = null;
  step.memo_status = 'unavailable';
}

function toTraceTokens(tokens: Tokens): TraceTokens {
  const { uncached, cacheRead, cacheWrite, output, reasoning } = tokens;
  return {
    input: uncached + cacheRead + cacheWrite,
    output: output + reasoning,
    cache_read: cacheRead,
    cache_write: cacheWrite,
    reasoning,
  };
}

function messageList(request: Json | undefined): readonly JsonObject[] {
  const list = request !== undefined && isJsonObject(request) ? request['messages'] : undefined;
  return Array.isArray(list) ? list.filter(isJsonObject) : [];
}

/** The prompt: the text of the last message of the user. */
export function lastUserText(request: Json | undefined): Json {
  const last = messageList(request).findLast((message) => message['role'] === 'user');
  return typeof last?.['text'] === 'string' ? last['text'] : null;
}

function answerText(response: Json | undefined): Json {
  if (response === undefined || !isJsonObject(response)) return response ?? null;
  return typeof response['text'] === 'string' ? response['text'] : response;
}

/** Parameters only: what the request says stands in the messages. */
function requestParameters(request: Json | undefined): JsonObject | null {
  if (request === undefined || !isJsonObject(request)) return null;
  const { maxOutputTokens, temperature, sample, output } = request;
  return {
    ...(maxOutputTokens === undefined ? {} : { max_tokens: maxOutputTokens }),
    ...(temperature === undefined ? {} : { temperature }),
    ...(sample === undefined ? {} : { sample }),
    response_format: output === undefined ? 'text' : 'json_schema',
  };
}

function responseFacts(response: Json | undefined): JsonObject | null {
  if (response === undefined || !isJsonObject(response)) return null;
  const { model } = response;
  return { model: typeof model === 'string' ? model : null };
}

function messagesOf(
  request: Json | undefined,
  response: Json | undefined,
  contents: Contents,
): Messages | null {
  if (request === undefined || !isJsonObject(request)) return null;
  const { system } = request;
  const answer = answerText(response);
  return {
    system: typeof system === 'string' ? [textPart(system, contents)] : [],
    input: messageList(request).map((message) => toMessage(message, contents)),
    output:
      answer === null ? [] : [{ role: 'assistant', parts: [valuePart('text', answer, contents)] }],
  };
}

function toMessage({ role, text, ...rest }: JsonObject, contents: Contents): Message {
  const parts: MessagePart[] = [];
  if (typeof text === 'string') parts.push(textPart(text, contents));
  // What later kinds of messages hold besides their text.
  for (const [type, value] of Object.entries(rest)) parts.push(valuePart(type, value, contents));
  return { role: typeof role === 'string' ? role : 'user', parts };
}

const textPart = (text: string, contents: Contents): MessagePart =>
  valuePart('text', text, contents);

function valuePart(type: string, value: Json, contents: Contents): MessagePart {
  const { text, meta } = contents.showValue(value);
  return { type, content: text, ...(meta?.truncated ? { truncated: true } : {}) };
}
