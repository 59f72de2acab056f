import { delimiter, isAbsolute } from 'node:path';

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/**
 * Of a search path what can be seen inside, in its order: the rest would lead nowhere, and say where things
 * of its owner lie. `folders`: absolute, what is there.
 */
export function visiblePath(path: string, folders: readonly string[]): string {
  const isThere = (entry: string): boolean =>
    folders.some((folder) => entry === folder || entry.startsWith(`${folder}/`));
  const seen = path.split(delimiter).filter((entry) => isAbsolute(entry) && isThere(entry));
  return seen.length === 0 ? DEFAULT_PATH : [...new Set(seen)].join(delimiter);
}
