import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '../base/json.ts';
import type { WorkflowSpec } from './workflow-spec.ts';

/** sha256 in lower-case hex over the canonical JSON (RFC 8785): the order of keys plays no part. */
export function digestJson(value: Json): string {
  return digestText(canonicalize(value) ?? 'null');
}

/** sha256 in lower-case hex over the UTF-8 bytes of a text. */
export function digestText(text: string | Uint8Array): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Identity of a plan: equal for equal specs, however they were written. */
export function digestSpec(spec: WorkflowSpec): string {
  return digestJson(spec as unknown as Json);
}
