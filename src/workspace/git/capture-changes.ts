/** Turns what a leaf has done to its checkout into a commit. The caller holds the checkout's serial. */
import { WhaleFlowError } from '../../base/errors.ts';
import type { Capture, CaptureRequest, Preview } from '../workspace.ts';
import { type BytePath, toText } from './byte-path.ts';
import { checkChanges } from './check-changes.ts';
import { type CheckoutSlot, link, slotPlace } from './checkout-slot.ts';
import { commitTree, keepCommit, updateIndex, writeTree } from './commit-tree.ts';
import { listFiles, makePatch } from './compare-commits.ts';
import { findForbidden } from './find-forbidden.ts';
import { listChanges } from './list-changes.ts';
import { type GitWorld, writeGitFolder } from './private-git-folder.ts';
import { putBack } from './put-back.ts';
import { shortHash } from './short-hash.ts';

export interface CaptureContext {
  readonly run: string;
  readonly slot: CheckoutSlot;
  /** Where the tree stands. */
  readonly commit: string;
  /** What the leaf may have changed. */
  readonly isOwn: (path: string) => boolean;
  /** What other leaves, at work in the same tree now, may have changed. */
  readonly isOthers: (path: string) => boolean;
}

export async function captureChanges(
  world: GitWorld,
  context: CaptureContext,
  request: CaptureRequest,
  signal?: AbortSignal,
): Promise<Capture> {
  try {
    return await capture(world, context, request, signal);
  } catch (error) {
    await resetIndex(world, context);
    throw error;
  }
}

/** As a capture, but the tree stays where it stands, and nothing is put back. */
export async function previewChanges(
  world: GitWorld,
  context: CaptureContext,
  request: CaptureRequest,
  signal?: AbortSignal,
): Promise<Preview> {
  const { run, slot, commit, isOwn } = context;
  const place = slotPlace(world, slot);
  try {
    const { paths } = await listChanges(world.runGit, place, signal);
    const changed = paths.filter((path) => isOwn(toText(path)));
    await checkChanges(slot.root, { changed, forbidden: [] }, signal);
    const next = await commitPaths(world, { slot, commit, changed, message: request.name }, signal);
    const comparison = { place, from: commit, to: next };
    const patch =
      next === commit ? new Uint8Array() : await makePatch(world.runGit, comparison, signal);
    await keepCommit(world, { run, name: shortHash(request.name), commit: next }, signal);
    return { commit: next, patch };
  } finally {
    await resetIndex(world, context);
  }
}

/** An index ahead of the commit would hide changes from the next capture. No signal: it must end. */
async function resetIndex(world: GitWorld, { slot, commit }: CaptureContext): Promise<void> {
  await writeGitFolder(world, slot.gitFolder, commit);
  const args = ['read-tree', '--reset', commit];
  await world.runGit({ place: slotPlace(world, slot), args });
}

async function capture(
  world: GitWorld,
  { run, slot, commit, isOwn, isOthers }: CaptureContext,
  request: CaptureRequest,
  signal?: AbortSignal,
): Promise<Capture> {
  const { runGit } = world;
  const place = slotPlace(world, slot);
  const { paths, embedded, ignored } = await listChanges(runGit, place, signal);
  const forbidden = [...embedded, ...(await findForbidden(slot.root, ignored, signal))];
  const own = (path: BytePath) => isOwn(toText(path));
  const isStray = (path: BytePath) => !own(path) && !isOthers(toText(path));
  const changed = paths.filter(own);
  await checkChanges(slot.root, { changed, forbidden: forbidden.filter(own) }, signal);

  const next = await commitPaths(world, { slot, commit, changed, message: request.name }, signal);
  const comparison = { place, from: commit, to: next };
  const files = next === commit ? [] : await listFiles(runGit, comparison, signal);
  const patch = next === commit ? new Uint8Array() : await makePatch(runGit, comparison, signal);
  await keepCommit(world, { run, name: shortHash(request.name), commit: next }, signal);
  const strays = [...new Set([...paths, ...forbidden].filter(isStray))];
  if (strays.length > 0) await putBack(world, slot, strays, signal);
  await link(world, slot, next);
  return { commit: next, files, patch, outOfScope: strays.map(toText).sort() };
}

interface CommitPathsRequest {
  readonly slot: CheckoutSlot;
  readonly commit: string;
  readonly changed: readonly BytePath[];
  readonly message: string;
}

async function commitPaths(
  world: GitWorld,
  { slot, commit, changed, message }: CommitPathsRequest,
  signal?: AbortSignal,
): Promise<string> {
  if (changed.length === 0) return commit;
  const place = slotPlace(world, slot);
  await updateIndex(world, place, changed, signal);
  const tree = await writeTree(world, place, signal);
  const comparison = { place, from: commit, to: tree };
  const files = await listFiles(world.runGit, comparison, signal);
  checkTaken(changed.map(toText), new Set(files.map(({ path }) => path)));
  return commitTree(world, place, { tree, parents: [commit], message }, signal);
}

/** Git drops names that it holds for dangerous without a word, and adds what a swap of kinds entails. */
function checkTaken(asked: readonly string[], taken: ReadonlySet<string>): void {
  const dropped = asked.find((path) => !taken.has(path));
  if (dropped !== undefined) {
    throw new WhaleFlowError('WF6003', `git does not take this file: ${dropped}`, {
      hint: 'give it another name, or make it a plain file',
    });
  }
  const wanted = new Set(asked);
  const entailed = [...taken].find((path) => !wanted.has(path));
  if (entailed === undefined) return;
  throw new WhaleFlowError('WF6003', `the change removes ${entailed}, out of its scope`, {
    hint: 'a file and a folder have changed places; widen the scope or keep both where they were',
  });
}
