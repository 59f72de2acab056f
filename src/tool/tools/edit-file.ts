import { z } from 'zod';
import { applyHunks } from '../apply-hunks.ts';
import { answered, defineTool, refused, type Tool, type ToolAnswer } from '../tool.ts';
import { plainPath } from '../tree-files.ts';
import { attempt } from './attempt.ts';

const MAX_FILE_BYTES = 4 * 2 ** 20;

interface Edit {
  readonly path: string;
  readonly old?: string;
  readonly new?: string;
  readonly all?: boolean;
  readonly patch?: string;
}

/** One object and no union: not every provider takes one as the input of a tool. */
const input: z.ZodType<Edit> = z
  .strictObject({
    path: z.string().describe('Relative to the root of the tree.'),
    old: z.exactOptional(
      z.string().min(1).describe('The exact text to replace, with enough around it to be unique.'),
    ),
    new: z.exactOptional(z.string().describe('What stands there afterwards.')),
    all: z.exactOptional(z.boolean().describe('Replace every occurrence.')),
    patch: z.exactOptional(
      z
        .string()
        .min(1)
        .describe('In place of old and new: hunks of a unified diff of this file, @@ and lines.'),
    ),
  })
  .refine(
    ({ patch, old, new: fresh, all }) =>
      patch === undefined
        ? old !== undefined && fresh !== undefined
        : old === undefined && fresh === undefined && all === undefined,
    'give old and new, or patch alone',
  );

export const editFile: Tool = defineTool({
  name: 'edit_file',
  description:
    'Changes a part of a file: an exact piece of text (`old`, `new`), which must occur once unless `all` is set, or several places at once (`patch`).',
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
      const edited = edit.patch === undefined ? replace(text, edit) : patched(text, edit);
      if ('isError' in edited) return edited;
      world.files.write(edit.path, new TextEncoder().encode(edited.text));
      return { ...answered(edited.said), touched: [plainPath(edit.path)] };
    });
  },
});

type Edited = { readonly text: string; readonly said: string };

function patched(text: string, { path, patch = '' }: Edit): ToolAnswer | Edited {
  const applied = applyHunks(text, patch);
  if ('problem' in applied) return refused(`${path} is as it was: ${applied.problem}`);
  return { text: applied.text, said: `changed ${applied.count} places in ${path}` };
}

/** A byte order mark stays, and what is no UTF-8 is not changed by reading it. */
function decode(data: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data);
  } catch {
    return undefined;
  }
}

function replace(text: string, edit: Edit): ToolAnswer | Edited {
  const { path, old = '', new: fresh = '', all = false } = edit;
  const count = text.split(old).length - 1;
  if (count === 0)
    return refused(`${path} does not hold that text; read it again: ${hintOf(text, old)}`);
  if (count > 1 && !all) {
    return refused(`${path} holds that text ${count} times: give more of what stands around it`);
  }
  return { text: text.split(old).join(fresh), said: `replaced ${count} in ${path}` };
}

/** Why it may have missed: most often white space. */
function hintOf(text: string, old: string): string {
  const squeeze = (value: string): string => value.replace(/\s+/g, ' ').trim();
  return squeeze(text).includes(squeeze(old))
    ? 'only white space differs'
    : 'no part of it stands there like this';
}
