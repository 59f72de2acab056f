/** Where a search begins: in the tree, and in those parts of linked folders that its globs name. */
import type { LinkedFolder } from '../../../workspace/linked-folder.ts';

export interface SearchStart {
  /** Repository path of a folder or file; `''` is the tree. */
  readonly path: string;
  /** Absolute, where it lies outside of the tree: the folder, and how it is called in the tree. */
  readonly linked?: LinkedFolder;
}

export function searchStarts(
  files: readonly string[] | undefined,
  linked: readonly LinkedFolder[],
): readonly SearchStart[] {
  if (files === undefined) return [TREE];
  const starts = new Map<string, SearchStart>();
  for (const glob of files) {
    const path = literalPart(glob);
    const folder = linked.find((one) => path === one.path || path.startsWith(`${one.path}/`));
    const start = folder === undefined ? TREE : { path, linked: folder };
    starts.set(start.path, start);
  }
  return starts.size === 0 ? [TREE] : [...starts.values()];
}

const TREE: SearchStart = { path: '' };

/** The folders, or the file, that a glob names outright; nothing that leads upwards. */
function literalPart(glob: string): string {
  const names: string[] = [];
  for (const name of glob.split('/')) {
    if (/[*?[\]{}!\\]/.test(name) || name === '..' || name === '') break;
    names.push(name);
  }
  return names.join('/');
}
