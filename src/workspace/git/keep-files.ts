/**
 * Keeps where a leaf has come to, without moving its tree: an index beside that of the checkout remembers
 * what was kept last, so that each time costs only what has changed since. The caller holds the checkout's
 * serial.
 */
import { copyFile, lstat, rm, rmdir, stat, utimes } from 'node:fs/promises';
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
import { editFolders, entryAt, type FileEdit, type Folders } from './edit-folders.ts';
import { type GitObject, objectName, ownCommit, toPack } from './git-object.ts';
import type { GitPlace } from './hardened-environment.ts';
import { above, arePlainNames, isPlainSetting, readPlainFiles } from './plain-files.ts';
import { type GitWorld, indexOf } from './private-git-folder.ts';
import { readFolders } from './read-folders.ts';
import { shortHash } from './short-hash.ts';

/** What one holder of a tree has kept. */
export interface Keeper extends KeptFiles {
  /** File name of its index, in the private git folder of the checkout. */
  readonly index: string;
  /** Name of the tree of `commit`, where it was needed. */
  readonly tree: string | undefined;
  /** Folders of it that were looked at. */
  readonly folders: Folders;
  /** Paths that it has in another state than the index. */
  readonly ahead: ReadonlySet<BytePath>;
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
  const listed = changed.paths.filter(own);
  const ahead = [...last.ahead].filter((path) => !listed.includes(path));
  const paths = request.paths === undefined ? [...listed, ...ahead] : listed;
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
  const work = { slot, place, last, paths, message: request.name };
  const [sure, told] = request.paths === undefined ? [listed, ahead] : [[], [...listed, ...ahead]];
  const all = async () => [...sure, ...(await notFolders(slot.root, told))];
  const next =
    (await keepPlain(world, work, signal)) ??
    (await keepByIndex(world, { ...work, paths: await all() }, signal));
  if (next.commit !== last.commit) {
    const { commit } = next;
    await keepCommit(world, { run, name: shortHash(request.name), commit }, signal);
  }
  return toResult(next, outOfScope);
}

interface KeepWork {
  readonly slot: CheckoutSlot;
  readonly place: GitPlace;
  readonly last: Keeper;
  readonly paths: readonly BytePath[];
  readonly message: string;
}

/** By the few files alone, where their bytes are what git would store; undefined where it has to look. */
async function keepPlain(
  world: GitWorld,
  { slot, place, last, paths, message }: KeepWork,
  signal?: AbortSignal,
): Promise<Keeper | undefined> {
  const { runGit, settings } = world;
  const { objectFormat } = settings;
  if (!isPlainSetting(settings) || !arePlainNames(paths)) return undefined;
  const { commit } = last;
  const unseen = above(paths).filter((folder) => !last.folders.has(folder));
  const read =
    unseen.length === 0 ? [] : await readFolders(runGit, { place, commit, paths: unseen }, signal);
  const folders = new Map([...last.folders, ...read]);
  const files = await readPlainFiles(slot, paths, settings, folders);
  if (files === undefined) return undefined;
  const blobs: GitObject[] = [];
  const edits = files.flatMap(({ path, mode, data }): readonly FileEdit[] => {
    const now = entryAt(folders, path);
    if (data === undefined) return now === undefined ? [] : [{ path }];
    const blob: GitObject = { type: 'blob', data };
    const object = objectName(blob, objectFormat);
    if (now?.object !== object) blobs.push(blob);
    return now?.object === object && now.mode === mode ? [] : [{ path, entry: { mode, object } }];
  });
  const edited = editFolders(folders, edits, objectFormat);
  if (edited === undefined) return undefined;
  const ahead = new Set([...last.ahead, ...paths]);
  const next = { ...last, folders: edited.folders, tree: edited.root, ahead };
  if (edits.length === 0) return next;
  const made = ownCommit({ tree: edited.root, parent: commit, message });
  const input = toPack([...blobs, ...edited.trees, made], objectFormat);
  await runGit({ place, args: ['unpack-objects', '-q'], input }, signal);
  return { ...next, commit: objectName(made, objectFormat) };
}

/** By git, which sees what no other can. */
async function keepByIndex(
  world: GitWorld,
  { place, last, paths, message }: KeepWork,
  signal?: AbortSignal,
): Promise<Keeper> {
  await updateIndex(world, place, [...paths].sort(), signal);
  const tree = await writeTree(world, place, signal);
  const next: Keeper = { ...last, tree, folders: new Map(), ahead: new Set() };
  if (tree === last.tree) return next;
  const parts = { tree, parents: [last.commit], message };
  return { ...next, commit: await commitTree(world, place, parts, signal) };
}

/** What git itself has not listed, and is a folder now, is nothing to it: its files are paths of their own. */
async function notFolders(root: string, paths: readonly BytePath[]): Promise<readonly BytePath[]> {
  const entries = await Promise.all(
    paths.map((path) => lstat(toFile(root, path)).catch(() => undefined)),
  );
  return paths.filter((_, index) => entries[index]?.isDirectory() !== true);
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
  return { index, base: commit, commit, tree: undefined, folders: new Map(), ahead: new Set() };
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
