import { z } from 'zod';
import { answered, capped, defineTool, refused, type Tool, type ToolAnswer } from '../tool.ts';
import { attempt } from './attempt.ts';

const MAX_FILE_BYTES = 4 * 2 ** 20;
const DEFAULT_LINES = 2000;

interface Reading {
  readonly path: string;
  readonly from?: number;
  readonly lines?: number;
}

const input: z.ZodType<Reading> = z.strictObject({
  path: z.string().describe('Relative to the root of the tree.'),
  from: z.exactOptional(z.int().min(1).describe('First line, from 1.')),
  lines: z.exactOptional(z.int().min(1).max(DEFAULT_LINES).describe('How many lines at most.')),
});

export const readFile: Tool = defineTool({
  name: 'read_file',
  description: 'Reads a text file of the tree, or some lines of it.',
  input,
  changesFiles: false,
  async run({ path, from = 1, lines = DEFAULT_LINES }, { files }) {
    return attempt(() => {
      const { data, sizeBytes } = files.read(path, MAX_FILE_BYTES);
      if (data.includes(0)) return refused(`${path} is no text (${sizeBytes} bytes)`);
      const text = new TextDecoder().decode(data);
      return excerpt(text, { path, from, lines, isCut: sizeBytes > data.length });
    });
  },
});

interface Excerpt {
  readonly path: string;
  readonly from: number;
  readonly lines: number;
  readonly isCut: boolean;
}

function excerpt(text: string, { path, from, lines, isCut }: Excerpt): ToolAnswer {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  const some = all.slice(from - 1, from - 1 + lines);
  const isWhole = some.length === all.length && !isCut;
  if (isWhole) return answered(capped(text));
  const of = isCut ? `more than ${all.length}` : `${all.length}`;
  const head = `[${path}: lines ${from}–${from + some.length - 1} of ${of}]`;
  return answered(capped(`${head}\n${some.join('\n')}`));
}
