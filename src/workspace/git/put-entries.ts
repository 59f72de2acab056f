/** Puts whole files in place, one rename each, and takes them away again. */
import {
  chmodSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
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
  const target = toFile(root, path);
  const temporary = Buffer.concat([target, Buffer.from('.whaleflow-new')]);
  rmSync(temporary, { force: true });
  copyEntry(source, temporary);
  if (entry.kind === 'file') chmodSync(temporary, entry.mode);
  renameSync(temporary, target);
}

/** Makes the folders above a path; those that were not there, outermost first. */
export function makeFoldersAbove(root: string, path: BytePath): readonly BytePath[] {
  const made: BytePath[] = [];
  for (const folder of foldersAbove(path).toReversed()) {
    const file = toFile(root, folder);
    if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) continue;
    mkdirSync(file);
    made.push(folder);
  }
  return made;
}

/** Removes the folders above a path that are empty now, innermost first, as git does. */
export function removeEmptyFolders(
  root: string,
  path: BytePath,
): readonly { readonly path: BytePath; readonly mode: number }[] {
  const removed: { path: BytePath; mode: number }[] = [];
  for (const folder of foldersAbove(path)) {
    const file = toFile(root, folder);
    const stat = lstatSync(file, { throwIfNoEntry: false });
    if (stat === undefined || !stat.isDirectory() || readdirSync(file).length > 0) break;
    rmdirSync(file);
    removed.push({ path: folder, mode: stat.mode & PERMISSION_BITS });
  }
  return removed;
}
