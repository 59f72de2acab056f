import { StarlarkError } from './error.ts';
import { Dict } from './values/dict.ts';
import { Float } from './values/float.ts';
import { List } from './values/list.ts';
import { typeName, type Value } from './values/object.ts';
import { Struct } from './values/struct.ts';
import { Tuple } from './values/tuple.ts';

/** What JSON can say. */
export type JsonValue =
  | null
  | boolean
  | number
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

const maxDepth = 200;
/** Shared parts are written out each time, so a small value can be a large text. */
const maxNodes = 1_000_000;

/**
 * A program's data as plain JSON data; a float is a number like an int.
 * @throws {StarlarkError} that names the path to what JSON can't say.
 *
 * ```js
 * toJson(new Tuple([1, new Float(1.5), 'x'])); // → [1, 1.5, "x"]
 * ```
 */
export function toJson(value: Value, path = 'value'): JsonValue {
  return new JsonWriter().convert(value, path, 0);
}

class JsonWriter {
  #nodes = 0;

  convert(value: Value, path: string, depth: number): JsonValue {
    this.#nodes++;
    if (depth > maxDepth || this.#nodes > maxNodes) {
      throw new StarlarkError(`${path}: value is too large or contains itself`);
    }
    if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
    if (typeof value === 'number') return value;
    if (typeof value === 'bigint') throw new StarlarkError(`${path}: int ${value} exceeds 2^53`);
    if (value instanceof Float) {
      if (Number.isFinite(value.value)) return value.value;
      throw new StarlarkError(`${path}: float is not finite`);
    }
    if (value instanceof List || value instanceof Tuple) {
      const { items } = value;
      return items.map((item, index) => this.convert(item, `${path}[${index}]`, depth + 1));
    }
    if (value instanceof Dict) return this.#dict(value, path, depth);
    if (value instanceof Struct) return this.#object(value.fields, path, depth);
    throw new StarlarkError(`${path}: ${typeName(value)} can not be JSON`);
  }

  #dict(dict: Dict, path: string, depth: number): JsonValue {
    const entries: [string, Value][] = [];
    for (const { key, value } of dict.entries()) {
      if (typeof key !== 'string') {
        throw new StarlarkError(`${path}: dict has ${typeName(key)} key, want string`);
      }
      entries.push([key, value]);
    }
    return this.#object(entries, path, depth);
  }

  #object(entries: Iterable<readonly [string, Value]>, path: string, depth: number): JsonValue {
    return Object.fromEntries(
      [...entries].map(([name, value]) => [
        name,
        this.convert(value, `${path}.${name}`, depth + 1),
      ]),
    );
  }
}

/**
 * JSON data as a program's data: integral numbers within 2^53 are ints.
 *
 * ```js
 * repr(fromJson({ a: [1, 1.5, null] })); // → "{\"a\": [1, 1.5, None]}"
 * ```
 */
export function fromJson(json: JsonValue): Value {
  if (json === null || typeof json === 'boolean' || typeof json === 'string') return json;
  if (typeof json === 'number') {
    return Number.isSafeInteger(json) ? json + 0 : new Float(json);
  }
  if (isArray(json)) return new List(json.map(fromJson));
  return Dict.from(Object.entries(json).map(([key, value]) => [key, fromJson(value)] as const));
}

function isArray(json: JsonValue): json is readonly JsonValue[] {
  return Array.isArray(json);
}
