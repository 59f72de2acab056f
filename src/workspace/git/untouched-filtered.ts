/**
 * Files that a filter of the user's (git LFS, say) has written. Their bytes are not what is stored, and no
 * filter runs here, so that only their times can say that nobody has changed them. Git itself looks at bytes
 * where a file is as young as the index, which is so after every clone.
 */
import { utimes } from 'node:fs/promises';
import { type BytePath, splitRecords, toRecords } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import { type GitWorld, indexOf, repositoryPlace } from './private-git-folder.ts';

/** Later than any file: no entry of the index is as young as the index. */
const LATER_SECONDS = 2 ** 32 - 1;

/** Of these changed paths, those that have a filter and are as the index saw them last. */
export async function findUntouchedFiltered(
  world: GitWorld,
  place: GitPlace & { readonly workTree: string },
  paths: readonly BytePath[],
  signal?: AbortSignal,
): Promise<ReadonlySet<BytePath>> {
  const filtered = await findFiltered(world, place, paths, signal);
  if (filtered.length === 0) return new Set();
  await utimes(indexOf(place.gitFolder), LATER_SECONDS, LATER_SECONDS);
  const args = ['diff-files', '--name-only', '-z', '--ignore-submodules=all'];
  const touched = new Set(splitRecords((await world.runGit({ place, args }, signal)).stdout));
  return new Set(filtered.filter((path) => !touched.has(path)));
}

/** Asked of the repository itself: our own git folder says that nothing has a filter. */
async function findFiltered(
  world: GitWorld,
  { workTree }: { readonly workTree: string },
  paths: readonly BytePath[],
  signal?: AbortSignal,
): Promise<readonly BytePath[]> {
  if (paths.length === 0) return [];
  const place = { ...repositoryPlace(world), workTree };
  const args = ['check-attr', '-z', '--stdin', 'filter'];
  const { stdout } = await world.runGit({ place, args, input: toRecords(paths) }, signal);
  const records = splitRecords(stdout);
  return paths.filter((_, index) => {
    const value = records[index * 3 + 2] ?? 'unspecified';
    return value !== 'unspecified' && value !== 'unset';
  });
}
