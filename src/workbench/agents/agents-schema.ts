import type { JsonObject } from '../../base/json.ts';
import { agentFormats } from '../../leaf/runners/external/external-agent.ts';
import { knownAgents } from './known-agents.ts';

const words = (description: string): JsonObject => ({
  type: 'array',
  items: { type: 'string' },
  description,
});

/** JSON Schema of `[agents]`. */
export function agentsSchema(): JsonObject {
  const properties: JsonObject = {
    preset: {
      enum: knownAgents.map(({ name }) => name),
      description: 'A known agent to begin with.',
    },
    protocol: { enum: ['exec', 'acp'], default: 'exec' },
    command: words(
      'Program and arguments; `{prompt}`, `{prompt_file}`, `{rights}`, `{model}`, `{proxy}`.',
    ),
    output: { enum: agentFormats, default: 'text', description: 'How its output is read (exec).' },
    model: { type: 'string', description: 'The model that it asks, by its own name for it.' },
    env: words('Names of variables that it gets from your environment.'),
    set: {
      type: 'object',
      additionalProperties: { type: 'string' },
      description: 'Variables that are set for it.',
    },
    read: words('What it may read outside of its tree in the strict sandbox.'),
    write: words('What it may write outside of its tree in the strict sandbox.'),
    home: { enum: ['user', 'own'], description: 'Whose HOME it has.' },
    auth: { type: 'string', description: 'How it signs in (acp): the id of one of its ways.' },
    billing: {
      enum: ['unknown', 'reported', 'included'],
      default: 'unknown',
      description: 'Whether its cost is known: not at all, afterwards, or paid by a plan.',
    },
    proxy: {
      type: 'boolean',
      default: false,
      description: 'Its model calls go through WhaleFlow to the model of the leaf’s role.',
    },
  };
  const row: JsonObject = { type: 'object', properties, additionalProperties: false };
  return {
    type: 'object',
    description: 'Other coding agents, by a name of your own. Only in your own configuration.',
    additionalProperties: row,
  };
}
