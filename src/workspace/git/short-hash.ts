import { createHash } from 'node:crypto';

/** 16 hex characters for a text of any length and alphabet. */
export function shortHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
