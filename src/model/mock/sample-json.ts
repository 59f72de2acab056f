/**
 * A small valid instance of a JSON Schema (2020-12), always the same for the same schema: what the mock
 * model answers where nobody wrote an answer. It covers what output schemas of workflows use; for a
 * schema that it cannot meet (`not`, `if`, hard patterns) it gives a near miss, never an error.
 */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { JsonSchema } from '../../workflow/limits.ts';
import { flattenSchema, schemaType } from './flatten-schema.ts';
import { sampleText } from './sample-text.ts';

export interface SampleOptions {
  /** What the prompt’s data is about, in order; lists that rank hold one entry for each. */
  readonly names: readonly string[];
  /** What texts without any demand say. */
  readonly text: string;
}

interface Place extends SampleOptions {
  readonly root: JsonSchema;
  readonly depth: number;
  /** Name of the property that is sampled. */
  readonly property: string;
  /** Place in the innermost list, from 0. */
  readonly index: number;
  /** Entries of the innermost list when it ranks the names. */
  readonly ranked: boolean;
}

/** Levels below which only what a schema requires is sampled, so that recursive schemas end. */
const FULL_DEPTH = 6;
/** Levels that are sampled at all. */
const MAX_DEPTH = 30;
const MAX_ITEMS = 100;
/** Lists with one entry for each thing of the prompt. */
const RANKING = /^(ranking|ranked|ranks|order|scores|candidates|contributors)$/i;
/** Fields that name one thing of the prompt, wherever they stand. */
const NAMING = /^(winner|candidate|best)$/i;

export function sampleJson(schema: JsonSchema, options: SampleOptions): Json {
  const start = { root: schema, depth: 0, property: '', index: 0, ranked: false };
  return sample(schema, { ...options, ...start });
}

function sample(written: Json, place: Place): Json {
  const schema = flattenSchema(written, place.root);
  if (!isJsonObject(schema) || place.depth > MAX_DEPTH) return null;
  const { const: constant, enum: choices } = schema;
  if (constant !== undefined) return constant;
  if (Array.isArray(choices) && choices.length > 0) {
    return choices[place.index % choices.length] ?? null;
  }
  switch (schemaType(schema)) {
    case 'object':
      return sampleObject(schema, place);
    case 'array':
      return sampleList(schema, place);
    case 'integer':
      return sampleNumber(schema, place, { isInteger: true });
    case 'number':
      return sampleNumber(schema, place, { isInteger: false });
    case 'boolean':
      return true;
    case 'null':
      return null;
    case 'string':
      return sampleText(schema, textFor(place));
  }
}

function sampleObject(schema: JsonObject, place: Place): Json {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  const optional = place.depth < FULL_DEPTH ? Object.keys(properties) : [];
  const least = Number(schema['minProperties'] ?? 0);
  const most = Number(schema['maxProperties'] ?? Number.POSITIVE_INFINITY);
  const names = [...new Set([...required, ...optional])].slice(0, Math.max(most, required.length));
  for (let number = 1; names.length < least; number += 1) names.push(`field${number}`);
  const depth = place.depth + 1;
  const entries = names.map((property): [string, Json] => {
    const part = properties[property] ?? schema['additionalProperties'] ?? true;
    return [property, sample(part, { ...place, property, depth })];
  });
  return Object.fromEntries(entries);
}

function sampleList(schema: JsonObject, place: Place): Json {
  const first = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
  const ranked = place.names.length > 0 && RANKING.test(place.property);
  const wish = ranked
    ? place.names.length
    : Math.max(first.length, place.depth < FULL_DEPTH ? 1 : 0);
  const least = Math.max(wish, Number(schema['minItems'] ?? 0));
  const count = Math.min(least, Number(schema['maxItems'] ?? MAX_ITEMS), MAX_ITEMS);
  const depth = place.depth + 1;
  return Array.from({ length: count }, (_, index) =>
    sample(first[index] ?? schema['items'] ?? true, { ...place, depth, index, ranked }),
  );
}

/** The smallest number that fits; in a ranking the first has the highest. */
function sampleNumber(
  schema: JsonObject,
  place: Place,
  { isInteger }: { readonly isInteger: boolean },
): number {
  const step = Number(schema['multipleOf'] ?? (isInteger ? 1 : 0.5));
  const above = (bound: Json | undefined): number =>
    bound === undefined ? Number.NEGATIVE_INFINITY : Math.floor(Number(bound) / step) * step + step;
  const low = Math.max(
    schema['minimum'] === undefined
      ? Number.NEGATIVE_INFINITY
      : Math.ceil(Number(schema['minimum']) / step) * step,
    above(schema['exclusiveMinimum']),
  );
  const high = Number(schema['maximum'] ?? schema['exclusiveMaximum'] ?? Number.POSITIVE_INFINITY);
  const least = low === Number.NEGATIVE_INFINITY ? Math.min(step, highest(schema, step)) : low;
  if (!place.ranked) return least + place.index * step > high ? least : least + place.index * step;
  const places = place.names.length - 1 - place.index;
  return Math.max(least, Math.min(least + places * step, highest(schema, step)));
}

function highest(schema: JsonObject, step: number): number {
  const { maximum, exclusiveMaximum } = schema;
  const closed = maximum === undefined ? Number.POSITIVE_INFINITY : Number(maximum);
  const open =
    exclusiveMaximum === undefined ? Number.POSITIVE_INFINITY : Number(exclusiveMaximum) - step;
  const bound = Math.min(closed, open);
  return Number.isFinite(bound) ? Math.floor(bound / step) * step : bound;
}

function textFor(place: Place): string {
  const named = place.names[place.index];
  if (named !== undefined && (place.ranked || NAMING.test(place.property))) return named;
  return place.index === 0 ? place.text : `${place.text} ${place.index + 1}`;
}
