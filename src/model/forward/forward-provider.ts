/**
 * Passes a request on as somebody else has written it, byte for byte but for the model, the limit of the
 * answer and the key, and the answer back as it comes. What passed is read on the way, so that the record
 * has prompts, answers and figures. One provider for one request.
 */
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { printable } from '../../base/printable.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import type { CostStatus, Tokens } from '../../trace/usage.ts';
import { type Failed, failureOf, failureOfStatus } from '../ai-sdk/failure-of.ts';
import { rawFetch } from '../ai-sdk/guarded-fetch.ts';
import { type CallLimits, CallWatch, DEFAULT_CALL_LIMITS } from '../ai-sdk/watch.ts';
import type { Exchange, WireDialect } from '../forward-exchange.ts';
import type { ModelEvent, ModelProvider, ModelRequest, ModelUsage } from '../model-provider.ts';
import { estimateInputTokens, estimateTokens } from '../model-request.ts';
import { WireAnswer } from './wire-answer.ts';

/** Where requests go, and what they cost. */
export interface ForwardTarget {
  readonly name: string;
  /** With its version: `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly key?: string;
  /** What the server calls the limit of an answer in chat; `max_tokens` where absent. */
  readonly outputLimitField?: string;
  readonly priceOf: (
    tokens: Tokens,
  ) => { readonly costMicroUsd: number; readonly isSure: boolean } | undefined;
}

export interface ForwardParts {
  readonly target: ForwardTarget;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits?: CallLimits;
}

type PathOf = (model: string, isStream: boolean) => string;

const PATHS: Readonly<Record<WireDialect, PathOf>> = {
  'openai-chat': () => '/chat/completions',
  'openai-responses': () => '/responses',
  'anthropic-messages': () => '/messages',
  gemini: (model, isStream) =>
    `/models/${encodeURIComponent(model)}:${isStream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
};

export function forwardProvider(parts: ForwardParts, exchange: Exchange): ModelProvider {
  return {
    name: parts.target.name,
    call: (request, _origin, signal) => new Forwarding(parts, exchange, request).run(signal),
  };
}

class Forwarding {
  readonly #parts: ForwardParts;
  readonly #exchange: Exchange;
  readonly #request: ModelRequest;
  #answer: WireAnswer | undefined;
  #hasBegun = false;

  constructor(parts: ForwardParts, exchange: Exchange, request: ModelRequest) {
    this.#parts = parts;
    this.#exchange = exchange;
    this.#request = request;
  }

  async *run(signal: AbortSignal): AsyncGenerator<ModelEvent> {
    const { timers, limits = DEFAULT_CALL_LIMITS, target, clock } = this.#parts;
    const watch = new CallWatch(limits, timers, signal);
    try {
      const response = await this.#send(watch.signal);
      watch.onHead();
      if (!response.ok) {
        yield await this.#refused(response);
        return;
      }
      yield* this.#pass(response, watch);
      yield this.#end();
    } catch (thrown) {
      const { struck } = watch;
      const failed: Failed =
        struck === undefined
          ? failureOf(thrown, target.name, { secret: target.key, now: clock.now() })
          : {
              type: 'failed',
              kind: 'timeout',
              message: `${target.name} ${struck}`,
              retryable: true,
            };
      yield this.#failed(failed);
    } finally {
      watch.close();
    }
  }

  #send(signal: AbortSignal): Promise<Response> {
    const { dialect, headers, isStream } = this.#exchange;
    const { baseUrl, key } = this.#parts.target;
    const path = PATHS[dialect](this.#request.model, isStream);
    return rawFetch()(`${baseUrl}${path}`, {
      method: 'POST',
      // Whatever passed for a key on the way here stays here.
      headers: { ...headers, ...ownHeaders(dialect, key), 'content-type': 'application/json' },
      body: JSON.stringify(this.#body()),
      signal,
    });
  }

  /** As it was written, to the model that answers, and no longer than was set aside. */
  #body(): JsonObject {
    const { dialect, body } = this.#exchange;
    const { model, maxOutputTokens } = this.#request;
    switch (dialect) {
      case 'openai-chat': {
        const field = this.#parts.target.outputLimitField ?? 'max_tokens';
        const stream =
          body['stream'] === true
            ? { stream_options: { ...(body['stream_options'] as JsonObject), include_usage: true } }
            : {};
        return {
          ...without(body, MANY['openai-chat']),
          ...stream,
          model,
          [field]: maxOutputTokens,
        };
      }
      case 'gemini': {
        const { generation_config: spelt, generationConfig = spelt, ...rest } = body;
        const config = isJsonObject(generationConfig) ? without(generationConfig, MANY.gemini) : {};
        return { ...rest, generationConfig: { ...config, maxOutputTokens } };
      }
      case 'openai-responses':
        return { ...body, model, max_output_tokens: maxOutputTokens };
      case 'anthropic-messages':
        return {
          ...body,
          ...thinkingWithin(body, maxOutputTokens),
          model,
          max_tokens: maxOutputTokens,
        };
    }
  }

  async *#pass(response: Response, watch: CallWatch): AsyncGenerator<ModelEvent> {
    const type = response.headers.get('content-type') ?? 'application/json';
    const answer = new WireAnswer(this.#exchange.dialect, type);
    this.#answer = answer;
    for await (const piece of response.body ?? []) {
      const before = answer.writtenLength;
      const text = answer.add(piece);
      if (answer.writtenLength > before) watch.onContent();
      if (!this.#hasBegun) this.#exchange.begin(response.status, type);
      this.#hasBegun = true;
      await this.#exchange.write(piece);
      if (text !== '') yield { type: 'text', text };
      const unseen = answer.writtenLength - before - text.length;
      if (unseen > 0) yield { type: 'hidden', text: 'x'.repeat(unseen) };
    }
    answer.end();
  }

  #end(): ModelEvent {
    const answer = this.#answer;
    if (answer === undefined || !answer.isDone) {
      const { failure } = answer ?? {};
      const why =
        failure === undefined ? 'its answer ended in the middle' : printable(failure.message);
      const message = `${this.#parts.target.name} broke the protocol: ${why}`;
      return this.#failed({ type: 'failed', kind: 'provider', message, retryable: true });
    }
    const { toolCalls } = answer;
    return {
      type: 'finished',
      text: answer.said,
      ...(toolCalls.length === 0 ? {} : { toolCalls }),
      ...(answer.isCut ? { isCut: true } : {}),
      usage: this.#usage(answer),
      model: answer.model ?? this.#request.model,
    };
  }

  async #refused(response: Response): Promise<ModelEvent> {
    const { target, clock } = this.#parts;
    const body = await response.text();
    return failureOfStatus(
      {
        provider: target.name,
        status: response.status,
        body: printable(body),
        retryAfter: response.headers.get('retry-after') ?? undefined,
      },
      { secret: target.key, now: clock.now() },
    );
  }

  /** What has been passed on cannot be taken back: then it is not sent again. */
  #failed(failed: Failed): Failed {
    const once = this.#hasBegun ? { ...failed, retryable: false } : failed;
    const answer = this.#answer;
    return answer?.hasContent === true ? { ...once, usage: this.#usage(answer) } : once;
  }

  #usage(answer: WireAnswer): ModelUsage {
    const reported = answer.tokens;
    const tokens = reported ?? {
      uncached: estimateInputTokens(this.#request),
      cacheRead: 0,
      cacheWrite: 0,
      output: estimateTokens('x'.repeat(answer.writtenLength)),
      reasoning: 0,
    };
    const price = this.#parts.target.priceOf(tokens);
    if (price === undefined) return { tokens, costMicroUsd: 0, costStatus: 'unknown' };
    const isExact = reported !== undefined && price.isSure;
    const costStatus: CostStatus = isExact ? 'exact' : 'estimated';
    return { tokens, costMicroUsd: price.costMicroUsd, costStatus };
  }
}

/** What asks for longer answers, or for several: each of them may be as long as was set aside for one. */
const MANY = {
  'openai-chat': new Set(['max_tokens', 'max_completion_tokens', 'n', 'best_of']),
  gemini: new Set(['maxOutputTokens', 'max_output_tokens', 'candidateCount', 'candidate_count']),
} as const;

function without(object: JsonObject, names: ReadonlySet<string>): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([name]) => !names.has(name)));
}

function ownHeaders(dialect: WireDialect, key: string | undefined): Record<string, string> {
  if (dialect === 'anthropic-messages')
    return { 'x-api-key': key ?? 'none', 'anthropic-version': '2023-06-01' };
  if (key === undefined) return {};
  return dialect === 'gemini' ? { 'x-goog-api-key': key } : { authorization: `Bearer ${key}` };
}

/** Thinking is part of the answer; a budget beyond its limit is refused by the provider. */
function thinkingWithin(body: JsonObject, limit: number): JsonObject {
  const thinking = body['thinking'] as JsonObject | undefined;
  const budget = thinking?.['budget_tokens'];
  if (thinking === undefined || typeof budget !== 'number' || budget < limit) return {};
  return { thinking: { ...thinking, budget_tokens: Math.max(1024, limit - 1) } };
}
