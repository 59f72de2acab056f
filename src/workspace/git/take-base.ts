/**
 * Takes the base of a run: HEAD and what isn't committed yet, through a copy of the user's index. The user's
 * folder is only read.
 */
import { copyFile, readdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import type { BaseRequest, BaseSnapshot } from '../workspace.ts';
import { commitTree, findObject, keepCommit, updateIndex, writeTree } from './commit-tree.ts';
import { listFiles } from './compare-commits.ts';
import { listChanges } from './list-changes.ts';
import {
  filePlace,
  type GitWorld,
  indexOf,
  repositoryPlace,
  withGitFolder,
  writeGitFolder,
} from './private-git-folder.ts';
import { findUntouchedFiltered } from './untouched-filtered.ts';

export async function takeBase(
  world: GitWorld,
  request: BaseRequest,
  signal?: AbortSignal,
): Promise<BaseSnapshot> {
  const head = await headOf(world, request.ref, signal);
  const branch = await branchOf(world, signal);
  const { root } = world.repository;
  const isSnapshotWanted = request.ref === undefined && root !== undefined;
  const { commit, uncommitted } = isSnapshotWanted
    ? await snapshot(world, { root, head }, signal)
    : { commit: head, uncommitted: 0 };
  await keepCommit(world, { run: request.run, name: 'base', commit }, signal);
  return { commit, head, uncommitted, ...(branch === undefined ? {} : { branch }) };
}

async function headOf(world: GitWorld, ref: string | undefined, signal?: AbortSignal) {
  const place = repositoryPlace(world);
  const commit = await findObject(world, place, `${ref ?? 'HEAD'}^{commit}`, signal);
  if (commit !== undefined) return commit;
  if (ref !== undefined) throw new WhaleFlowError('WF6003', `no commit "${ref}"`);
  const folder = world.repository.root ?? world.repository.gitFolder;
  throw new WhaleFlowError('WF6002', `no commit yet in ${folder}`, {
    hint: 'commit once: git commit --allow-empty -m "first commit"',
  });
}

async function branchOf(world: GitWorld, signal?: AbortSignal): Promise<string | undefined> {
  const args = ['symbolic-ref', '--quiet', '--short', 'HEAD'];
  const answer = await world.runGit(
    { place: repositoryPlace(world), args, answers: [0, 1] },
    signal,
  );
  return answer.exit === 0 ? answer.stdout.toString('utf8').trim() : undefined;
}

interface SnapshotRequest {
  readonly root: string;
  readonly head: string;
}

async function snapshot(
  world: GitWorld,
  { root, head }: SnapshotRequest,
  signal?: AbortSignal,
): Promise<{ commit: string; uncommitted: number }> {
  return withGitFolder(world, async (gitFolder) => {
    await writeGitFolder(world, gitFolder, head);
    // Cloned without a checkout: there is nothing uncommitted, although all files are missing.
    if (!(await copyIndex(world.repository.gitFolder, gitFolder))) {
      return { commit: head, uncommitted: 0 };
    }
    const place = filePlace(world, gitFolder, root);
    const listed = await listChanges(world.runGit, place, signal);
    const untouched = await findUntouchedFiltered(
      world,
      { ...place, workTree: root },
      listed.paths,
      signal,
    );
    const paths = listed.paths.filter((path) => !untouched.has(path));
    if (paths.length > 0) await updateIndex(world, place, paths, signal);
    const tree = await writeTree(world, place, signal);
    const files = await listFiles(world.runGit, { place, from: head, to: tree }, signal);
    if (files.length === 0) return { commit: head, uncommitted: 0 };
    // No run id: a leaf may read the log, and what it sees does not depend on the run.
    const message = 'whaleflow: base';
    const commit = await commitTree(world, place, { tree, parents: [head], message }, signal);
    return { commit, uncommitted: files.length };
  });
}

/** False when there is no index. */
export async function copyIndex(from: string, to: string): Promise<boolean> {
  const written = await stat(indexOf(from)).catch(() => undefined);
  if (written === undefined) return false;
  await copyFile(indexOf(from), indexOf(to));
  // Git compares contents of files that are as young as the index. A copy that looks younger than the
  // original would pass off such a file as unchanged.
  const seconds = Math.floor(written.mtimeMs / 1000);
  await utimes(indexOf(to), seconds, seconds);
  const parts = (await readdir(from)).filter((name) => name.startsWith('sharedindex.'));
  await Promise.all(parts.map((name) => copyFile(join(from, name), join(to, name))));
  return true;
}
