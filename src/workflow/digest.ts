import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '../base/json.ts';
import { orderedText } from '../base/ordered-text.ts';
import type { WorkflowSpec } from './workflow-spec.ts';

/**
 * sha256 in lower-case hex over the canonical JSON (RFC 8785): the order of keys plays no part. Lone
 * surrogates, which RFC 8785 has no form for, count as U+FFFD.
 */
export function digestJson(value: Json): string {
  return digestText(orderedText(value) ?? canonicalize(wellFormed(value)) ?? 'null');
}

/** sha256 in lower-case hex over the UTF-8 bytes of a text. */
export function digestText(text: string | Uint8Array): string {
  return hash('sha256', text);
}

/** Identity of a plan: equal for equal specs, however they were written. */
export function digestSpec(spec: WorkflowSpec): string {
  return digestJson(spec as unknown as Json);
}

/** The value itself unless some text in it is not well-formed. */
function wellFormed(value: Json): Json {
  const text = JSON.stringify(value);
  // JSON.stringify writes a lone surrogate as an escape of lower-case hex.
  return /\\ud[89a-f]/.test(text) ? JSON.parse(text, mended) : value;
}

const mended = (_key: string, value: unknown): unknown =>
  typeof value === 'string' ? value.toWellFormed() : value;
