import { closeSync, fsyncSync, openSync } from 'node:fs';

/** Makes the names in a folder durable, which the fsync of a new file does not. */
export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
