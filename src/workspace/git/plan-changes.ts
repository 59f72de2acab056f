/** What an apply would write: each path of the change, as it was, as it is, and as it shall be. */
import type { ApplyRequest } from '../user-tree.ts';
import type { ChangedFile } from '../workspace.ts';
import { type BytePath, toText } from './byte-path.ts';
import { commitTree, writeTree } from './commit-tree.ts';
import { type RawChange, readRawChanges } from './compare-commits.ts';
import { snapshotEntry } from './entry-snapshot.ts';
import type { GitPlace } from './hardened-environment.ts';
import { takeUsersFiles } from './left-out.ts';
import { mergeCommits } from './merge-commits.ts';
import type { GitWorld } from './private-git-folder.ts';

export interface PlannedFile {
  readonly path: BytePath;
  readonly change: ChangedFile['change'];
  /** Mode and object that shall stand there; undefined where nothing shall. */
  readonly wanted: { readonly mode: string; readonly object: string } | undefined;
}

export interface PlannedChanges {
  readonly files: readonly PlannedFile[];
  readonly done: readonly BytePath[];
  readonly conflicts: readonly BytePath[];
}

/** `place`: the user's files through a private git folder. */
export async function planChanges(
  world: GitWorld,
  { root, place }: { readonly root: string; readonly place: GitPlace },
  { change: { from, to }, how, run }: ApplyRequest,
): Promise<PlannedChanges> {
  const { runGit } = world;
  const changes = await readRawChanges(runGit, { place, from, to });
  const paths = changes.map(({ path }) => path);
  const blocked = paths.filter((path) => snapshotEntry(root, path) === 'blocked');
  if (blocked.length > 0) return { files: [], done: [], conflicts: blocked };

  const leftOut = await takeUsersFiles(world, { root, place, from, paths });
  // Nobody sees that a file is gone which is not to be there.
  const gone = changes.filter(({ path, change }) => change === 'D' && leftOut.has(path));
  if (gone.length > 0) return { files: [], done: [], conflicts: gone.map(({ path }) => path) };
  const now = await writeTree(world, place);
  const yours = byPath(await readRawChanges(runGit, { place, from, to: now }));
  const open = byPath(await readRawChanges(runGit, { place, from: now, to }));
  const done = paths.filter((path) => !open.has(path));
  const both = paths.filter((path) => yours.has(path) && open.has(path));
  if (both.length === 0) return { files: [...open.values()].map(toPlanned), done, conflicts: [] };
  if (how === 'exact') return { files: [], done, conflicts: both };

  const message = 'your files as they are';
  const into = await commitTree(world, place, { tree: now, parents: [], message });
  const sources = [{ name: run, commit: to }];
  const merged = await mergeCommits(world, {
    run,
    into,
    sources,
    base: from,
    name: `${run} apply`,
  });
  if (merged.status === 'conflict') {
    const clashing = new Set(merged.conflicts.map(({ path }) => path));
    return { files: [], done, conflicts: both.filter((path) => clashing.has(toText(path))) };
  }
  const wanted = await readRawChanges(runGit, { place, from: now, to: merged.commit });
  return { files: wanted.map(toPlanned), done, conflicts: [] };
}

function byPath(changes: readonly RawChange[]): ReadonlyMap<BytePath, RawChange> {
  return new Map(changes.map((change) => [change.path, change]));
}

function toPlanned({ path, change, mode, object }: RawChange): PlannedFile {
  return { path, change, wanted: change === 'D' ? undefined : { mode, object } };
}
