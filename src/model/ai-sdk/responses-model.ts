/**
 * OpenAI’s responses as a language model of the SDK’s interface: our own, over the reader that also reads
 * what passes through (`docs/decisions/0021-responses-of-our-own.md`). One request, one stream, nothing
 * kept by the provider.
 */
import {
  APICallError,
  type LanguageModelV4,
  type LanguageModelV4CallOptions,
  type LanguageModelV4StreamPart,
  type LanguageModelV4Usage,
} from '@ai-sdk/provider';
import { WireAnswer } from '../forward/wire-answer.ts';
import { ProtocolError, rawFetch, type WireExchange } from './guarded-fetch.ts';
import { responsesBody } from './responses-body.ts';

export interface ResponsesEndpoint {
  readonly name: string;
  readonly baseUrl: string;
  readonly key?: string;
  readonly maxResponseBytes?: number;
  readonly onExchange?: ((exchange: WireExchange) => void) | undefined;
}

export function responsesModel(endpoint: ResponsesEndpoint, id: string): LanguageModelV4 {
  return {
    specificationVersion: 'v4',
    provider: endpoint.name,
    modelId: id,
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error('answers come as streams')),
    async doStream(options) {
      const response = await send(endpoint, id, options);
      const type = response.headers.get('content-type') ?? 'application/json';
      const body = response.body ?? new ReadableStream<Uint8Array<ArrayBuffer>>();
      return { stream: body.pipeThrough(reading(new WireAnswer('openai-responses', type))) };
    },
  };
}

async function send(
  { baseUrl, key, maxResponseBytes: maxBytes, onExchange }: ResponsesEndpoint,
  id: string,
  options: LanguageModelV4CallOptions,
): Promise<Response> {
  const url = `${baseUrl}/responses`;
  const { abortSignal } = options;
  const response = await rawFetch({ maxBytes, onExchange })(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    },
    body: JSON.stringify(responsesBody(id, options)),
    ...(abortSignal === undefined ? {} : { signal: abortSignal }),
  });
  if (response.ok) return response;
  throw new APICallError({
    message: `status ${response.status}`,
    url,
    requestBodyValues: {},
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: await response.text(),
  });
}

/** What is no text (thoughts, arguments of tools) only shows that something comes. */
const HIDDEN = 'hidden';

function reading(answer: WireAnswer): TransformStream<Uint8Array, LanguageModelV4StreamPart> {
  return new TransformStream({
    transform(chunk, controller) {
      const before = answer.writtenLength;
      const text = answer.add(chunk);
      const hidden = answer.writtenLength - before - text.length;
      if (text !== '') controller.enqueue({ type: 'text-delta', id: 'text', delta: text });
      if (hidden > 0) {
        controller.enqueue({ type: 'reasoning-delta', id: HIDDEN, delta: ' '.repeat(hidden) });
      }
      if (answer.isGarbled) controller.error(new ProtocolError('it sent an event that is no JSON'));
    },
    flush(controller) {
      for (const part of partsAtEnd(answer)) controller.enqueue(part);
    },
  });
}

function partsAtEnd(answer: WireAnswer): readonly LanguageModelV4StreamPart[] {
  const before = answer.said.length;
  answer.end();
  const text = answer.said.slice(before);
  const parts: LanguageModelV4StreamPart[] = [];
  if (text !== '') parts.push({ type: 'text-delta', id: 'text', delta: text });
  const { model, failure } = answer;
  if (model !== undefined) parts.push({ type: 'response-metadata', modelId: model });
  if (failure !== undefined) return [...parts, { type: 'error', error: errorOf(failure) }];
  for (const { id, name, input } of answer.toolCalls) {
    parts.push({ type: 'tool-call', toolCallId: id, toolName: name, input });
  }
  if (!answer.isDone) return parts;
  const unified = answer.isCut ? 'length' : 'stop';
  return [
    ...parts,
    { type: 'finish', usage: usageOf(answer), finishReason: { unified, raw: unified } },
  ];
}

const TOO_MANY = 429;

/** What was said in the middle of a stream that had begun with a good status. */
function errorOf({ code, message }: NonNullable<WireAnswer['failure']>): Error {
  if (code !== 'rate_limit_exceeded') return new Error(message);
  const responseBody = JSON.stringify({ error: { message } });
  return new APICallError({
    message,
    url: '',
    requestBodyValues: {},
    statusCode: TOO_MANY,
    responseBody,
  });
}

function usageOf({ tokens }: WireAnswer): LanguageModelV4Usage {
  const { uncached = 0, cacheRead, cacheWrite, output = 0, reasoning } = tokens ?? {};
  const isTold = tokens !== undefined;
  return {
    inputTokens: {
      total: isTold ? uncached + (cacheRead ?? 0) + (cacheWrite ?? 0) : undefined,
      noCache: isTold ? uncached : undefined,
      cacheRead,
      cacheWrite,
    },
    outputTokens: {
      total: isTold ? output + (reasoning ?? 0) : undefined,
      text: isTold ? output : undefined,
      reasoning,
    },
  };
}
