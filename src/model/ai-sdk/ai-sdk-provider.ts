/**
 * A provider over a language model of the AI SDK: its adapters know the dialects, everything else is
 * ours. No tries of its own, no defaults of a gateway, no global state; one request, one stream. A stream
 * that ends without saying why is no answer.
 */
import type {
  LanguageModelV4,
  LanguageModelV4StreamPart,
  LanguageModelV4Usage,
} from '@ai-sdk/provider';
import type { Clock, Timers } from '../../system/clock.ts';
import type { CostStatus, Tokens } from '../../trace/usage.ts';
import type {
  ModelEvent,
  ModelProvider,
  ModelRequest,
  ModelToolCall,
  ModelUsage,
} from '../model-provider.ts';
import { estimateInputTokens, estimateTokens } from '../model-request.ts';
import { toCallOptions } from './call-options.ts';
import { type Failed, failureOf } from './failure-of.ts';
import { tokensOf } from './usage-of.ts';
import { type CallLimits, CallWatch, DEFAULT_CALL_LIMITS } from './watch.ts';

export interface AiSdkParts {
  readonly name: string;
  readonly model: (id: string) => LanguageModelV4;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly limits?: CallLimits;
  /** The key, so that it is never shown. */
  readonly secret?: string;
  readonly hasSchemaMode: (model: string) => boolean;
  /** Price of a call; undefined where it is not known. */
  readonly priceOf: (model: string, tokens: Tokens) => CallPrice | undefined;
}

export interface CallPrice {
  /** Integer micro-dollars. */
  readonly costMicroUsd: number;
  /** False where it may be the price of another model. */
  readonly isSure: boolean;
}

const ABORTED: Failed = {
  type: 'failed',
  kind: 'provider',
  message: 'aborted',
  retryable: false,
};

export function aiSdkProvider(parts: AiSdkParts): ModelProvider {
  return {
    name: parts.name,
    async *call(request, _origin, signal) {
      const { limits = DEFAULT_CALL_LIMITS, timers } = parts;
      const watch = new CallWatch(limits, timers, signal);
      const answer = new Answer(request, parts);
      try {
        if (signal.aborted) {
          yield ABORTED;
          return;
        }
        yield* stream(parts, request, { watch, answer });
      } catch (thrown) {
        yield signal.aborted
          ? answer.failed(ABORTED)
          : answer.failed(toFailed(parts, thrown, watch));
      } finally {
        watch.close();
      }
    },
  };
}

function toFailed({ name, clock, secret }: AiSdkParts, thrown: unknown, watch: CallWatch): Failed {
  if (watch.struck !== undefined) {
    const message = `${name} ${watch.struck}`;
    return { type: 'failed', kind: 'timeout', message, retryable: true };
  }
  return failureOf(thrown, name, { secret, now: clock.now() });
}

async function* stream(
  parts: AiSdkParts,
  request: ModelRequest,
  { watch, answer }: { readonly watch: CallWatch; readonly answer: Answer },
): AsyncGenerator<ModelEvent> {
  const hasSchemaMode = parts.hasSchemaMode(request.model);
  const options = toCallOptions(request, { hasSchemaMode }, watch.signal);
  const { stream: incoming } = await untilAborted(
    parts.model(request.model).doStream(options),
    watch.signal,
  );
  watch.onHead();
  const reader = incoming.getReader();
  try {
    for (;;) {
      const { done, value } = await untilAborted(reader.read(), watch.signal);
      if (done) break;
      if (isContent(value)) watch.onContent();
      const written = answer.add(value);
      if (written !== undefined) yield written;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
  yield answer.end();
}

/** The SDK does not always let go when it is told to; we do. */
async function untilAborted<T>(work: PromiseLike<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(new Error('aborted'));
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function isContent({ type }: LanguageModelV4StreamPart): boolean {
  return type.endsWith('-delta') || type === 'tool-call';
}

/** What has come so far. */
class Answer {
  readonly #request: ModelRequest;
  readonly #parts: AiSdkParts;
  readonly #toolCalls: ModelToolCall[] = [];
  #text = '';
  #writtenLength = 0;
  #model: string;
  #usage: LanguageModelV4Usage | undefined;
  #reason: string | undefined;
  #isCut = false;

  constructor(request: ModelRequest, parts: AiSdkParts) {
    this.#request = request;
    this.#parts = parts;
    this.#model = request.model;
  }

  /** What was written, where the part brought some. Throws what the provider reports as an error. */
  add(part: LanguageModelV4StreamPart): ModelEvent | undefined {
    switch (part.type) {
      case 'text-delta':
        this.#text += part.delta;
        this.#writtenLength += part.delta.length;
        return { type: 'text', text: part.delta };
      case 'reasoning-delta':
      case 'tool-input-delta':
        this.#writtenLength += part.delta.length;
        return { type: 'hidden', text: part.delta };
      case 'tool-call':
        this.#toolCalls.push({ id: part.toolCallId, name: part.toolName, input: part.input });
        return undefined;
      case 'response-metadata':
        this.#model = part.modelId ?? this.#model;
        return undefined;
      case 'finish':
        this.#usage = part.usage;
        this.#reason = part.finishReason.raw;
        this.#isCut = part.finishReason.unified === 'length';
        return undefined;
      case 'error':
        throw part.error;
      // The SDK adds kinds of parts; the rest says nothing that is recorded.
      default:
        return undefined;
    }
  }

  end(): ModelEvent {
    if (this.#reason === undefined) {
      const message = `${this.#parts.name} broke the protocol: its answer ended in the middle`;
      return this.failed({ type: 'failed', kind: 'provider', message, retryable: true });
    }
    return {
      type: 'finished',
      text: this.#text,
      ...(this.#toolCalls.length === 0 ? {} : { toolCalls: this.#toolCalls }),
      ...(this.#isCut ? { isCut: true } : {}),
      usage: this.#toUsage(),
      model: this.#model,
    };
  }

  /** A failure with what was spent on it: nothing before the first content came. */
  failed(failure: Failed): Failed {
    return this.#writtenLength === 0 ? failure : { ...failure, usage: this.#toUsage() };
  }

  #toUsage(): ModelUsage {
    const reported = this.#usage === undefined ? undefined : tokensOf(this.#usage);
    const tokens = reported ?? {
      uncached: estimateInputTokens(this.#request),
      cacheRead: 0,
      cacheWrite: 0,
      output: estimateTokens('x'.repeat(this.#writtenLength)),
      reasoning: 0,
    };
    const price = this.#parts.priceOf(this.#request.model, tokens);
    if (price === undefined) return { tokens, costMicroUsd: 0, costStatus: 'unknown' };
    const isExact = reported !== undefined && price.isSure;
    const costStatus: CostStatus = isExact ? 'exact' : 'estimated';
    return { tokens, costMicroUsd: price.costMicroUsd, costStatus };
  }
}
