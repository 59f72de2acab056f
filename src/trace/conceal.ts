/**
 * The first net for secrets: what a leaf hands over is freed of known values before it is recorded, so
 * that what is decided on, stored and shown is one and the same text.
 */
import type { Json } from '../base/json.ts';
import type { ContentRef } from './content.ts';

/** Replaces every secret value in a text; gives the same text where there is none. */
export type Conceal = (text: string) => string;

/** Values and keys of a JSON value, deep; the value itself where nothing was found. */
export function concealJson<T>(value: T, conceal: Conceal): T {
  const text = JSON.stringify(value);
  // Most facts hold no secret: one look at the whole spares the walk.
  if (text === undefined || (conceal(text) === text && !text.includes('\\'))) return value;
  return walk(value as Json, conceal) as T;
}

function walk(value: Json, conceal: Conceal): Json {
  if (typeof value === 'string') return conceal(value);
  if (Array.isArray(value)) return value.map((item: Json) => walk(item, conceal));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [conceal(key), walk(item as Json, conceal)]),
  );
}

/** A content; bytes that are no text stay as they are unless a secret stands in them. */
export function concealContent(
  data: Uint8Array | string,
  type: ContentRef['type'],
  conceal: Conceal,
): Uint8Array | string {
  const text = typeof data === 'string' ? data : new TextDecoder().decode(data);
  if (type === 'json') {
    const value = JSON.parse(text) as Json;
    const clean = concealJson(value, conceal);
    return clean === value ? data : JSON.stringify(clean);
  }
  const clean = conceal(text);
  return clean === text ? data : clean;
}
