/** Makes and names exact requests: equal contexts are equal requests, and equal requests have one digest. */
import { hash } from 'node:crypto';
import type { Json } from '../base/json.ts';
import { canonicalJson } from './canonical-json.ts';
import type { ModelMessage, ModelRequest } from './model-provider.ts';

/** UTF-8 bytes for one token; no tokenizer, so that every estimate is the same everywhere. */
export const BYTES_PER_TOKEN = 4;

/** What a call without an own limit may write at most, in tokens. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 8192;

/** The request as the trace keeps it. Its sha256 is the digest of the request. */
export function requestText(request: ModelRequest): string {
  // A request is JSON by its type; absent fields are left out of the text.
  return canonicalJson(request as unknown as Json);
}

/** sha256 of the request’s canonical text, 64 hex. */
export function digestRequest(request: ModelRequest): string {
  return hash('sha256', requestText(request));
}

/** Tokens of a text, from its UTF-8 length, rounded up. */
export function estimateTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text) / BYTES_PER_TOKEN);
}

/** All that a message says, calls and results of tools included. */
export function messageTexts(message: ModelMessage): readonly string[] {
  if (message.role === 'tool') return message.results.map(({ text }) => text);
  if (message.role === 'user') return [message.text];
  return [message.text, ...(message.toolCalls ?? []).map(({ name, input }) => `${name}${input}`)];
}

/** Tokens that a model reads for a request: its texts, its tools and its schema. */
export function estimateInputTokens(request: ModelRequest): number {
  if (request.wire !== undefined) return estimateTokens(canonicalJson(request.wire.body));
  const texts = [request.system ?? '', ...request.messages.flatMap(messageTexts)];
  const schema = request.output === undefined ? '' : canonicalJson(request.output);
  const tools = (request.tools ?? []).map((tool) => canonicalJson({ ...tool }));
  return [...texts, ...tools, schema].reduce((sum, text) => sum + estimateTokens(text), 0);
}
