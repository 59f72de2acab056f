/** Parameters of a run: given values over defaults, held against the workflow’s schema. */

import type { Diagnostic } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { isValueDeeper } from '../base/json-depth.ts';
import { MAX_DOCUMENT_DEPTH } from './document-limits.ts';
import type { JsonSchema } from './limits.ts';
import { compileSchema } from './schema-validator.ts';

export type BoundParams =
  | { readonly params: JsonObject }
  | { readonly diagnostics: readonly Diagnostic[] };

/** Values as given, with the defaults of the schema’s properties for those that are not. */
export function bindParams(schema: JsonSchema, given: JsonObject): BoundParams {
  const properties = typeof schema === 'object' ? schema['properties'] : undefined;
  const known: JsonObject = isJsonObject(properties) ? properties : {};
  const deep = Object.keys(given).filter((name) =>
    isValueDeeper(given[name] ?? null, MAX_DOCUMENT_DEPTH),
  );
  if (deep.length > 0) {
    const what = `nested deeper than ${MAX_DOCUMENT_DEPTH} levels`;
    return { diagnostics: deep.map((name) => bad(`parameter \`${name}\`: ${what}`)) };
  }
  const params = withDefaults(known, given);
  if (isClosedAndEmpty(schema) && Object.keys(params).length === 0) return { params };
  const validator = compileSchema(schema);
  if (typeof validator === 'string')
    return { diagnostics: [bad(`the \`params\` schema cannot be used: ${validator}`)] };
  const violations = validator.validate(params);
  if (violations.length === 0) return { params };
  return {
    diagnostics: violations.map(({ path, message }) => {
      const unknown = /unknown property `(.*)`$/.exec(message)?.[1];
      const meant = unknown === undefined ? undefined : didYouMean(unknown, Object.keys(known));
      const where = path.length === 0 ? 'parameters' : `parameter \`${path.join('.')}\``;
      return unknown === undefined
        ? bad(`${where}: ${message}`)
        : bad(
            `no parameter \`${[...path, unknown].join('.')}\``,
            meant === undefined ? undefined : `did you mean \`${meant}\`?`,
          );
    }),
  };
}

/** Where a workflow takes no parameters, none are right without a validator. */
function isClosedAndEmpty(schema: JsonSchema): boolean {
  if (typeof schema !== 'object') return false;
  const { type, properties, additionalProperties, ...rest } = schema;
  const isEmpty = isJsonObject(properties) && Object.keys(properties).length === 0;
  return (
    type === 'object' && isEmpty && Object.keys(rest).length === 0 && additionalProperties === false
  );
}

/**
 * Values that were typed as text, read as the schema says: a `string` is what stands there, everything
 * else is JSON. Where the schema leaves both open, JSON is tried first. What fits neither stays as it
 * reads best, so that `bindParams` tells what is wrong with it.
 */
export function paramsFromText(
  schema: JsonSchema,
  texts: Readonly<Record<string, string>>,
): JsonObject {
  const properties = typeof schema === 'object' ? schema['properties'] : undefined;
  const known: JsonObject = isJsonObject(properties) ? properties : {};
  const params: Record<string, Json> = Object.create(null);
  for (const [name, text] of Object.entries(texts)) {
    params[name] = readText(Object.hasOwn(known, name) ? known[name] : undefined, text);
  }
  return params;
}

function readText(property: Json | undefined, text: string): Json {
  if (!isJsonObject(property)) return jsonOrText(text);
  if (property['type'] === 'string') return text;
  const validator = compileSchema(property);
  const read = jsonOrText(text);
  if (typeof validator === 'string' || validator.validate(read).length === 0) return read;
  return validator.validate(text).length === 0 ? text : read;
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}

function withDefaults(properties: JsonObject, given: JsonObject): JsonObject {
  const params: Record<string, Json> = Object.create(null);
  for (const [name, property] of Object.entries(properties)) {
    const standard = isJsonObject(property) ? property['default'] : undefined;
    if (standard !== undefined) params[name] = standard;
  }
  return Object.assign(params, given);
}

const bad = (message: string, help?: string): Diagnostic => ({
  code: 'WF1208',
  severity: 'error',
  message,
  ...(help === undefined ? {} : { help }),
});
