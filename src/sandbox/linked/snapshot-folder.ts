/** Sees whether anything below a folder was written, without reading a file. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Path below the folder → what a write changes of it. */
export type FolderSnapshot = ReadonlyMap<string, string>;

/** Looks at size, times and identity of everything; follows no link. Empty where there is no folder. */
export async function snapshotFolder(folder: string): Promise<FolderSnapshot> {
  const found = new Map<string, string>();
  const open = [''];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const entries = await readdir(join(folder, at), { withFileTypes: true }).catch(() => []);
    await Promise.all(
      entries.map(async (entry) => {
        const path = join(at, entry.name);
        const stat = await lstat(join(folder, path)).catch(() => undefined);
        if (stat === undefined) return;
        // The times of a folder say what its entries say; and looking into it must not count.
        const times = stat.isDirectory() ? '' : `${stat.mtimeMs} ${stat.ctimeMs} ${stat.size}`;
        found.set(path, `${stat.ino} ${stat.mode} ${times}`);
        if (stat.isDirectory()) open.push(path);
      }),
    );
  }
  return found;
}

/** Sorted, each below `name`. */
export function changedBelow(
  name: string,
  before: FolderSnapshot,
  now: FolderSnapshot,
): readonly string[] {
  const paths = new Set([...before.keys(), ...now.keys()]);
  return [...paths]
    .filter((path) => before.get(path) !== now.get(path))
    .sort()
    .map((path) => `${name}/${path}`);
}
