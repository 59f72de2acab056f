import { statfsSync } from 'node:fs';

/** Less than what failed may have wanted: often nobody says why it could not write. */
const MIN_FREE_BYTES = 1024 * 1024;

/** The first of the folders whose disk has no room, or no room for one more file; undefined where all have. */
export function firstFull(folders: readonly string[]): string | undefined {
  return folders.find((folder) => {
    try {
      const { blocks, bavail, bsize, files, ffree } = statfsSync(folder);
      // Some file systems count no files, and some that programs provide nothing at all.
      const isFull = blocks > 0 && bavail * bsize < MIN_FREE_BYTES;
      return isFull || (files > 0 && ffree === 0);
    } catch {
      return false;
    }
  });
}
