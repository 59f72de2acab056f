/** The workflow schema as a page: the same JSON Schema that is published, read aloud. */
import { isJsonObject, type Json, type JsonObject } from '../../src/base/json.ts';
import { page, span, table } from './markdown.ts';
import { makeWorkflowSchema } from './workflow-schema.ts';

export function schemaPage(): string {
  const schema = makeWorkflowSchema();
  const definitions = objectAt(schema, '$defs');
  return page('Workflow schema', [
    'JSON and YAML files are this document; Starlark makes it. It is `schemas/workflow.schema.json`, read aloud; [short forms and rights](workflow-documents.md) are explained beside it. Money is in micro-dollars, durations are in milliseconds.',
    '## Workflow',
    fieldTable(schema),
    ...Object.entries(definitions).flatMap(([name, definition]) =>
      isJsonObject(definition) ? definitionBlocks(name, definition) : [],
    ),
  ]);
}

function definitionBlocks(name: string, definition: JsonObject): readonly string[] {
  const heading = `## ${name}`;
  const variants = listAt(definition, 'oneOf');
  const isTagged = variants.length > 0 && variants.every((one) => tagOf(one) !== undefined);
  if (isTagged) {
    return [
      heading,
      `One of ${variants.length} forms.`,
      ...variants.flatMap((one) => [`### ${tagOf(one)}`, fieldTable(one)]),
    ];
  }
  if (definition['properties'] !== undefined) return [heading, fieldTable(definition)];
  return [heading, `${typeText(definition)}.`];
}

/** `kind: leaf`, by the field that tells variants apart. */
function tagOf(variant: JsonObject): string | undefined {
  const properties = objectAt(variant, 'properties');
  for (const field of ['kind', 'type', 'op']) {
    const tag = properties[field];
    if (!isJsonObject(tag)) continue;
    const words = tag['const'] === undefined ? tag['enum'] : [tag['const']];
    if (Array.isArray(words)) return `${field}: ${words.map(String).join(', ')}`;
  }
  return undefined;
}

function fieldTable(schema: JsonObject): string {
  const required = schema['required'];
  const needed = Array.isArray(required) ? required : [];
  const rows = Object.entries(objectAt(schema, 'properties')).map(([name, field]) => [
    needed.includes(name) ? `${span(name)}, required` : span(name),
    isJsonObject(field) ? typeText(field) : 'anything',
    isJsonObject(field) && typeof field['description'] === 'string' ? field['description'] : '',
  ]);
  const hasAbout = rows.some(([, , about]) => about !== '');
  const heads = hasAbout ? ['field', 'type', 'meaning'] : ['field', 'type'];
  return table(
    heads,
    rows.map((row) => row.slice(0, heads.length)),
  );
}

function typeText(schema: JsonObject): string {
  const reference = schema['$ref'];
  if (typeof reference === 'string') {
    const name = reference.split('/').at(-1) ?? '';
    return `[${name}](#${name.toLowerCase()})`;
  }
  if (schema['const'] !== undefined) return span(JSON.stringify(schema['const']));
  const words = schema['enum'];
  if (Array.isArray(words)) return words.map((word) => span(String(word))).join(', ');
  const options = [...listAt(schema, 'anyOf'), ...listAt(schema, 'oneOf')];
  if (options.length > 0) return [...new Set(options.map(typeText))].join(', or ');
  switch (schema['type']) {
    case 'string':
      return textType(schema);
    case 'integer':
    case 'number':
      return numberType(schema);
    case 'boolean':
      return 'boolean';
    case 'array': {
      const { items } = schema;
      return isJsonObject(items) ? `list of ${typeText(items)}` : 'list';
    }
    case 'object':
      return objectType(schema);
    default:
      return 'anything';
  }
}

function textType({ pattern, minLength }: JsonObject): string {
  if (typeof pattern === 'string')
    return pattern.includes('previous') ? 'id or `previous(id)`' : 'id';
  return minLength === undefined ? 'text' : 'text, not empty';
}

function numberType({ type, minimum, maximum }: JsonObject): string {
  const most = typeof maximum === 'number' && maximum < 2 ** 31 - 1 ? ` to ${maximum}` : '';
  if (minimum === undefined) return String(type);
  return most === '' ? `${type}, at least ${minimum}` : `${type}, ${minimum}${most}`;
}

function objectType(schema: JsonObject): string {
  const fields = Object.entries(objectAt(schema, 'properties'));
  if (fields.length === 0) {
    const { additionalProperties } = schema;
    const isMap =
      isJsonObject(additionalProperties) && Object.keys(additionalProperties).length > 0;
    return isMap ? `map of ${typeText(additionalProperties as JsonObject)}` : 'object';
  }
  const shown = fields.map(([name, field]) =>
    isJsonObject(field) ? `${span(name)} ${typeText(field)}` : span(name),
  );
  return `{${shown.join('; ')}}`;
}

function objectAt(value: JsonObject, key: string): JsonObject {
  const found: Json | undefined = value[key];
  return isJsonObject(found) ? found : {};
}

function listAt(value: JsonObject, key: string): readonly JsonObject[] {
  const found = value[key];
  return Array.isArray(found) ? found.filter(isJsonObject) : [];
}
