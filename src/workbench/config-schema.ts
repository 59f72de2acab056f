import type { Json, JsonObject } from '../base/json.ts';
import { agentsSchema } from './agents/agents-schema.ts';
import { type ConfigRow, configKeys } from './config-keys.ts';
import { hooksSchema } from './hooks/hooks-schema.ts';
import { mcpSchema } from './mcp/mcp-schema.ts';
import { modelSectionSchemas } from './models/models-schema.ts';

const SCHEMA_ID = 'https://whaleflow.dev/schemas/config.schema.json';

/** The published JSON Schema 2020-12 of `config.toml`; made of the one table of keys. */
export function configJsonSchema(): JsonObject {
  const sections: Record<string, Record<string, Json>> = {};
  for (const [key, row] of Object.entries(configKeys)) {
    const [section = '', name = ''] = key.split('.');
    const rows = sections[section] ?? {};
    sections[section] = rows;
    rows[name] = valueSchema(row);
  }
  const properties = Object.entries(sections).map(([section, keys]) => [
    section,
    { type: 'object', properties: keys, additionalProperties: false },
  ]);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'WhaleFlow configuration',
    type: 'object',
    properties: {
      ...(Object.fromEntries(properties) as JsonObject),
      ...modelSectionSchemas(),
      agents: agentsSchema(),
      hooks: hooksSchema(),
      mcp: mcpSchema(),
    },
    additionalProperties: false,
  };
}

function valueSchema(row: ConfigRow): JsonObject {
  const { isCeiling, about } = row;
  if (row.type === 'switch') return { type: 'boolean', default: row.value, description: about };
  if (row.type === 'choice') return { enum: row.choices, default: row.value, description: about };
  if (row.type === 'text') return { type: 'string', default: row.value, description: about };
  if (row.type === 'folders' || row.type === 'paths') {
    return { type: 'array', items: { type: 'string' }, default: row.value, description: about };
  }
  const { value, min, max, isWhole } = row;
  const description = isCeiling ? `${about} The least of all layers counts.` : about;
  const type = isWhole ? 'integer' : 'number';
  return { type, minimum: min, maximum: max, default: value, description };
}
