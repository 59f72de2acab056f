import * as z from 'zod';
import type { JsonObject } from '../../src/base/json.ts';
import { workflowDocumentSchema } from '../../src/workflow/document-schema.ts';

const SCHEMA_ID = 'https://whaleflow.dev/schemas/workflow.schema.json';

/** The JSON Schema 2020-12 of workflow documents, from the description that the types are held to. */
export function makeWorkflowSchema(): JsonObject {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: SCHEMA_ID,
    title: 'WhaleFlow workflow',
    ...(z.toJSONSchema(workflowDocumentSchema, {
      io: 'input',
      target: 'draft-2020-12',
    }) as JsonObject),
  };
}
