import type { JsonObject } from '../../base/json.ts';
import { HOOK_MOMENTS } from '../../leaf/hooks.ts';

/** JSON Schema of `[hooks]`. */
export function hooksSchema(): JsonObject {
  const words = (description: string): JsonObject => ({
    type: 'array',
    items: { type: 'string' },
    description,
  });
  const row: JsonObject = {
    type: 'object',
    properties: {
      on: { enum: [...HOOK_MOMENTS], description: 'When it is called.' },
      command: {
        anyOf: [{ type: 'string' }, words('Program and arguments.')],
        description: 'A line for sh, or program and arguments. It gets JSON on stdin.',
      },
      tools: words('Globs of tools that it is about; all where absent.'),
      leaves: words('Globs of paths of leaves that it is about; all where absent.'),
      timeout_s: { type: 'number', exclusiveMinimum: 0, maximum: 600, default: 30 },
      on_error: {
        enum: ['block', 'go_on'],
        description: 'What it means that it fails: `block` before something, `go_on` after it.',
      },
    },
    required: ['on', 'command'],
    additionalProperties: false,
  };
  return {
    type: 'object',
    description:
      'Programs around leaves and tools, by a name of your own. They run with your rights, outside of the sandbox. Of a repository only where its folder is trusted.',
    additionalProperties: row,
  };
}
