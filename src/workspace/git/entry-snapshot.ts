/** One path of the user's folder as it is: enough to put it back exactly. */
import { createHash } from 'node:crypto';
import { lstatSync, readFileSync, readlinkSync } from 'node:fs';
import { type BytePath, foldersAbove, toFile } from './byte-path.ts';

/** `digest`: of the bytes of a file, or of where a link leads. */
export interface EntrySnapshot {
  readonly kind: 'file' | 'link';
  /** Permission bits. */
  readonly mode: number;
  readonly digest: string;
}

const PERMISSION_BITS = 0o7777;

/**
 * Undefined where nothing is; `blocked` where something is that we don't write over: a folder, a device, a
 * file with a second name, or a path whose folder is a link.
 */
export function snapshotEntry(root: string, path: BytePath): EntrySnapshot | 'blocked' | undefined {
  // The outermost first: below a file nothing can be asked for.
  if (
    foldersAbove(path)
      .toReversed()
      .some((folder) => isNoFolder(root, folder))
  )
    return 'blocked';
  const file = toFile(root, path);
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const mode = stat.mode & PERMISSION_BITS;
  if (stat.isSymbolicLink()) {
    return { kind: 'link', mode, digest: digest(readlinkSync(file, { encoding: 'buffer' })) };
  }
  if (!stat.isFile() || stat.nlink !== 1) return 'blocked';
  return { kind: 'file', mode, digest: digest(readFileSync(file)) };
}

export function isSameEntry(
  a: EntrySnapshot | 'blocked' | undefined,
  b: EntrySnapshot | 'blocked' | undefined,
): boolean {
  if (a === undefined || b === undefined || a === 'blocked' || b === 'blocked') return a === b;
  return a.kind === b.kind && a.digest === b.digest && (a.kind === 'link' || a.mode === b.mode);
}

/** A missing folder is none in the way: it will be made. */
function isNoFolder(root: string, folder: BytePath): boolean {
  const stat = lstatSync(toFile(root, folder), { throwIfNoEntry: false });
  return stat !== undefined && !stat.isDirectory();
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
