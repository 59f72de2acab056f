import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { workflowJsonSchema } from '../json-schema.ts';

const DISCRIMINATORS = ['kind', 'type', 'op'] as const;

/** The fields that the schema knows at a place of a document. For hints only. */
export function fieldsAt(document: unknown, at: readonly (string | number)[]): readonly string[] {
  const root = workflowJsonSchema();
  let schema: JsonObject | undefined = root;
  let value: unknown = document;
  for (const segment of at) {
    schema = chosen(root, schema, value);
    if (schema === undefined) return [];
    schema = below(schema, segment);
    value =
      typeof value === 'object' && value !== null
        ? (value as Record<string | number, unknown>)[segment]
        : undefined;
  }
  const properties = chosen(root, schema, value)?.['properties'];
  return isJsonObject(properties) ? Object.keys(properties) : [];
}

function below(schema: JsonObject, segment: string | number): JsonObject | undefined {
  const properties = schema['properties'];
  const member: Json | undefined =
    typeof segment === 'number'
      ? schema['items']
      : isJsonObject(properties) && Object.hasOwn(properties, segment)
        ? properties[segment]
        : schema['additionalProperties'];
  return isJsonObject(member) ? member : undefined;
}

/** Follows references, and of alternatives takes the one that the value says it is. */
function chosen(
  root: JsonObject,
  schema: JsonObject | undefined,
  value: unknown,
): JsonObject | undefined {
  const reference = schema?.['$ref'];
  if (typeof reference === 'string') {
    const definitions = root['$defs'];
    const named = reference.replace('#/$defs/', '');
    const target = isJsonObject(definitions) ? definitions[named] : undefined;
    return chosen(root, isJsonObject(target) ? target : undefined, value);
  }
  const options = schema?.['oneOf'] ?? schema?.['anyOf'];
  if (!Array.isArray(options)) return schema;
  const resolved = (options as readonly JsonObject[]).map((option) => chosen(root, option, value));
  const fitting = resolved.find((option) => option !== undefined && says(option, value));
  return fitting ?? resolved.find((option) => option?.['type'] === typeName(value));
}

function says(option: JsonObject, value: unknown): boolean {
  const properties = option['properties'];
  if (!isJsonObject(value) || !isJsonObject(properties)) return false;
  return DISCRIMINATORS.some((name) => {
    const rule = properties[name];
    if (!isJsonObject(rule) || typeof value[name] !== 'string') return false;
    const values = rule['enum'];
    return rule['const'] === value[name] || (Array.isArray(values) && values.includes(value[name]));
  });
}

const typeName = (value: unknown): string => (Array.isArray(value) ? 'array' : typeof value);
