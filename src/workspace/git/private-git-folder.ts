/**
 * A git folder of our own over the user's object store. Git reads config, attributes of highest rank, HEAD
 * and index from it, so nothing in the repository's own `.git/config` (filters, merge and diff drivers,
 * includes, whatever a later git learns) can take part, and the user's index and HEAD can't be hit.
 */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LinkedFolders } from '../linked-folder.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { Repository } from './locate-repository.ts';
import type { WriteRef } from './ref-writer.ts';
import type { RepositorySettings } from './repository-settings.ts';
import type { RunGit } from './run-git.ts';

/** What the parts of one git workspace share. */
export interface GitWorld {
  readonly repository: Repository;
  readonly settings: RepositorySettings;
  readonly runGit: RunGit;
  /** Names a commit in the repository. */
  readonly writeRef: WriteRef;
  /** Folder of everything that belongs to this repository in the cache. */
  readonly pool: string;
  /** What every checkout has beside what git holds; no part of any commit of ours. */
  readonly links: LinkedFolders;
  /** A name that nobody else uses. */
  readonly newName: () => string;
}

/** The repository's own git folder: for refs and names of commits, never for contents. */
export function repositoryPlace({ repository }: GitWorld): GitPlace {
  return { gitFolder: repository.gitFolder };
}

/** Objects only, no files; `gitFolder` is a private one. */
export function objectPlace(world: GitWorld, gitFolder: string): GitPlace {
  return {
    gitFolder,
    objectFolder: join(world.repository.commonFolder, 'objects'),
    config: world.settings.config,
  };
}

/** The files of `workTree`, seen through a private git folder and its index. */
export function filePlace(world: GitWorld, gitFolder: string, workTree: string): GitPlace {
  return {
    ...objectPlace(world, gitFolder),
    workTree,
    indexFile: indexOf(gitFolder),
  };
}

export function indexOf(gitFolder: string): string {
  return join(gitFolder, 'index');
}

/** Writes the folder anew, index aside, and removes locks that a killed git left; the caller owns it. */
export async function writeGitFolder(
  world: GitWorld,
  gitFolder: string,
  head?: string,
): Promise<void> {
  const { commonFolder } = world.repository;
  await Promise.all([
    mkdir(join(gitFolder, 'refs', 'heads'), { recursive: true }),
    mkdir(join(gitFolder, 'info'), { recursive: true }),
    ...['index.lock', 'HEAD.lock', 'config.lock'].map((name) =>
      rm(join(gitFolder, name), { force: true }),
    ),
  ]);
  const attributes = await readIfThere(join(commonFolder, 'info', 'attributes'));
  const exclude = await readIfThere(join(commonFolder, 'info', 'exclude'));
  await Promise.all([
    writeFile(join(gitFolder, 'HEAD'), `${head ?? 'ref: refs/heads/none'}\n`),
    writeFile(join(gitFolder, 'config'), toConfigText(world.settings)),
    // Read before all others, last line first: no file has a filter, whatever the tree says.
    writeFile(join(gitFolder, 'info', 'attributes'), `${attributes}\n* -filter\n`, 'latin1'),
    writeFile(join(gitFolder, 'info', 'exclude'), `${exclude}\n${toPatterns(world)}`, 'latin1'),
  ]);
}

/** Lends a private git folder for one piece of work. */
export async function withGitFolder<T>(
  world: GitWorld,
  work: (gitFolder: string) => Promise<T>,
): Promise<T> {
  const gitFolder = join(world.pool, 'tmp', world.newName());
  try {
    await writeGitFolder(world, gitFolder);
    return await work(gitFolder);
  } finally {
    await rm(gitFolder, { recursive: true, force: true });
  }
}

/** With and without a slash at the end: a link is no folder to git. */
function toPatterns({ links }: GitWorld): string {
  const quoted = links.folders.map(({ path }) => path.replaceAll(/[\\*?[\]#! ]/g, '\\$&'));
  return Buffer.from(quoted.map((path) => `/${path}\n`).join('')).toString('latin1');
}

function toConfigText({ objectFormat }: RepositorySettings): string {
  return objectFormat === 'sha1'
    ? '[core]\n\trepositoryformatversion = 0\n\tbare = false\n'
    : '[core]\n\trepositoryformatversion = 1\n\tbare = false\n[extensions]\n\tobjectformat = sha256\n';
}

async function readIfThere(path: string): Promise<string> {
  return readFile(path, 'latin1').catch(() => '');
}
