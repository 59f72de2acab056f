import type { JsonObject } from '../../base/json.ts';

/** JSON Schema of `[mcp]`. */
export function mcpSchema(): JsonObject {
  const words = (description: string): JsonObject => ({
    type: 'array',
    items: { type: 'string' },
    description,
  });
  const seconds = (otherwise: number, description: string): JsonObject => ({
    type: 'number',
    exclusiveMinimum: 0,
    maximum: 600,
    default: otherwise,
    description,
  });
  const row: JsonObject = {
    type: 'object',
    properties: {
      command: words('Program and arguments of a server that speaks over its stdin and stdout.'),
      url: { type: 'string', description: 'In place of a command: a server over streamable HTTP.' },
      allow: words('Names of its tools that may be used; nothing else is. Each has to be pinned.'),
      env: words('Names of variables that it gets from your environment.'),
      set: {
        type: 'object',
        additionalProperties: { type: 'string' },
        description: 'Variables that are set for it.',
      },
      read: words('What it may read outside of its tree in the strict sandbox.'),
      write: words('What it may write outside of its tree in the strict sandbox.'),
      api_key_env: { type: 'string', description: 'Of a url: the variable that holds its key.' },
      timeout_s: seconds(60, 'Of one call.'),
      start_timeout_s: seconds(30, 'Until it has said what it offers.'),
    },
    required: ['allow'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    description:
      'Servers of tools that speak the Model Context Protocol, by a name of your own. Of a repository only where its folder is trusted.',
    additionalProperties: row,
  };
}
