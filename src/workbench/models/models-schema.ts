import type { Json, JsonObject } from '../../base/json.ts';
import { roleNames } from '../../workflow/roles.ts';
import { capabilityNames, dialectNames } from './models-config.ts';
import { MAX_CALLS } from './read-provider.ts';

/** JSON Schema of the sections of the configuration that are about models. */
export function modelSectionSchemas(): JsonObject {
  return {
    providers: tables(
      'Where models are, by a name of your own; a row of the same name changes a built-in one.',
      {
        dialect: { enum: dialectNames, default: 'openai' },
        base_url: { type: 'string', format: 'uri', description: 'With its version.' },
        api_key_env: { type: 'string', description: 'Name of the variable that holds the key.' },
        api_key_cmd: { type: 'string', description: 'Command line that prints the key.' },
        max_calls: {
          ...count('Calls of all runs on this machine to it at once.'),
          maximum: MAX_CALLS,
        },
        ...capabilities('What its models can do, where a model says nothing else.'),
      },
    ),
    roles: {
      type: 'object',
      description: 'Who answers a role: PROVIDER:MODEL, or a list of it and its fallbacks.',
      properties: Object.fromEntries(['default', ...roleNames].map((role) => [role, ROLE])),
      additionalProperties: false,
    },
    models: tables('What is known of a model, by PROVIDER:MODEL.', {
      ...capabilities('Whether it can.'),
      context: count('Tokens that it reads and writes at most in one call.'),
      max_output: count('Tokens that it writes at most in one answer.'),
    }),
    prices: tables('US dollars per million tokens, by PROVIDER:MODEL.', {
      input: PRICE,
      output: PRICE,
      cache_read: PRICE,
      cache_write: PRICE,
    }),
  };
}

const MODEL: JsonObject = { type: 'string', pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]*:.+$' };
const ROLE: JsonObject = {
  anyOf: [MODEL, { type: 'array', items: MODEL, minItems: 1, maxItems: 8 }],
};
const PRICE: JsonObject = { type: 'number', minimum: 0 };

function tables(description: string, properties: JsonObject): JsonObject {
  const table: JsonObject = { type: 'object', properties, additionalProperties: false };
  return { type: 'object', description, additionalProperties: table };
}

function capabilities(description: string): JsonObject {
  const rows = capabilityNames.map((name): readonly [string, Json] => [
    name,
    { enum: ['yes', 'no', 'unknown'], description },
  ]);
  return Object.fromEntries(rows);
}

const count = (description: string): JsonObject => ({ type: 'integer', minimum: 1, description });
