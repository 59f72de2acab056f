/** A branch with a change as one commit; no file, index or HEAD is touched. */
import { WhaleFlowError } from '../../base/errors.ts';
import type { BranchMade, BranchRequest } from '../user-tree.ts';
import type { CommitManner } from './commit-manner.ts';
import { commitTree, findObject } from './commit-tree.ts';
import { listFiles } from './compare-commits.ts';
import { mergeCommits } from './merge-commits.ts';
import {
  type GitWorld,
  objectPlace,
  repositoryPlace,
  withGitFolder,
} from './private-git-folder.ts';

const NOTHING = '0'.repeat(40);

export async function makeBranch(
  world: GitWorld,
  { change: { from, to }, run, onto, name, message, isCheck }: BranchRequest,
  { mergeName, manner }: { readonly mergeName: string; readonly manner: CommitManner | undefined },
): Promise<BranchMade> {
  const ref = `refs/heads/${name}`;
  const here = repositoryPlace(world);
  const args = ['check-ref-format', '--branch', name];
  const checked = await world.runGit({ place: here, args, answers: [0, 1, 128] });
  if (checked.exit !== 0) throw new WhaleFlowError('WF6003', `${name} is no name for a branch`);
  if ((await findObject(world, here, ref)) !== undefined) {
    throw new WhaleFlowError('WF6003', `there is a branch ${name} already`, {
      hint: 'give another name',
    });
  }
  const sources = [{ name: run, commit: to }];
  const request = { run, into: onto, sources, base: from, name: `branch ${mergeName}` };
  const merged = await mergeCommits(world, request);
  if (merged.status === 'conflict') return { conflicts: merged.conflicts.map(({ path }) => path) };
  return withGitFolder(world, async (gitFolder) => {
    const place = objectPlace(world, gitFolder);
    const tree = (await findObject(world, place, `${merged.commit}^{tree}`)) ?? '';
    const named = manner === undefined ? place : { ...place, person: manner.person };
    const commit = await commitTree(world, named, { tree, parents: [onto], message });
    const args = ['update-ref', ref, commit, NOTHING];
    if (!isCheck) await world.runGit({ place: here, args });
    return { commit, files: await listFiles(world.runGit, { place, from: onto, to: commit }) };
  });
}
