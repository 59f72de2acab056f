/** Any value that JSON can say. Values are never changed in place once they are shared. */
export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

/** A JSON object. Objects made at the edge have no prototype, so `__proto__` is only a key. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** Says whether `value` is a JSON object (no array, no null). */
export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
