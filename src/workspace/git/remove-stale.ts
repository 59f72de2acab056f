import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from './remove-folder.ts';

/** No piece of work takes that long. */
const MAX_AGE_MS = 24 * 3_600_000;

/**
 * Removes what killed processes have left in a folder of things that are needed for a moment only: entries
 * that `isPassing` names and that nobody has changed for a day.
 */
export async function removeStale(
  folder: string,
  isPassing: (name: string) => boolean = () => true,
): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    if (!isPassing(name)) continue;
    const path = join(folder, name);
    const changed = (await lstat(path).catch(() => undefined))?.mtimeMs ?? Date.now();
    if (Date.now() - changed > MAX_AGE_MS) await removeFolder(path).catch(() => {});
  }
}
