/**
 * Walks down a tree by open folders, one name at a time, never following a link. A path that is checked
 * and then opened can be changed in between; an open folder can’t. Where the system has no
 * `/proc/self/fd`, there is no such walk, and the tools that need it are refused.
 */
import { closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import { TreeFileError } from '../tree-files.ts';

const { O_DIRECTORY, O_NOFOLLOW, O_RDONLY } = constants;
const OPEN_FILES = '/proc/self/fd';

export function canWalk(): boolean {
  return existsSync(OPEN_FILES);
}

/** The path of a name in an open folder: no link on the way can be swapped in. */
export function inFolder(folder: number, name: string): string {
  return `${OPEN_FILES}/${folder}/${name}`;
}

/** Calls `use` with the open folder. `makes`: folders that are missing are made. @throws {TreeFileError} */
export function withFolder<T>(
  root: string,
  names: readonly string[],
  use: (folder: number) => T,
  { makes }: { readonly makes: boolean } = { makes: false },
): T {
  let folder = openSync(root, O_RDONLY | O_DIRECTORY);
  try {
    for (const [index, name] of names.entries()) {
      const next = step(folder, name, { makes, shown: names.slice(0, index + 1).join('/') });
      closeSync(folder);
      folder = next;
    }
    return use(folder);
  } finally {
    closeSync(folder);
  }
}

interface StepOptions {
  readonly makes: boolean;
  readonly shown: string;
}

function step(folder: number, name: string, { makes, shown }: StepOptions): number {
  const path = inFolder(folder, name);
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (thrown) {
    if (codeOf(thrown) !== 'ENOENT' || !makes) throw problemOf(thrown, shown);
  }
  try {
    mkdirSync(path);
  } catch (thrown) {
    // Somebody else may have made it meanwhile.
    if (codeOf(thrown) !== 'EEXIST') throw problemOf(thrown, shown);
  }
  try {
    return openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  } catch (thrown) {
    throw problemOf(thrown, shown);
  }
}

export function codeOf(thrown: unknown): string {
  const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
  return typeof code === 'string' ? code : '';
}

/** What a failed call of the system means for a path of the tree. */
export function problemOf(thrown: unknown, path: string): TreeFileError {
  switch (codeOf(thrown)) {
    case 'ENOENT':
      return new TreeFileError('missing', `${path} is not there`);
    case 'ELOOP':
      return new TreeFileError('escape', `${path} is a link; links are not followed`);
    case 'ENOTDIR':
      // With O_DIRECTORY a link to a folder is told as this too.
      return new TreeFileError('kind', `${path} is no folder, or a link to one`);
    case 'EISDIR':
      return new TreeFileError('kind', `${path} is a folder`);
    case 'ENAMETOOLONG':
      return new TreeFileError('name', `${path} is too long a name`);
    default:
      return new TreeFileError('kind', `${path} can’t be opened (${codeOf(thrown) || 'unknown'})`);
  }
}
