import { existsSync, readFileSync } from 'node:fs';

/** Lines that somebody else may still be writing to: one without its end has not been said yet. */
export function wholeLines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}
