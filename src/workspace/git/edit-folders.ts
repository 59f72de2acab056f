/** Changes single files of a commit's folders, without an index and without looking at any other file. */
import { type BytePath, foldersAbove } from './byte-path.ts';
import { type GitObject, objectName } from './git-object.ts';
import type { RepositorySettings } from './repository-settings.ts';
import { FOLDER_MODE, folderBytes, type TreeEntry, type TreeFolder } from './tree-folder.ts';

/** Folders of one tree by their path, `''` the root: those above each path that is changed, where they are there. */
export type Folders = ReadonlyMap<BytePath, TreeFolder>;

export interface FileEdit {
  readonly path: BytePath;
  /** Gone where absent. */
  readonly entry?: TreeEntry;
}

export interface EditedFolders {
  readonly folders: Folders;
  /** The tree objects that are new. */
  readonly trees: readonly GitObject[];
  /** Name of the whole. */
  readonly root: string;
}

/** Undefined where a file and a folder would change places: that takes more than the paths. */
export function editFolders(
  folders: Folders,
  edits: readonly FileEdit[],
  format: RepositorySettings['objectFormat'],
): EditedFolders | undefined {
  if (edits.some((edit) => changesPlaces(folders, edit))) return undefined;
  const next = new Map(folders);
  const touched = new Set<BytePath>();
  const change = (path: BytePath, entry: TreeEntry | undefined): void => {
    const { folder, name } = split(path);
    const entries = new Map(next.get(folder));
    if (entry === undefined) entries.delete(name);
    else entries.set(name, entry);
    next.set(folder, entries);
  };
  for (const { path, entry } of edits) {
    change(path, entry);
    for (const folder of foldersAbove(path)) touched.add(folder);
  }
  const trees: GitObject[] = [];
  const add = (folder: TreeFolder): string => {
    const tree: GitObject = { type: 'tree', data: folderBytes(folder) };
    trees.push(tree);
    return objectName(tree, format);
  };
  for (const path of [...touched].sort((a, b) => depth(b) - depth(a))) {
    const folder = next.get(path) ?? new Map();
    if (folder.size === 0) next.delete(path);
    change(path, folder.size === 0 ? undefined : { mode: FOLDER_MODE, object: add(folder) });
  }
  return { folders: next, trees, root: add(next.get('') ?? new Map()) };
}

/** What is at a path: a file, a folder, or nothing. */
export function entryAt(folders: Folders, path: BytePath): TreeEntry | undefined {
  const { folder, name } = split(path);
  return folders.get(folder)?.get(name);
}

function changesPlaces(folders: Folders, { path }: FileEdit): boolean {
  if (entryAt(folders, path)?.mode === FOLDER_MODE) return true;
  return foldersAbove(path).some(
    (folder) => (entryAt(folders, folder)?.mode ?? FOLDER_MODE) !== FOLDER_MODE,
  );
}

function split(path: BytePath): { readonly folder: BytePath; readonly name: BytePath } {
  const slash = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(slash, 0)), name: path.slice(slash + 1) };
}

const depth = (path: BytePath): number => path.split('/').length;
