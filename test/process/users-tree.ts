/**
 * Identity of everything of the user's in a repository: files with rights and links, index, HEAD, branches,
 * tags, stash, config. Not what runs add: objects, refs below `refs/whaleflow`, worktrees, our state. Read
 * and not asked of git, whose own refreshing would change what is to be looked at.
 */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

const OWN_REFS = /^refs(?:$|\/(?:heads|tags|stash|remotes|notes)(?:$|\/))/;
const GIT_FILES = ['index', 'HEAD', 'ORIG_HEAD', 'config', 'info/exclude', 'MERGE_HEAD'];

/** `gitFolder`: of the repository, where it is not `ROOT/.git`. */
export function usersTree(root: string, gitFolder: string = join(root, '.git')): string {
  const hash = createHash('sha256');
  for (const name of GIT_FILES) {
    const path = join(gitFolder, name);
    hash.update(`${name}\0`).update(existsSync(path) ? readFileSync(path) : 'none');
  }
  const refs = join(gitFolder, 'packed-refs');
  const packed = existsSync(refs) ? readFileSync(refs, 'utf8').split('\n') : [];
  hash.update(packed.filter((line) => OWN_REFS.test(line.split(' ')[1] ?? '')).join('\n'));
  addAll(hash, gitFolder, { folder: 'refs', isWanted: (path) => OWN_REFS.test(path) });
  const isUsers = (path: string) => path !== '.git' && path !== '.whaleflow/state';
  addAll(hash, root, { folder: '', isWanted: isUsers });
  return hash.digest('hex');
}

interface Part {
  readonly folder: string;
  readonly isWanted: (path: string) => boolean;
}

function addAll(hash: Hash, root: string, { folder, isWanted }: Part): void {
  const at = join(root, folder);
  if (!existsSync(at)) return;
  for (const name of readdirSync(at).sort()) {
    const path = folder === '' ? name : `${folder}/${name}`;
    if (!isWanted(path)) continue;
    const file = join(root, path);
    const stat = lstatSync(file);
    // Made to hold our state, where it was not there.
    if (path !== '.whaleflow') hash.update(`${path}\0${stat.mode}\0`);
    if (stat.isDirectory()) addAll(hash, root, { folder: path, isWanted });
    else if (stat.isSymbolicLink()) hash.update(readlinkSync(file));
    else if (stat.isFile()) hash.update(readFileSync(file));
  }
}
