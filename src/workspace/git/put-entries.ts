/** Puts whole files in place, one rename each, and takes them away again. */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { type BytePath, foldersAbove, toFile } from './byte-path.ts';
import type { EntrySnapshot } from './entry-snapshot.ts';

const PERMISSION_BITS = 0o7777;

/** Copies what stands at `source` (a file or a link), modes included. */
export function copyEntry(source: string | Buffer, target: string | Buffer): void {
  const stat = lstatSync(source);
  if (stat.isSymbolicLink()) {
    symlinkSync(readlinkSync(source, { encoding: 'buffer' }), target);
    return;
  }
  copyFileSync(source, target);
  chmodSync(target, stat.mode & PERMISSION_BITS);
}

/** Puts a copy of `source` at a path, over what is there. */
export function putEntry(
  root: string,
  path: BytePath,
  { source, entry }: { readonly source: string | Buffer; readonly entry: EntrySnapshot },
): void {
  const temporary = temporaryOf(root, path);
  rmSync(temporary, { force: true });
  copyEntry(source, temporary);
  if (entry.kind === 'file') chmodSync(temporary, entry.mode);
  renameSync(temporary, toFile(root, path));
}

/** Takes away what a kill has left of a copy that was to be put at a path. */
export function dropHalfPut(root: string, path: BytePath): void {
  try {
    rmSync(temporaryOf(root, path), { force: true });
  } catch {
    // A file has come in the way of the folder.
  }
}

const temporaryOf = (root: string, path: BytePath): Buffer =>
  Buffer.concat([toFile(root, path), Buffer.from('.whaleflow-new')]);

/** The folders above a path that are not there, outermost first. */
export function missingFoldersAbove(root: string, path: BytePath): readonly BytePath[] {
  return foldersAbove(path)
    .toReversed()
    .filter((folder) => lstatSync(toFile(root, folder), { throwIfNoEntry: false }) === undefined);
}

export interface EmptiedFolder {
  readonly path: BytePath;
  readonly mode: number;
}

/** The folders above a path that are empty without what stands there, innermost first: git removes them. */
export function foldersEmptiedWithout(root: string, path: BytePath): readonly EmptiedFolder[] {
  const emptied: EmptiedFolder[] = [];
  for (const folder of foldersAbove(path)) {
    const file = toFile(root, folder);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isDirectory() || readdirSync(file).length > 1) break;
    emptied.push({ path: folder, mode: stat.mode & PERMISSION_BITS });
  }
  return emptied;
}

/** Folders in which something still stands, or that are gone, are let alone. */
export function removeIfEmpty(root: string, folder: BytePath): void {
  try {
    rmdirSync(toFile(root, folder));
  } catch {
    // Somebody put something in, or it is gone.
  }
}
