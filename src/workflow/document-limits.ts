/** Sizes of documents that every front end and the gate keep. */

/** Levels of maps and lists, the outermost counted as one. */
export const MAX_DOCUMENT_DEPTH = 64;
/** Keys of one map. */
export const MAX_KEYS = 5000;
/** Values of all kinds together: some 150,000 leaves. What a file may hold is less, and its reader’s affair. */
export const MAX_VALUES = 1_000_000;

const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype']);

/** Keys that could reach a prototype where objects are merged carelessly. */
export function isForbiddenKey(key: string): boolean {
  return FORBIDDEN_KEYS.has(key);
}
