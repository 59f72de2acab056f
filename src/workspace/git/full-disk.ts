import { statfsSync } from 'node:fs';
import { freeBytes } from '../../system/free-bytes.ts';

/** Less than what failed may have wanted: often nobody says why it could not write. */
const MIN_FREE_BYTES = 1024 * 1024;

/** The first of the folders whose disk has no room, or no room for one more file; undefined where all have. */
export function firstFull(folders: readonly string[]): string | undefined {
  return folders.find((folder) => {
    try {
      if ((freeBytes(folder) ?? MIN_FREE_BYTES) < MIN_FREE_BYTES) return true;
      const { files, ffree } = statfsSync(folder);
      // Some file systems count no files.
      return files > 0 && ffree === 0;
    } catch {
      return false;
    }
  });
}
