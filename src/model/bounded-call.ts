/**
 * A call that ends where its answer becomes far longer than was asked for. A server that does not hold
 * `maxOutputTokens` would otherwise spend without end what nobody has set aside; here it spends at most
 * `OUTPUT_MARGIN` times that, by our own estimate of what has come.
 */
import type {
  ModelCallOrigin,
  ModelEvent,
  ModelProvider,
  ModelRequest,
  ModelUsage,
} from './model-provider.ts';
import { BYTES_PER_TOKEN, estimateInputTokens } from './model-request.ts';

/**
 * Tokens hold more bytes than is estimated in some scripts and in white space: three times as many is more
 * than any prose has been seen to have on the average of a whole answer.
 */
const OUTPUT_MARGIN = 3;
/** Framing and blanks of very short answers. */
const OUTPUT_SLACK_TOKENS = 256;

/** Tokens, as they are estimated, from which on an answer is cut off. */
export function mostWritten({ maxOutputTokens }: Pick<ModelRequest, 'maxOutputTokens'>): number {
  return OUTPUT_MARGIN * maxOutputTokens + OUTPUT_SLACK_TOKENS;
}

export interface BoundedRequest {
  readonly request: ModelRequest;
  readonly origin: ModelCallOrigin;
  /** Micro-dollars of so many tokens; absent where no price is known. */
  readonly estimateCost?: ((inputTokens: number, outputTokens: number) => number) | undefined;
}

/** As `ModelProvider.call`, and ended with `failed` once too much has come; then nothing more is read. */
export async function* boundedCall(
  provider: ModelProvider,
  { request, origin, estimateCost }: BoundedRequest,
  signal: AbortSignal,
): AsyncGenerator<ModelEvent> {
  const cut = new AbortController();
  const most = mostWritten(request);
  let bytes = 0;
  for await (const event of provider.call(request, origin, AbortSignal.any([signal, cut.signal]))) {
    if (event?.type === 'text' || event?.type === 'hidden') {
      bytes += Buffer.byteLength(String(event.text));
      if (bytes > most * BYTES_PER_TOKEN) {
        cut.abort();
        yield tooLong(provider.name, request, usageOf(request, bytes, estimateCost));
        return;
      }
    }
    yield event;
  }
}

function tooLong(name: string, { maxOutputTokens }: ModelRequest, usage: ModelUsage): ModelEvent {
  const said = `${name} wrote on after about ${usage.tokens.output} tokens, of ${maxOutputTokens} at most: cut off`;
  return { type: 'failed', kind: 'provider', message: said, retryable: false, usage };
}

/** Nobody has said what it was: what has come until then, at list price. */
function usageOf(
  request: ModelRequest,
  bytes: number,
  estimateCost: BoundedRequest['estimateCost'],
): ModelUsage {
  const uncached = estimateInputTokens(request);
  const output = Math.ceil(bytes / BYTES_PER_TOKEN);
  const cost = estimateCost?.(uncached, output);
  return {
    tokens: { uncached, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 },
    costMicroUsd: cost ?? 0,
    costStatus: cost === undefined ? 'unknown' : 'estimated',
  };
}
