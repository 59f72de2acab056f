/**
 * The files of a tree with the folders that its owner has linked into it: for reading as if they lay there,
 * never for writing. Links inside of such a folder are followed as far as they stay in it, since installers
 * make many; each step is a walk over open folders, and `..` is never left to the system.
 */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { LinkedFolder } from '../../workspace/linked-folder.ts';
import { segmentsOf, type TreeEntry, TreeFileError, type TreeFiles } from '../tree-files.ts';
import { codeOf, inFolder, problemOf, withFolder } from './descriptor-walk.ts';
import { listBelow, readBelow } from './walking-files.ts';

const MAX_LINKS = 40;

/** `files`: those of the tree at `root`. What the tree itself has at the place of a link stays as it is. */
export function withLinked(
  files: TreeFiles,
  root: string,
  linked: readonly LinkedFolder[],
): TreeFiles {
  if (linked.length === 0) return files;
  /** Where a path really lies: below a linked folder, or in the tree. */
  const locate = (path: string): Located => {
    let way = segmentsOf(path);
    for (let hops = 0; hops <= MAX_LINKS; hops += 1) {
      const place = placeIn(root, linked, way);
      if (place === undefined) return { way: way.join('/') };
      const found = resolve(place, path);
      if (found.isInside) return { target: place.target, names: found.names };
      way = segmentsOf(found.names.join('/'));
    }
    throw leaves(path);
  };
  return {
    read(path, maxBytes) {
      const at = locate(path);
      if (!('target' in at)) return files.read(at.way, maxBytes);
      return readBelow(at.target, at.names, { path, maxBytes, mayHaveNames: true });
    },
    list(path) {
      const at = locate(path);
      if ('target' in at) return listBelow(at.target, at.names);
      const below = segmentsOf(at.way);
      return files.list(at.way).map((entry) => shown(root, linked, { below, entry }));
    },
    write(path, data) {
      const place = placeIn(root, linked, segmentsOf(path));
      if (place === undefined) return files.write(path, data);
      const message = `${path} is in the linked folder ${place.path}, which is only read`;
      throw new TreeFileError('escape', message);
    },
  };
}

type Located =
  | { readonly target: string; readonly names: readonly string[] }
  | { readonly way: string };

interface Place extends LinkedFolder {
  /** The way from the linked folder on. */
  readonly names: readonly string[];
}

function placeIn(
  root: string,
  linked: readonly LinkedFolder[],
  names: readonly string[],
): Place | undefined {
  for (const { path, target } of linked) {
    const own = path.split('/');
    const isAtOrBelow = own.every((name, index) => names[index] === name);
    if (isAtOrBelow && isLinked(root, path)) {
      return { path, target, names: names.slice(own.length) };
    }
  }
  return undefined;
}

/** As the workspace leaves it: an empty folder to mount over, or a link. Nothing depends on it but what is shown. */
function isLinked(root: string, path: string): boolean {
  const at = join(root, path);
  const stat = lstatSync(at, { throwIfNoEntry: false });
  if (stat === undefined) return false;
  return stat.isSymbolicLink() || (stat.isDirectory() && readdirSync(at).length === 0);
}

function shown(
  root: string,
  linked: readonly LinkedFolder[],
  { below, entry }: { readonly below: readonly string[]; readonly entry: TreeEntry },
): TreeEntry {
  const { name } = entry;
  const place = placeIn(root, linked, [...below, name]);
  return place === undefined ? entry : { name, kind: 'folder' };
}

interface Resolved {
  readonly isInside: boolean;
  /** From the linked folder on, or from the root of the tree on. */
  readonly names: readonly string[];
}

/** The way without links. A link may lead back into the tree, as those of workspaces do. @throws {TreeFileError} */
function resolve({ path, target, names }: Place, shownPath: string): Resolved {
  const done: string[] = [];
  const ahead = [...names];
  let links = 0;
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (done.pop() !== undefined) continue;
      const way = inTree([...path.split('/').slice(0, -1), ...ahead]);
      if (way === undefined) throw leaves(shownPath);
      return { isInside: false, names: way };
    }
    const link = linkAt(target, done, name);
    if (link === undefined) {
      done.push(name);
      continue;
    }
    links += 1;
    if (link.startsWith('/') || links > MAX_LINKS) throw leaves(shownPath);
    ahead.unshift(...link.split('/'));
  }
  return { isInside: true, names: segmentsOf(done.join('/')) };
}

/** Undefined where `..` leads out of the tree. */
function inTree(names: readonly string[]): readonly string[] | undefined {
  const done: string[] = [];
  for (const name of names) {
    if (name === '..' && done.pop() === undefined) return undefined;
    if (name !== '..') done.push(name);
  }
  return done;
}

function leaves(path: string): TreeFileError {
  return new TreeFileError('escape', `${path} leads out of the linked folder and of the tree`);
}

/** Where a link leads; undefined where it is none, or is not there. */
function linkAt(root: string, folders: readonly string[], name: string): string | undefined {
  return withFolder(root, folders, (folder) => {
    try {
      return readlinkSync(inFolder(folder, name));
    } catch (thrown) {
      if (['EINVAL', 'ENOENT'].includes(codeOf(thrown))) return undefined;
      throw problemOf(thrown, name);
    }
  });
}
