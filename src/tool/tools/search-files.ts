import { z } from 'zod';
import { defineTool, type Tool } from '../tool.ts';

interface Searching {
  readonly text: string;
  readonly files?: readonly string[];
}

const input: z.ZodType<Searching> = z.strictObject({
  text: z.string().min(1).describe('Literal text, on one line.'),
  files: z.exactOptional(z.array(z.string()).max(20).describe('Path globs, such as src/**/*.ts.')),
});

export const searchFiles: Tool = defineTool({
  name: 'search',
  description: 'Finds a text in the files of the tree: path, line and the line itself.',
  input,
  changesFiles: false,
  run: ({ text, files = [] }, world, signal) => world.search({ text, files }, signal),
});
