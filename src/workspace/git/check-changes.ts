/**
 * What a leaf may not hand over: things that would act outside of its tree once a person applies them.
 * These are failures of the leaf, so the messages are made for its author.
 */
import { lstat, readlink } from 'node:fs/promises';
import { WhaleFlowError } from '../../base/errors.ts';
import { RefusedChange } from '../refused-change.ts';
import { type BytePath, toFile, toText } from './byte-path.ts';

const MAX_PATHS = 100_000;
const MAX_BYTES = 1024 * 1024 * 1024;
const MAX_LINKS = 40;
const MAX_NOTES = 10;

/** @throws {WhaleFlowError} WF6003 that names what is wrong. */
export async function checkChanges(
  root: string,
  { changed, forbidden }: { changed: readonly BytePath[]; forbidden: readonly BytePath[] },
  signal?: AbortSignal,
): Promise<void> {
  refuse('a repository inside of the repository', forbidden);
  if (changed.length > MAX_PATHS) {
    throw new WhaleFlowError('WF6003', `${changed.length} changed files, more than ${MAX_PATHS}`, {
      hint: 'add what is generated or installed to .gitignore',
    });
  }
  const escaping: BytePath[] = [];
  const hardLinked: BytePath[] = [];
  const special: BytePath[] = [];
  let bytes = 0;
  for (const path of changed) {
    signal?.throwIfAborted();
    const entry = await lstat(toFile(root, path)).catch(() => undefined);
    if (entry === undefined || entry.isDirectory()) continue;
    if (entry.isSymbolicLink()) {
      if (await isEscaping(root, path)) escaping.push(path);
    } else if (!entry.isFile()) special.push(path);
    else if (entry.nlink > 1) hardLinked.push(path);
    else bytes += entry.size;
  }
  refuse('a symlink that leaves the tree', escaping);
  refuse('a hard link, which may share its contents with a file outside', hardLinked);
  refuse('a device, socket or pipe', special);
  if (bytes > MAX_BYTES) {
    throw new WhaleFlowError('WF6003', `changed files of ${bytes} bytes, more than ${MAX_BYTES}`);
  }
}

function refuse(what: string, paths: readonly BytePath[]): void {
  const [first] = paths;
  if (first === undefined) return;
  throw new RefusedChange(`the change holds ${what}: ${toText(first)}`, {
    hint: 'remove it, or have the leaf not make it',
    notes: paths.slice(1, MAX_NOTES).map(toText),
  });
}

/**
 * Follows a symlink part by part, as the kernel would, and says whether it ever steps out of the tree or
 * into its `.git`. Absolute targets are out: the tree lies at another place for everybody else.
 */
async function isEscaping(root: string, path: BytePath): Promise<boolean> {
  const at = path.split('/').slice(0, -1);
  const ahead = [path.split('/').at(-1) ?? ''];
  let links = 0;
  for (let part = ahead.shift(); part !== undefined; part = ahead.shift()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      if (at.pop() === undefined) return true;
      continue;
    }
    at.push(part);
    if (at[0]?.toLowerCase() === '.git') return true;
    const target = await readlink(toFile(root, at.join('/')), 'latin1').catch(() => undefined);
    if (target === undefined) continue;
    links += 1;
    if (target.startsWith('/') || links > MAX_LINKS) return true;
    at.pop();
    ahead.unshift(...target.split('/'));
  }
  return false;
}
