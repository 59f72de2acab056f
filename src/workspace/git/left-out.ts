/**
 * What a sparse checkout leaves out: paths that are not on disk because their owner wants it so. They are
 * unchanged, not deleted, and are as the owner's index has them.
 */
import { lstatSync } from 'node:fs';
import { type BytePath, splitRecords, toFile, toText } from './byte-path.ts';
import { updateIndex } from './commit-tree.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { GitWorld } from './private-git-folder.ts';
import { copyUserIndex } from './user-index.ts';

interface UsersFiles {
  readonly root: string;
  readonly place: GitPlace;
  /** A tree-ish that the index begins with. */
  readonly from: string;
  readonly paths: readonly BytePath[];
}

/** Makes the index of `place` that of `from`, with these paths as the user has them. Those that are left out. */
export async function takeUsersFiles(
  world: GitWorld,
  { root, place, from, paths }: UsersFiles,
): Promise<ReadonlySet<BytePath>> {
  const { runGit } = world;
  const missing = paths.filter(
    (path) => lstatSync(toFile(root, path), { throwIfNoEntry: false }) === undefined,
  );
  const leftOut = missing.length === 0 ? [] : await readLeftOut(world, place, missing);
  const known = new Set(leftOut.map(({ path }) => path));
  await runGit({ place, args: ['read-tree', from] });
  const present = paths.filter((path) => !known.has(path));
  if (present.length > 0) await updateIndex(world, place, present);
  if (leftOut.length > 0) {
    const input = Buffer.from(leftOut.map(({ line }) => `${line}\0`).join(''), 'latin1');
    await runGit({ place, args: ['update-index', '-z', '--replace', '--index-info'], input });
  }
  return known;
}

interface LeftOut {
  readonly path: BytePath;
  /** As `update-index --index-info` takes it. */
  readonly line: string;
}

/** Of more paths than that, the whole index is listed. */
const MAX_NAMED = 500;
/** How `ls-files -t` marks what is not to be on disk. */
const SKIPPED = 'S ';

async function readLeftOut(
  world: GitWorld,
  place: GitPlace,
  paths: readonly BytePath[],
): Promise<readonly LeftOut[]> {
  await copyUserIndex(world, place);
  const named = paths.map(toText).filter((path) => !path.startsWith('"'));
  const words = paths.length > MAX_NAMED || named.length < paths.length ? [] : ['--', ...named];
  const args = ['ls-files', '-t', '--stage', '-z', ...words];
  const { stdout } = await world.runGit({ place, args });
  const wanted = new Set(paths);
  return splitRecords(stdout).flatMap((record) => {
    const line = record.slice(SKIPPED.length);
    const path = line.slice(line.indexOf('\t') + 1);
    return record.startsWith(SKIPPED) && wanted.has(path) ? [{ path, line }] : [];
  });
}
