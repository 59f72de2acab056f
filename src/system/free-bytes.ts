import { statfsSync } from 'node:fs';

/**
 * Bytes that this process can still write on the disk of `folder`: for root also what is set aside for it.
 * Undefined where the file system does not count its blocks, as many that programs provide. Throws what
 * `statfs` does, where the folder is not there.
 */
export function freeBytes(folder: string): number | undefined {
  const { blocks, bavail, bfree, bsize } = statfsSync(folder);
  if (blocks <= 0) return undefined;
  return (process.getuid?.() === 0 ? bfree : bavail) * bsize;
}
