import { type BytePath, toRecords } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import { partBuried } from './part-buried.ts';
import type { GitWorld } from './private-git-folder.ts';
import { shortHash } from './short-hash.ts';

/** Takes paths as they are on disk into the index of `place`; missing ones leave it. */
export async function updateIndex(
  world: GitWorld,
  place: GitPlace,
  paths: readonly BytePath[],
  signal?: AbortSignal,
): Promise<void> {
  const { open, buried } = await partBuried(place.workTree ?? place.gitFolder, paths);
  const update = async (words: readonly string[], list: readonly BytePath[]): Promise<void> => {
    if (list.length === 0) return;
    const args = ['update-index', ...words, '-z', '--stdin'];
    await world.runGit({ place, args, input: toRecords(list) }, signal);
  };
  await update(['--force-remove'], buried);
  await update(['--add', '--remove', '--replace'], open);
}

/** The tree object of the index of `place`. */
export async function writeTree(
  { runGit }: GitWorld,
  place: GitPlace,
  signal?: AbortSignal,
): Promise<string> {
  return toName((await runGit({ place, args: ['write-tree'] }, signal)).stdout);
}

/** Makes a commit of a tree; nothing refers to it yet. */
export async function commitTree(
  { runGit }: GitWorld,
  place: GitPlace,
  { tree, parents, message }: { tree: string; parents: readonly string[]; message: string },
  signal?: AbortSignal,
): Promise<string> {
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent])];
  const input = Buffer.from(`${message}\n`);
  return toName((await runGit({ place, args, input }, signal)).stdout);
}

/** Keeps a commit under `refs/whaleflow/RUN/`. */
export async function keepCommit(
  world: GitWorld,
  { run, name, commit }: { run: string; name: string; commit: string },
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  await world.writeRef(`${refFolderOf(run)}${name}`, commit);
}

/** Object name of a commit-ish or tree-ish, undefined when there is none. */
export async function findObject(
  { runGit }: GitWorld,
  place: GitPlace,
  expression: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', expression];
  const answer = await runGit({ place, args, answers: [0, 1, 128] }, signal);
  return answer.exit === 0 ? toName(answer.stdout) : undefined;
}

/** Where the refs of a run lie, with a slash at the end. */
export const refFolderOf = (run: string): string => `refs/whaleflow/${toRefPart(run)}/`;

function toRefPart(run: string): string {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(run) ? run : shortHash(run);
}

function toName(stdout: Buffer): string {
  return stdout.toString('latin1').trim();
}
