import { lstat } from 'node:fs/promises';
import { type BytePath, toFile } from './byte-path.ts';

export interface Parted {
  /** Paths that git may look at. */
  readonly open: readonly BytePath[];
  /** Paths below what is a file or a link now: they are gone, and git refuses to look for them. */
  readonly buried: readonly BytePath[];
}

/** Parts paths by whether every folder above them is a folder, on disk, now. */
export async function partBuried(root: string, paths: readonly BytePath[]): Promise<Parted> {
  const known = new Map<BytePath, Promise<boolean>>();
  const isFolder = (folder: BytePath): Promise<boolean> => {
    const found =
      known.get(folder) ??
      lstat(toFile(root, folder)).then(
        (entry) => entry.isDirectory(),
        // What is missing altogether is no hindrance: git takes the path as removed.
        (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
      );
    known.set(folder, found);
    return found;
  };
  const open: BytePath[] = [];
  const buried: BytePath[] = [];
  for (const path of paths) {
    const cuts = Array.from(path.matchAll(/\//g), ({ index }) => path.slice(0, index));
    const areFolders = await Promise.all(cuts.map(isFolder));
    (areFolders.every(Boolean) ? open : buried).push(path);
  }
  return { open, buried };
}
