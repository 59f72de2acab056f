/**
 * Finds the repository of a folder by reading files, as git does it. Git itself isn't asked: its own search
 * would read config and refuse other people's folders before we have said which git folder is meant.
 */
import { readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';

export interface Repository {
  /** Root of the user's checkout; absent when the repository is bare. */
  readonly root?: string;
  /** Git folder of this checkout: holds its HEAD and index. */
  readonly gitFolder: string;
  /** Git folder of the main checkout: holds refs, config and objects; the same one when not linked. */
  readonly commonFolder: string;
  /** Root of the main checkout, where the state of all linked ones is kept; absent when bare. */
  readonly mainRoot?: string;
}

/** The repository that holds `folder`, or undefined. All paths are absolute and real. */
export async function locateRepository(folder: string): Promise<Repository | undefined> {
  let place = await realpath(folder).catch(() => undefined);
  while (place !== undefined) {
    const gitFolder = await gitFolderOf(join(place, '.git'));
    if (gitFolder !== undefined) return toRepository(gitFolder, place);
    if (await isGitFolder(place)) return toRepository(place);
    const above = dirname(place);
    place = above === place ? undefined : above;
  }
  return undefined;
}

async function toRepository(gitFolder: string, root?: string): Promise<Repository> {
  const commonFolder = await commonFolderOf(gitFolder);
  const mainRoot = commonFolder === gitFolder ? root : mainRootOf(commonFolder);
  return {
    gitFolder,
    commonFolder,
    ...(root === undefined ? {} : { root }),
    ...(mainRoot === undefined ? {} : { mainRoot }),
  };
}

function mainRootOf(commonFolder: string): string | undefined {
  return basename(commonFolder) === '.git' ? dirname(commonFolder) : undefined;
}

/** `.git` is the git folder itself, or a file that names it (linked worktrees, submodules). */
async function gitFolderOf(path: string): Promise<string | undefined> {
  const entry = await stat(path).catch(() => undefined);
  if (entry === undefined) return undefined;
  if (entry.isDirectory()) return (await isGitFolder(path)) ? realpath(path) : undefined;
  const text = await readFile(path, 'utf8').catch(() => '');
  const target = /^gitdir: (.+?)\n*$/.exec(text)?.[1];
  if (target === undefined) return undefined;
  const folder = resolve(dirname(path), target);
  return (await isGitFolder(folder)) ? realpath(folder) : undefined;
}

async function isGitFolder(folder: string): Promise<boolean> {
  if (!(await exists(join(folder, 'HEAD')))) return false;
  if (await exists(join(folder, 'commondir'))) return true;
  return (await exists(join(folder, 'objects'))) && (await exists(join(folder, 'refs')));
}

async function commonFolderOf(gitFolder: string): Promise<string> {
  const text = await readFile(join(gitFolder, 'commondir'), 'utf8').catch(() => undefined);
  return text === undefined ? gitFolder : realpath(resolve(gitFolder, text.trim()));
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
