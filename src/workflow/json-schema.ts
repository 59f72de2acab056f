import type { JsonObject } from '../base/json.ts';
import schema from './workflow.schema.json' with { type: 'json' };

/**
 * The published JSON Schema 2020-12 of workflow documents, which the gate reads: what the one accepts
 * the other does. Made from `document-schema.ts` by `npm run fix`.
 */
export function workflowJsonSchema(): JsonObject {
  return schema as JsonObject;
}
