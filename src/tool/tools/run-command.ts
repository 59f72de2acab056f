import { z } from 'zod';
import { defineTool, type Tool } from '../tool.ts';

interface Running {
  readonly command: string;
}

const input: z.ZodType<Running> = z.strictObject({
  command: z.string().min(1).describe('A command line for bash, run at the root of the tree.'),
});

export const runCommand: Tool = defineTool({
  name: 'run_command',
  description:
    'Runs a command in the tree, as far as it is permitted; gives exit status and output.',
  input,
  changesFiles: true,
  reachesOut: true,
  run: ({ command }, world, signal) => world.runCommand(command, signal),
});
