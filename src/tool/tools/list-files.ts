import { z } from 'zod';
import { answered, capped, defineTool, type Tool } from '../tool.ts';
import type { TreeFiles } from '../tree-files.ts';
import { attempt } from './attempt.ts';

const MAX_ENTRIES = 1000;
/** Where installed packages and the repository itself lie: never what a model looks for. */
const PASSED_OVER: ReadonlySet<string> = new Set(['.git', 'node_modules']);
const MARK = { file: '', folder: '/', link: '@', other: '?' } as const;

interface Listing {
  readonly path?: string;
  readonly deep?: boolean;
}

const input: z.ZodType<Listing> = z.strictObject({
  path: z.exactOptional(z.string().describe('A folder, relative to the root of the tree.')),
  deep: z.exactOptional(z.boolean().describe('Also what lies in folders below it.')),
});

export const listFiles: Tool = defineTool({
  name: 'list_files',
  description: 'Lists files and folders; folders end in /, links in @.',
  input,
  changesFiles: false,
  async run({ path = '', deep = false }, { files }) {
    return attempt(() => {
      const found = collect(files, path, deep);
      const more = found.length > MAX_ENTRIES ? [`[more than ${MAX_ENTRIES} entries]`] : [];
      const lines = [...found.slice(0, MAX_ENTRIES), ...more];
      return answered(capped(lines.length === 0 ? '(empty)' : lines.join('\n')));
    });
  },
});

function collect(files: TreeFiles, path: string, isDeep: boolean): readonly string[] {
  const found: string[] = [];
  const open = [path === '' || path.endsWith('/') ? path : `${path}/`];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const { name, kind } of files.list(folder)) {
      found.push(`${folder}${name}${MARK[kind]}`);
      if (isDeep && kind === 'folder' && !PASSED_OVER.has(name)) open.push(`${folder}${name}/`);
      if (found.length > MAX_ENTRIES) return found;
    }
  }
  return isDeep ? found.toSorted() : found;
}
