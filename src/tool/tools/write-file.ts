import { z } from 'zod';
import { answered, defineTool, refused, type Tool } from '../tool.ts';
import { plainPath } from '../tree-files.ts';
import { attempt } from './attempt.ts';

interface Writing {
  readonly path: string;
  readonly text: string;
}

const input: z.ZodType<Writing> = z.strictObject({
  path: z.string().describe('Relative to the root of the tree; missing folders are made.'),
  text: z.string().describe('The whole new content.'),
});

export const writeFile: Tool = defineTool({
  name: 'write_file',
  description:
    'Writes a whole file, new or in place of the old one. To change a part, use edit_file.',
  input,
  changesFiles: true,
  async run({ path, text }, world) {
    const refusal = world.writeRefusal(path);
    if (refusal !== undefined) return refused(refusal);
    return attempt(() => {
      const data = new TextEncoder().encode(text);
      world.files.write(path, data);
      return { ...answered(`wrote ${path} (${data.length} bytes)`), touched: [plainPath(path)] };
    });
  },
});
