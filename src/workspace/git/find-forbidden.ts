/**
 * Finds what git passes over without a word: every `.git` in a tree, in all the spellings that some file
 * system takes for one (the user's git would later run what they configure); and, for a tree that is to be
 * used again, pipes, sockets and devices (they would lead from one run into another).
 */
import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { WhaleFlowError } from '../../base/errors.ts';
import { type BytePath, toFile, toText } from './byte-path.ts';

const MAX_FOLDERS = 500_000;

/** Paths of all `.git` look-alikes but the one at the root; doesn't look into `skip`. */
export function findForbidden(
  root: string,
  skip: ReadonlySet<BytePath>,
  signal?: AbortSignal,
): Promise<BytePath[]> {
  return find({ root, skip, isWanted: ({ name }) => isDotGit(name) }, signal);
}

/** The same, and everything that is no file, link or folder. */
export function findLeftovers(
  root: string,
  skip: ReadonlySet<BytePath>,
  signal?: AbortSignal,
): Promise<BytePath[]> {
  const isSpecial = (entry: Dirent): boolean =>
    !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink();
  return find(
    { root, skip, isWanted: (entry) => isDotGit(entry.name) || isSpecial(entry) },
    signal,
  );
}

interface Search {
  readonly root: string;
  readonly skip: ReadonlySet<BytePath>;
  readonly isWanted: (entry: Dirent) => boolean;
}

async function find({ root, skip, isWanted }: Search, signal?: AbortSignal): Promise<BytePath[]> {
  const found: BytePath[] = [];
  const folders: BytePath[] = [''];
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    signal?.throwIfAborted();
    count += 1;
    if (count > MAX_FOLDERS) throw new WhaleFlowError('WF6003', `more than ${MAX_FOLDERS} folders`);
    for (const entry of await entriesOf(root, folder)) {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (path === '.git' || skip.has(path)) continue;
      if (isWanted(entry)) found.push(path);
      else if (entry.isDirectory()) folders.push(path);
    }
  }
  return found;
}

async function entriesOf(root: string, folder: BytePath) {
  try {
    return await readdir(toFile(root, folder), { withFileTypes: true, encoding: 'latin1' });
  } catch (cause) {
    const name = toText(folder) || '.';
    throw new WhaleFlowError('WF6003', `cannot read the folder ${name}`, { cause });
  }
}

/** Code points that HFS+ passes over in names. */
const HFS_IGNORED = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g;

/** `.git` in any case; with what NTFS drops (dots, spaces, a stream) or HFS+ ignores; and its short name. */
function isDotGit(name: BytePath): boolean {
  const text = Buffer.from(name, 'latin1').toString('utf8').replaceAll(HFS_IGNORED, '');
  return /^(?:\.git|git~1)[ .]*(?:$|[:\\])/i.test(text);
}
