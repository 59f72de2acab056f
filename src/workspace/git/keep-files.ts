/**
 * Keeps where a leaf has come to, without moving its tree: an index beside that of the checkout remembers
 * what was kept last, so that each time costs only what has changed since. The caller holds the checkout's
 * serial.
 */
import { copyFile, rm, rmdir, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeepRequest, Kept, KeptFiles, RestoreRequest } from '../workspace.ts';
import {
  type BytePath,
  foldersAbove,
  splitRecords,
  toFile,
  toRecords,
  toText,
} from './byte-path.ts';
import type { CaptureContext } from './capture-changes.ts';
import { checkChanges } from './check-changes.ts';
import { type CheckoutSlot, slotPlace } from './checkout-slot.ts';
import { commitTree, keepCommit, updateIndex, writeTree } from './commit-tree.ts';
import { readRawChanges } from './compare-commits.ts';
import type { GitPlace } from './hardened-environment.ts';
import { type GitWorld, indexOf } from './private-git-folder.ts';
import { shortHash } from './short-hash.ts';

/** What one holder of a tree has kept. */
export interface Keeper extends KeptFiles {
  /** File name of its index, in the private git folder of the checkout. */
  readonly index: string;
  readonly tree: string | undefined;
}

export interface KeepResult {
  readonly kept: Kept;
  readonly keeper: Keeper;
}

export async function keepFiles(
  world: GitWorld,
  context: CaptureContext & { readonly keeper: Keeper | undefined; readonly index: string },
  request: KeepRequest,
  signal?: AbortSignal,
): Promise<KeepResult> {
  const { run, slot, isOwn, isOthers } = context;
  const last = context.keeper ?? (await newKeeper(context));
  const place = keeperPlace(world, slot, last.index);
  const changed =
    request.paths === undefined
      ? await listChanged(world, place, signal)
      : { paths: request.paths.map(toBytes), embedded: [] };
  const own = (path: BytePath): boolean => isOwn(toText(path));
  const paths = changed.paths.filter(own);
  await checkChanges(
    slot.root,
    { changed: paths, forbidden: changed.embedded.filter(own) },
    signal,
  );
  const outOfScope = [...changed.paths, ...changed.embedded]
    .map(toText)
    .filter((path) => !isOwn(path) && !isOthers(path))
    .sort();
  if (paths.length === 0) return toResult(last, outOfScope);
  await updateIndex(world, place, paths, signal);
  const tree = await writeTree(world, place, signal);
  if (tree === last.tree) return toResult(last, outOfScope);
  const parts = { tree, parents: [last.commit], message: request.name };
  const commit = await commitTree(world, place, parts, signal);
  await keepCommit(world, { run, name: shortHash(request.name), commit }, signal);
  return toResult({ ...last, commit, tree }, outOfScope);
}

function toResult(keeper: Keeper, outOfScope: readonly string[]): KeepResult {
  const { base, commit } = keeper;
  return { kept: { base, commit, outOfScope }, keeper };
}

/** Writes own files as another commit has them. */
export async function restoreFiles(
  world: GitWorld,
  { slot, isOwn, index }: Pick<CaptureContext, 'slot' | 'isOwn'> & { readonly index: string },
  { from, to }: RestoreRequest,
  signal?: AbortSignal,
): Promise<void> {
  const place = keeperPlace(world, slot, index);
  const changes = await readRawChanges(world.runGit, { place, from, to }, signal);
  const own = changes.filter(({ path }) => isOwn(toText(path)));
  if (own.length === 0) return;
  await world.runGit({ place, args: ['read-tree', to] }, signal);
  const { root } = slot;
  for (const { path } of own) await rm(toFile(root, path), { recursive: true, force: true });
  for (const folder of new Set(own.flatMap(({ path }) => foldersAbove(path)))) {
    // Fails while something is left in it, which is right.
    await rmdir(toFile(root, folder)).catch(() => {});
  }
  const input = toRecords(own.filter(({ change }) => change !== 'D').map(({ path }) => path));
  const args = ['checkout-index', '--force', '-z', '--stdin'];
  await world.runGit({ place, args, input }, signal);
}

/** Gives up what was remembered; the commits stay. */
export async function dropKeeper({ gitFolder }: CheckoutSlot, index: string): Promise<void> {
  const file = join(gitFolder, index);
  await Promise.all([rm(file, { force: true }), rm(`${file}.lock`, { force: true })]);
}

async function newKeeper({
  slot,
  commit,
  index,
}: Pick<CaptureContext, 'slot' | 'commit'> & { readonly index: string }): Promise<Keeper> {
  await dropKeeper(slot, index);
  const from = indexOf(slot.gitFolder);
  const to = join(slot.gitFolder, index);
  const { mtimeMs } = await stat(from);
  await copyFile(from, to);
  // Git compares contents of files that are as young as the index: a copy must not look younger.
  const seconds = Math.floor(mtimeMs / 1000);
  await utimes(to, seconds, seconds);
  return { index, base: commit, commit, tree: undefined };
}

function keeperPlace(world: GitWorld, slot: CheckoutSlot, index: string): GitPlace {
  return { ...slotPlace(world, slot), indexFile: join(slot.gitFolder, index) };
}

interface Changed {
  readonly paths: readonly BytePath[];
  /** Repositories of their own. */
  readonly embedded: readonly BytePath[];
}

/** What differs from the index, without a look at HEAD. */
async function listChanged(
  { runGit }: GitWorld,
  place: GitPlace,
  signal?: AbortSignal,
): Promise<Changed> {
  const args = ['ls-files', '-z', '--modified', '--deleted', '--others', '--exclude-standard'];
  const { stdout } = await runGit({ place, args }, signal);
  // A file before what lies in the folder that took its place: the other way round git refuses it.
  const all = [...new Set(splitRecords(stdout))].sort();
  return {
    paths: all.filter((path) => !path.endsWith('/')),
    embedded: all.filter((path) => path.endsWith('/')).map((path) => path.slice(0, -1)),
  };
}

const toBytes = (path: string): BytePath => Buffer.from(path).toString('latin1');
