import { chmod, readdir, rm } from 'node:fs/promises';
import { type BytePath, toFile } from './byte-path.ts';

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
async function makeWritable(root: string): Promise<void> {
  const folders: BytePath[] = ['.'];
  for (let next = folders.pop(); next !== undefined; next = folders.pop()) {
    const folder = toFile(root, next);
    // The removal that has failed may still be at work on the rest: folders vanish under us.
    await chmod(folder, 0o700).catch(() => {});
    const entries = await readdir(folder, { withFileTypes: true, encoding: 'latin1' }).catch(
      () => [],
    );
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(`${next}/${entry.name}`);
    }
  }
}
