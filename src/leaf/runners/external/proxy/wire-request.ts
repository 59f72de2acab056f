/** A request in the words of a dialect, as the call chain takes it: the exact body, and its last words. */
import { isJsonObject, type Json, type JsonObject } from '../../../../base/json.ts';
import { wellFormed } from '../../../../model/canonical-json.ts';
import type { Exchange } from '../../../../model/forward-exchange.ts';
import type { ModelRequest } from '../../../../model/model-provider.ts';
import { DEFAULT_MAX_OUTPUT_TOKENS } from '../../../../model/model-request.ts';

export type WireName = Exchange['dialect'];

const ENDINGS: readonly (readonly [ending: RegExp, name: WireName])[] = [
  [/\/chat\/completions$/, 'openai-chat'],
  [/\/responses$/, 'openai-responses'],
  [/\/messages$/, 'anthropic-messages'],
  [/\/models\/[^/]+:(?:generateContent|streamGenerateContent)$/, 'gemini'],
];

export function wireOf(pathname: string): WireName | undefined {
  return ENDINGS.find(([ending]) => ending.test(pathname))?.[1];
}

export interface WireLimits {
  readonly model: string;
  /** Tokens of an answer at most. */
  readonly most: number;
}

export function toModelRequest(
  wire: WireName,
  body: JsonObject,
  { model, most }: WireLimits,
): ModelRequest {
  const config = wire === 'gemini' ? configOf(body) : body;
  const wanted =
    config['max_tokens'] ??
    config['max_completion_tokens'] ??
    config['max_output_tokens'] ??
    config['maxOutputTokens'];
  const isCount = typeof wanted === 'number' && Number.isSafeInteger(wanted) && wanted > 0;
  const { temperature } = config;
  return {
    model,
    messages: [{ role: 'user', text: lastWords(body).toWellFormed() }],
    maxOutputTokens: Math.min(isCount ? wanted : DEFAULT_MAX_OUTPUT_TOKENS, most),
    ...(typeof temperature === 'number' ? { temperature } : {}),
    wire: { dialect: wire, body: wellFormed(body) as JsonObject },
  };
}

function configOf({ generationConfig = null }: JsonObject): JsonObject {
  return isJsonObject(generationConfig) ? generationConfig : {};
}

/** For people: what it was asked last. All of it stands in the body. */
function lastWords(body: JsonObject): string {
  const { input, messages, contents } = body;
  if (typeof input === 'string') return input;
  const items = [messages, contents, input].find((list) => Array.isArray(list)) ?? [];
  const last = items.findLast((item) => isJsonObject(item) && item['role'] === 'user');
  return last === undefined ? '' : textIn(last);
}

const MAX_DEPTH = 4;

function textIn(value: Json | undefined, depth = 0): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((part) => textIn(part, depth + 1)).join('');
  if (value === undefined || value === null || typeof value !== 'object' || depth > MAX_DEPTH)
    return '';
  const { text, content, parts, output } = value as JsonObject;
  return textIn(text ?? content ?? parts ?? output, depth + 1);
}
