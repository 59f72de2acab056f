import type { GraftRequest } from '../workspace.ts';
import { toText } from './byte-path.ts';
import { commitTree, keepCommit, writeTree } from './commit-tree.ts';
import { readRawChanges } from './compare-commits.ts';
import { type GitWorld, indexOf, objectPlace, withGitFolder } from './private-git-folder.ts';
import { shortHash } from './short-hash.ts';

/** Takes files from one commit into another in an index of its own; nothing is checked out. */
export async function graftFiles(
  world: GitWorld,
  { run, onto, from, paths, name }: GraftRequest,
  signal?: AbortSignal,
): Promise<string> {
  const wanted = new Set(paths);
  const commit = await withGitFolder(world, async (gitFolder) => {
    const place = { ...objectPlace(world, gitFolder), indexFile: indexOf(gitFolder) };
    const differing = await readRawChanges(world.runGit, { place, from: onto, to: from }, signal);
    const taken = differing.filter(({ path }) => wanted.has(toText(path)));
    if (taken.length === 0) return onto;
    await world.runGit({ place, args: ['read-tree', onto] }, signal);
    const entries = taken.map(({ mode, object, path }) => `${mode} ${object}\t${path}\0`);
    const input = Buffer.from(entries.join(''), 'latin1');
    await world.runGit({ place, args: ['update-index', '-z', '--index-info'], input }, signal);
    const tree = await writeTree(world, place, signal);
    return commitTree(world, place, { tree, parents: [onto], message: name }, signal);
  });
  await keepCommit(world, { run, name: shortHash(name), commit }, signal);
  return commit;
}
