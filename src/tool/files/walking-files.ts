/** The files of a tree by a walk over open folders; see `descriptor-walk.ts`. */
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  type Stats,
  unlinkSync,
  writeSync,
} from 'node:fs';
import {
  segmentsOf,
  type TreeEntry,
  type TreeFile,
  TreeFileError,
  type TreeFiles,
} from '../tree-files.ts';
import { codeOf, inFolder, problemOf, withFolder } from './descriptor-walk.ts';

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = constants;
const NEW_FILE_MODE = 0o644;
const PERMISSION_BITS = 0o777;

/** `root`: absolute. `newName`: a name that no file has, for what is being written. */
export function walkingFiles(root: string, newName: () => string): TreeFiles {
  return {
    read: (path, maxBytes) =>
      readBelow(root, segmentsOf(path), { path, maxBytes, mayHaveNames: false }),
    list: (path) => listBelow(root, segmentsOf(path)),
    write: (path, data) => replace(root, { path, data, temporary: newName() }),
  };
}

export function listBelow(root: string, names: readonly string[]): readonly TreeEntry[] {
  return withFolder(root, names, (folder) => entriesOf(inFolder(folder, '.')));
}

export interface Reading {
  /** As it is shown. */
  readonly path: string;
  readonly maxBytes: number;
  /** Whether the file may have other names elsewhere. */
  readonly mayHaveNames: boolean;
}

export function readBelow(
  root: string,
  names: readonly string[],
  { path, maxBytes, mayHaveNames }: Reading,
): TreeFile {
  const { folders, name } = placeOf(names);
  return withFolder(root, folders, (folder) => {
    const file = open(folder, name, path);
    try {
      return readUpTo(file, checked(fstatSync(file), path, { mayHaveNames }), maxBytes);
    } finally {
      closeSync(file);
    }
  });
}

function placeOf(names: readonly string[]): {
  readonly folders: readonly string[];
  readonly name: string;
} {
  const name = names.at(-1);
  if (name === undefined) throw new TreeFileError('kind', 'the root is a folder');
  return { folders: names.slice(0, -1), name };
}

function open(folder: number, name: string, path: string): number {
  try {
    // A fifo would wait for a writer for ever.
    return openSync(inFolder(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (thrown) {
    throw problemOf(thrown, path);
  }
}

/** A plain file, with one name: a second one may lie anywhere. */
function checked(
  stat: Stats,
  path: string,
  { mayHaveNames }: { readonly mayHaveNames: boolean } = { mayHaveNames: false },
): Stats {
  if (!stat.isFile()) throw new TreeFileError('kind', `${path} is no plain file`);
  if (stat.nlink !== 1 && !mayHaveNames)
    throw new TreeFileError('escape', `${path} has a second name elsewhere`);
  return stat;
}

function readUpTo(file: number, { size }: Stats, maxBytes: number): TreeFile {
  const data = new Uint8Array(Math.min(size, maxBytes));
  let at = 0;
  while (at < data.length) {
    const count = readSync(file, data, at, data.length - at, at);
    if (count === 0) break;
    at += count;
  }
  return { data: data.subarray(0, at), sizeBytes: size };
}

function entriesOf(folder: string): readonly TreeEntry[] {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry): TreeEntry => {
      if (entry.isFile()) return { name: entry.name, kind: 'file' };
      if (entry.isDirectory()) return { name: entry.name, kind: 'folder' };
      return { name: entry.name, kind: entry.isSymbolicLink() ? 'link' : 'other' };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

interface Writing {
  readonly path: string;
  readonly data: Uint8Array;
  readonly temporary: string;
}

/** Written beside and put in place by one rename: readers see the old file or the new one. */
function replace(root: string, { path, data, temporary }: Writing): void {
  const { folders, name } = placeOf(segmentsOf(path));
  withFolder(
    root,
    folders,
    (folder) => {
      const mode = modeOf(folder, name, path);
      const file = openSync(
        inFolder(folder, temporary),
        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW,
        mode,
      );
      try {
        writeAll(file, data);
        fsyncSync(file);
      } catch (thrown) {
        unlinkSync(inFolder(folder, temporary));
        throw thrown;
      } finally {
        closeSync(file);
      }
      renameSync(inFolder(folder, temporary), inFolder(folder, name));
    },
    { makes: true },
  );
}

function modeOf(folder: number, name: string, path: string): number {
  try {
    const file = openSync(inFolder(folder, name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      return checked(fstatSync(file), path).mode & PERMISSION_BITS;
    } finally {
      closeSync(file);
    }
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return NEW_FILE_MODE;
    throw thrown instanceof TreeFileError ? thrown : problemOf(thrown, path);
  }
}

function writeAll(file: number, data: Uint8Array): void {
  let at = 0;
  while (at < data.length) at += writeSync(file, data, at, data.length - at);
}
