/** `whaleflow schema NAME`: the published JSON Schemas. */
import { suggestion } from '../../base/did-you-mean.ts';
import type { ExitStatus } from '../../base/error-codes.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { CommandContext } from '../context.ts';
import type { CommandInput } from '../input.ts';

const schemas: Readonly<Record<string, () => Promise<JsonObject>>> = {
  workflow: async () => (await import('../../workflow/json-schema.ts')).workflowJsonSchema(),
  trace: async () => (await import('../../export/trace-schema.ts')).runTraceJsonSchema(),
  config: async () => (await import('../../workbench/config-schema.ts')).configJsonSchema(),
};

export async function run({ output }: CommandContext, input: CommandInput): Promise<ExitStatus> {
  const [name = ''] = input.words;
  const make = Object.hasOwn(schemas, name) ? schemas[name] : undefined;
  if (make === undefined) {
    const names = Object.keys(schemas);
    const hint = suggestion(name, names) ?? `there are: ${names.join(', ')}`;
    throw new WhaleFlowError('WF2002', `no schema \`${name}\``, { hint });
  }
  output.raw(`${JSON.stringify(await make(), undefined, 2)}\n`);
  return 0;
}
