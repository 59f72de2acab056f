/** The user's index: worked on as a copy, put in place whole, and changed at the named paths only. */
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import type { CommitEntry } from './apply-journal.ts';
import { oldIndex } from './apply-journal.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { IndexLock } from './index-lock.ts';
import { type GitWorld, indexOf } from './private-git-folder.ts';
import { copyIndex } from './take-base.ts';

export type Side = 'before' | 'after';

/** Makes the index of `place` a copy of the user's. */
export async function copyUserIndex({ repository }: GitWorld, place: GitPlace): Promise<void> {
  rmSync(indexOf(place.gitFolder), { force: true });
  await copyIndex(repository.gitFolder, place.gitFolder);
}

/** Sets entries in the index of `place`; all others stay. */
export async function setEntries(
  { runGit }: GitWorld,
  place: GitPlace,
  { entries, side }: { readonly entries: readonly CommitEntry[]; readonly side: Side },
): Promise<void> {
  const lines = entries.map(({ path, before, after }) => {
    const entry = side === 'before' ? before : after;
    const length = (before ?? after)?.object.length ?? 0;
    return entry === null
      ? `0 ${'0'.repeat(length)}\t${path}\0`
      : `${entry.mode} ${entry.object}\t${path}\0`;
  });
  const args = ['update-index', '-z', '--replace', '--index-info'];
  await runGit({ place, args, input: Buffer.from(lines.join(''), 'latin1') });
}

/** Digest of all that the index of `place` says of contents, without the times of files. */
export async function digestIndex({ runGit }: GitWorld, place: GitPlace): Promise<string> {
  const { stdout } = await runGit({ place, args: ['ls-files', '--stage', '-v', '-z'] });
  return createHash('sha256').update(stdout).digest('hex');
}

/** The user's index with these entries, in place of the user's. */
export async function replaceEntries(
  world: GitWorld,
  place: GitPlace,
  { lock, ...set }: Parameters<typeof setEntries>[2] & { readonly lock: IndexLock },
): Promise<void> {
  await copyUserIndex(world, place);
  await setEntries(world, place, set);
  // Times of the new files, so that scripts which don't refresh an index see no change.
  const args = ['update-index', '-q', '--refresh'];
  await world.runGit({ place, args, answers: [0, 1] });
  lock.replace(readFileSync(indexOf(place.gitFolder)));
}

/** Keeps the bytes of the user's index in the folder of an apply. */
export function keepIndex({ repository: { gitFolder } }: GitWorld, folder: string): void {
  // Git throws parts of a split index away by and by: its entries are set one by one then.
  if (readdirSync(gitFolder).some((name) => name.startsWith('sharedindex.'))) return;
  if (existsSync(indexOf(gitFolder))) copyFileSync(indexOf(gitFolder), oldIndex(folder));
}
