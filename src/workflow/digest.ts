import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Json } from '../base/json.ts';

/** sha256 of bytes or text (UTF-8), 64 lower-case hex. */
export function digestBytes(data: Uint8Array | string): string {
  return createHash('sha256').update(data).digest('hex');
}

/** sha256 of a JSON value in its canonical form (RFC 8785), 64 lower-case hex. */
export function digestJson(value: Json): string {
  return digestBytes(canonicalize(value) ?? '');
}
