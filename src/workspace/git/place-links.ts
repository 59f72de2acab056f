/** Puts linked folders into a checkout; what the commit itself has at such a path stays. */
import { lstat, mkdir, readdir, readlink, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { LinkedFolders } from '../linked-folder.ts';

export async function placeLinks(root: string, { folders, as }: LinkedFolders): Promise<void> {
  for (const { path, target } of folders) {
    const at = join(root, path);
    if (!(await isFolder(dirname(at)))) continue;
    await removeOurs(at);
    if ((await lstat(at).catch(() => undefined)) !== undefined) continue;
    await (as === 'mount' ? mkdir(at) : symlink(target, at, 'dir'));
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined))?.isDirectory() === true;
}

/** A link that leads out of the tree, or an empty folder: git holds neither at a path that it ignores. */
async function removeOurs(at: string): Promise<void> {
  const target = await readlink(at).catch(() => undefined);
  const isOurs =
    target === undefined
      ? (await readdir(at).catch(() => ['?'])).length === 0
      : target.startsWith('/');
  if (isOurs) await rm(at, { recursive: true, force: true });
}
