import { builtinReference } from '../../src/authoring/builtins.ts';
import type { JsonObject } from '../../src/base/json.ts';
import { runTraceJsonSchema } from '../../src/export/trace-schema.ts';
import { configJsonSchema } from '../../src/workbench/config-schema.ts';
import { commandsPage } from './commands-page.ts';
import { configPage } from './config-page.ts';
import { errorsPage } from './errors-page.ts';
import { schemaPage } from './schema-page.ts';
import { makeWorkflowSchema } from './workflow-schema.ts';

/** Path from the repository root → text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ['schemas/workflow.schema.json', jsonText(makeWorkflowSchema())],
    // What the gate reads is inside of `src`, so that it is bundled.
    ['src/workflow/workflow.schema.json', jsonText(makeWorkflowSchema())],
    ['schemas/run-trace.schema.json', jsonText(runTraceJsonSchema())],
    ['schemas/config.schema.json', jsonText(configJsonSchema())],
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/errors.md', errorsPage()],
    ['docs/reference/config.md', configPage()],
    ['docs/reference/builtins.md', builtinReference()],
    ['docs/reference/workflow-schema.md', schemaPage()],
  ]);
}

const jsonText = (value: JsonObject): string => `${JSON.stringify(value, undefined, 2)}\n`;
