import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const BLOCK_BYTES = 512;

/** Bytes that a folder takes on disk; a file with several names counts once. */
export function diskUse(folder: string): number {
  const seen = new Set<number>();
  let bytes = 0;
  const open = [folder];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      const { ino, blocks } = lstatSync(path);
      if (seen.has(ino)) continue;
      seen.add(ino);
      bytes += blocks * BLOCK_BYTES;
      if (entry.isDirectory()) open.push(path);
    }
  }
  return bytes;
}
