import { z } from 'zod';
import { answered, capped, defineTool, type Tool } from '../tool.ts';

type Nothing = Readonly<Record<string, never>>;

const input: z.ZodType<Nothing> = z.strictObject({});

export const gitDiff: Tool = defineTool({
  name: 'git_diff',
  description: 'Shows what has changed in the tree since you began, as a patch.',
  input,
  changesFiles: false,
  async run(_input, world, signal) {
    const patch = await world.diff(signal);
    return answered(patch === '' ? '(nothing has changed)' : capped(patch));
  },
});
