import { z } from 'zod';
import { answered, defineTool, refused, type Tool, type ToolAnswer } from '../tool.ts';
import { plainPath } from '../tree-files.ts';
import { attempt } from './attempt.ts';

const MAX_FILE_BYTES = 4 * 2 ** 20;

interface Edit {
  readonly path: string;
  readonly old: string;
  readonly new: string;
  readonly all?: boolean;
}

const input: z.ZodType<Edit> = z.strictObject({
  path: z.string().describe('Relative to the root of the tree.'),
  old: z.string().min(1).describe('The exact text to replace, with enough around it to be unique.'),
  new: z.string().describe('What stands there afterwards.'),
  all: z.exactOptional(z.boolean().describe('Replace every occurrence.')),
});

export const editFile: Tool = defineTool({
  name: 'edit_file',
  description:
    'Replaces an exact piece of text in a file. It must occur once, unless `all` is set.',
  input,
  changesFiles: true,
  async run(edit, world) {
    const refusal = world.writeRefusal(edit.path);
    if (refusal !== undefined) return refused(refusal);
    return attempt(() => {
      const { data, sizeBytes } = world.files.read(edit.path, MAX_FILE_BYTES);
      if (sizeBytes > data.length) return refused(`${edit.path} is too long to edit`);
      const text = decode(data);
      if (text === undefined) return refused(`${edit.path} is no UTF-8 text`);
      const replaced = replace(text, edit);
      if ('isError' in replaced) return replaced;
      world.files.write(edit.path, new TextEncoder().encode(replaced.text));
      const said = answered(`replaced ${replaced.count} in ${edit.path}`);
      return { ...said, touched: [plainPath(edit.path)] };
    });
  },
});

/** A byte order mark stays, and what is no UTF-8 is not changed by reading it. */
function decode(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

function replace(text: string, edit: Edit): ToolAnswer | { text: string; count: number } {
  const { path, old, new: fresh, all = false } = edit;
  const count = text.split(old).length - 1;
  if (count === 0)
    return refused(`${path} does not hold that text; read it again: ${hintOf(text, old)}`);
  if (count > 1 && !all) {
    return refused(`${path} holds that text ${count} times: give more of what stands around it`);
  }
  return { text: text.split(old).join(fresh), count };
}

/** Why it may have missed: most often white space. */
function hintOf(text: string, old: string): string {
  const squeeze = (value: string): string => value.replace(/\s+/g, ' ').trim();
  return squeeze(text).includes(squeeze(old))
    ? 'only white space differs'
    : 'no part of it stands there like this';
}
