/** The one text of a JSON value (RFC 8785), on which digests of requests and contents stand. */
import canonicalize from 'canonicalize';
import { assert } from '../base/errors.ts';
import { isJsonObject, type Json } from '../base/json.ts';
import { orderedText } from '../base/ordered-text.ts';

/** @throws {Error} if a text in it has lone surrogates; values that come from outside are mended first. */
export function canonicalJson(value: Json): string {
  const text = orderedText(value) ?? canonicalize(value);
  assert(text !== undefined, 'a value without a JSON form');
  return text;
}

/** The value with every lone surrogate replaced: what came from outside, made fit for its canonical text. */
export function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (Array.isArray(value)) return value.map(wellFormed);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([key, part]) => [
    key.toWellFormed(),
    wellFormed(part),
  ]);
  return Object.fromEntries(entries) as Json;
}
