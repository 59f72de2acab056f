/**
 * Three-way merges without files on disk. `merge-tree` before git 2.40 finds the merge base by itself, so it
 * is given three commits made for it, in which the base is the parent of both sides.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import type { MergeRequest, MergeResult } from '../workspace.ts';
import { splitRecords, toText } from './byte-path.ts';
import { commitTree, findObject, keepCommit } from './commit-tree.ts';
import type { GitPlace } from './hardened-environment.ts';
import { type GitWorld, objectPlace, withGitFolder } from './private-git-folder.ts';
import { shortHash } from './short-hash.ts';

export async function mergeCommits(
  world: GitWorld,
  request: MergeRequest,
  signal?: AbortSignal,
): Promise<MergeResult> {
  const merged = await withGitFolder(world, async (gitFolder) => {
    const place = objectPlace(world, gitFolder);
    const base = await treeOf(world, place, request.base, signal);
    const start = await treeOf(world, place, request.into, signal);
    let tree = start;
    const conflicts: { path: string; source: string }[] = [];
    for (const source of request.sources) {
      const theirs = await treeOf(world, place, source.commit, signal);
      const sides = { base, ours: tree, theirs, label: toLabel(source.name) };
      const step = await mergeTrees(world, place, sides, signal);
      tree = step.tree;
      conflicts.push(...step.paths.map((path) => ({ path, source: source.name })));
    }
    if (tree === start) return { commit: request.into, conflicts };
    const parents = [...new Set([request.into, ...request.sources.map(({ commit }) => commit)])];
    const commit = await commitTree(world, place, { tree, parents, message: request.name }, signal);
    return { commit, conflicts };
  });
  const { commit, conflicts } = merged;
  await keepCommit(world, { run: request.run, name: shortHash(request.name), commit }, signal);
  return conflicts.length === 0
    ? { status: 'merged', commit }
    : { status: 'conflict', commit, conflicts };
}

async function treeOf(world: GitWorld, place: GitPlace, commit: string, signal?: AbortSignal) {
  const tree = await findObject(world, place, `${commit}^{tree}`, signal);
  if (tree === undefined) throw new WhaleFlowError('WF6003', `no commit "${commit}"`);
  return tree;
}

interface Sides {
  readonly base: string;
  readonly ours: string;
  readonly theirs: string;
  /** What the conflict markers call their side. */
  readonly label: string;
}

async function mergeTrees(
  world: GitWorld,
  place: GitPlace,
  { base, ours, theirs, label }: Sides,
  signal?: AbortSignal,
): Promise<{ tree: string; paths: readonly string[] }> {
  const message = 'one side of a merge';
  const root = await commitTree(world, place, { tree: base, parents: [], message }, signal);
  const [left, right] = await Promise.all(
    [ours, theirs].map((tree) =>
      commitTree(world, place, { tree, parents: [root], message }, signal),
    ),
  );
  // Conflict markers show the names under which the sides are given.
  await writeBranch(place, 'before', left);
  await writeBranch(place, label, right);
  const args = ['merge-tree', '--write-tree', '-z', '--name-only', '--no-messages'];
  const call = { place, args: [...args, 'before', label], answers: [0, 1] };
  const [tree = '', ...paths] = splitRecords((await world.runGit(call, signal)).stdout);
  return { tree, paths: paths.filter((path) => path !== '').map(toText) };
}

async function writeBranch({ gitFolder }: GitPlace, name: string, commit = ''): Promise<void> {
  const file = join(gitFolder, 'refs', 'heads', name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${commit}\n`);
}

/** A name that is surely a valid ref and no object name. */
function toLabel(name: string): string {
  return `from/${name.replaceAll(/[^A-Za-z0-9_-]+/g, '-').slice(0, 60)}`;
}
