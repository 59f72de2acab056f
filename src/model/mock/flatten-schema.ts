/** Brings `$ref`, `allOf`, `anyOf` and `oneOf` into one plain schema, taking the first way each time. */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

/** References that lead from one to the next before a schema says something. */
const MAX_STEPS = 50;
const NUMBER_KEYS = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'];

export type SchemaType = 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | 'null';

/** The schema with its combinations put together; `true` stands for anything. */
export function flattenSchema(written: Json, root: Json): Json {
  let schema: Json = written === true ? {} : written;
  for (let step = 0; step < MAX_STEPS && isJsonObject(schema); step += 1) {
    const { $ref, allOf, anyOf, oneOf, ...own }: JsonObject = schema;
    if (typeof $ref === 'string') {
      schema = mergeSchemas(pointed($ref, root), { ...own, ...rest({ allOf, anyOf, oneOf }) });
    } else if (Array.isArray(allOf)) {
      schema = allOf.reduce(
        (all: JsonObject, part) => mergeSchemas(all, flattenSchema(part, root)),
        { ...own, ...rest({ anyOf, oneOf }) },
      );
    } else if (Array.isArray(anyOf) && anyOf.length > 0) {
      schema = mergeSchemas({ ...own, ...rest({ oneOf }) }, simplest(anyOf));
    } else if (Array.isArray(oneOf) && oneOf.length > 0) {
      schema = mergeSchemas(own, simplest(oneOf));
    } else return schema;
  }
  return isJsonObject(schema) ? {} : schema;
}

/** The type that an instance takes, from `type` or from the keywords that only one type has. */
export function schemaType(schema: JsonObject): SchemaType {
  const { type } = schema;
  const named = Array.isArray(type) ? type[0] : type;
  switch (named) {
    case 'object':
    case 'array':
    case 'string':
    case 'integer':
    case 'number':
    case 'boolean':
    case 'null':
      return named;
  }
  const has = (...keys: readonly string[]): boolean => keys.some((key) => key in schema);
  if (has('properties', 'required', 'minProperties', 'additionalProperties')) return 'object';
  if (has('items', 'prefixItems', 'minItems', 'maxItems')) return 'array';
  return has(...NUMBER_KEYS) ? 'number' : 'string';
}

/** Alternatives without a reference first: a recursive schema ends where one is taken. */
function simplest(alternatives: readonly Json[]): Json {
  return (
    alternatives.find((part) => part !== false && !JSON.stringify(part).includes('"$ref"')) ??
    alternatives[0] ??
    {}
  );
}

function mergeSchemas(a: Json, b: Json): JsonObject {
  if (!isJsonObject(a)) return isJsonObject(b) ? b : {};
  if (!isJsonObject(b)) return a;
  const merged: Record<string, Json> = { ...a };
  for (const [key, value] of Object.entries(b)) {
    merged[key] = mergeKeyword(key, merged[key], value);
  }
  return merged;
}

function mergeKeyword(key: string, a: Json | undefined, b: Json): Json {
  if (a === undefined) return b;
  if (key === 'properties' && isJsonObject(a) && isJsonObject(b)) return mergeProperties(a, b);
  if (key === 'required' && Array.isArray(a) && Array.isArray(b)) return [...new Set([...a, ...b])];
  if (key === 'enum' && Array.isArray(a) && Array.isArray(b)) {
    return a.filter((choice) =>
      b.some((other) => JSON.stringify(other) === JSON.stringify(choice)),
    );
  }
  if (key === 'type') return mergeTypes(a, b);
  if (/^(min|exclusiveMin)/.test(key)) return Math.max(Number(a), Number(b));
  if (/^(max|exclusiveMax)/.test(key)) return Math.min(Number(a), Number(b));
  if (key === 'allOf' || key === 'anyOf' || key === 'oneOf') return a;
  return b;
}

function mergeProperties(a: JsonObject, b: JsonObject): JsonObject {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    Array.from(names, (name) => {
      const [left, right] = [a[name], b[name]];
      if (left === undefined || right === undefined) return [name, left ?? right ?? true];
      return [name, { allOf: [left, right] }];
    }),
  );
}

function mergeTypes(a: Json, b: Json): Json {
  const list = (type: Json): readonly Json[] => (Array.isArray(type) ? type : [type]);
  const both = list(a).filter((type) => list(b).includes(type));
  if (both.length > 0) return both;
  return list(a).includes('number') && list(b).includes('integer') ? 'integer' : a;
}

/** What a local reference (`#/$defs/item`) points to. */
function pointed(reference: string, root: Json): Json {
  if (!reference.startsWith('#')) return {};
  let found: Json | undefined = root;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const key = decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
    if (Array.isArray(found)) found = found[Number(key)];
    else found = isJsonObject(found) ? found[key] : undefined;
  }
  return found ?? {};
}

/** Only the keywords that are there. */
function rest(keywords: Readonly<Record<string, Json | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(keywords).filter((entry): entry is [string, Json] => entry[1] !== undefined),
  );
}
