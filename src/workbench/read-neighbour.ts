import { readFileSync, realpathSync, statSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';

const MAX_BYTES = 1_048_576;

export interface Neighbourhood {
  /** What a workflow loads or uses lies in here, symbolic links included. */
  readonly folder: string;
  /** What its paths are relative to. */
  readonly base: string;
}

/** The text of a file that a workflow loads or uses; undefined for what is not to be had. */
export function readNeighbour({ folder, base }: Neighbourhood, path: string): string | undefined {
  const file = resolve(base, path);
  const found = statSync(file, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > MAX_BYTES) return undefined;
  const real = relative(realpathSync(folder), realpathSync(file));
  if (real.startsWith('..') || isAbsolute(real)) return undefined;
  return readFileSync(file, 'utf8');
}
