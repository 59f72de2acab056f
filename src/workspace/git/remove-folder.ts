import { chmod, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Removes a folder, also when something has made folders in it read-only (Go's module cache does). */
export async function removeFolder(folder: string): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true });
  } catch {
    await makeWritable(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Gives the owner all rights on every folder below; follows no symlinks. */
export async function makeWritable(folder: string): Promise<void> {
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    await chmod(next, 0o700);
    for (const entry of await readdir(next, { withFileTypes: true })) {
      if (entry.isDirectory()) folders.push(join(next, entry.name));
    }
  }
}
