import * as z from 'zod';
import type { JsonObject } from '../base/json.ts';
import { workflowDocumentSchema } from './document-schema.ts';

const SCHEMA_ID = 'https://whaleflow.dev/schemas/workflow.schema.json';

let made: JsonObject | undefined;

/** The published JSON Schema 2020-12 of workflow documents; accepts what the gate’s schema accepts. */
export function workflowJsonSchema(): JsonObject {
  made ??= {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'WhaleFlow workflow',
    ...(z.toJSONSchema(workflowDocumentSchema, {
      io: 'input',
      target: 'draft-2020-12',
    }) as JsonObject),
  };
  return made;
}
