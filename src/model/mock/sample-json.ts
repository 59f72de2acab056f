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
/** Numbers that are no integers stand on a grid of this many parts. */
const SCORE_PARTS = 64;
const ROUNDING = 1e-9;
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

/** The smallest number that fits, or 0; in a ranking each has a lower one than that before it. */
function sampleNumber(
  schema: JsonObject,
  place: Place,
  { isInteger }: { readonly isInteger: boolean },
): number {
  const step = Number(schema['multipleOf'] ?? (isInteger ? 1 : 1 / SCORE_PARTS));
  const lowest = bound(schema, ['minimum', 'exclusiveMinimum'], step);
  const highest = -bound(schema, ['maximum', 'exclusiveMaximum'], -step);
  const least = Number.isFinite(lowest) ? lowest : Math.min(0, highest);
  const most = Number.isFinite(highest) ? highest : least + place.names.length * step;
  const grid = (value: number): number => Math.floor(value / step + ROUNDING) * step;
  if (!place.ranked) {
    const next = grid(least + place.index * step);
    return next <= highest ? next : least;
  }
  const share = Math.max(0, place.names.length - place.index) / place.names.length;
  return Math.max(least, grid(least + (most - least) * share));
}

/** The lowest number of the grid above the bounds; for upper bounds all signs are turned. */
function bound(schema: JsonObject, keys: readonly [string, string], step: number): number {
  const sign = Math.sign(step);
  const size = Math.abs(step);
  const [closed, open] = keys.map((key) => schema[key]);
  const above = closed === undefined ? Number.NEGATIVE_INFINITY : sign * Number(closed);
  const beyond = open === undefined ? Number.NEGATIVE_INFINITY : sign * Number(open);
  const first = Math.ceil(above / size - ROUNDING) * size;
  const after = Math.floor(beyond / size + ROUNDING) * size + size;
  return Math.max(first, after);
}

function textFor(place: Place): string {
  const named = place.names[place.index];
  if (named !== undefined && (place.ranked || NAMING.test(place.property))) return named;
  return place.index === 0 ? place.text : `${place.text} ${place.index + 1}`;
}
