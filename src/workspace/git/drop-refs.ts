import { refFolderOf } from './commit-tree.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';

/** Removes all refs of a run, in one transaction of git; nothing else of the repository is touched. */
export async function dropRefs(world: GitWorld, run: string, signal?: AbortSignal): Promise<void> {
  const place = repositoryPlace(world);
  const list = ['for-each-ref', '--format=delete %(refname)', refFolderOf(run)];
  const { stdout } = await world.runGit({ place, args: list }, signal);
  if (stdout.length === 0) return;
  await world.runGit({ place, args: ['update-ref', '--stdin'], input: stdout }, signal);
}
