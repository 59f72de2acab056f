/**
 * The commit of an apply as a step that can be done, undone, and found half done: HEAD moves first, the
 * index follows. Which of the two a crash came between can be seen from HEAD alone.
 */
import { existsSync, readFileSync } from 'node:fs';
import { WhaleFlowError } from '../../base/errors.ts';
import { type CommitStep, type Journal, oldIndex, writeJournal } from './apply-journal.ts';
import type { BytePath } from './byte-path.ts';
import { readStagedChanges } from './compare-commits.ts';
import type { EnvironmentVariables, GitPlace } from './hardened-environment.ts';
import type { IndexLock } from './index-lock.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';
import { moveHead, readHead, refuseWhileUnderWay, toBranch } from './user-head.ts';
import { copyUserIndex, digestIndex, replaceEntries } from './user-index.ts';
import { changedSince, undoChanges } from './write-changes.ts';

/** Where a step is done: the user's files through a private git folder, and the lock of their index. */
export interface StepPlace {
  readonly place: GitPlace;
  readonly lock: IndexLock;
}

/** Moves HEAD and sets the index; if that fails, HEAD is where it was. @throws {WhaleFlowError} WF6010. */
export async function doCommitStep(
  world: GitWorld,
  { place, lock }: StepPlace,
  { step, person, why }: { step: CommitStep; person: EnvironmentVariables; why: string },
): Promise<void> {
  const { ref, parent, made, entries } = step;
  await moveHead(world, { ref, from: parent, to: made, why, person });
  try {
    await replaceEntries(world, place, { lock, entries, side: 'after' });
  } catch (thrown) {
    await moveHead(world, { ref, from: made, to: parent, why: 'whaleflow: taken back', person });
    throw thrown;
  }
}

export interface UndoStepRequest extends StepPlace {
  readonly root: string;
  readonly folder: string;
  readonly journal: Journal;
  readonly step: CommitStep;
}

/**
 * Takes HEAD, index and files back, in whatever state a crash has left them; the paths in conflict, and
 * nothing done, where the user has changed some since.
 * @throws {WhaleFlowError} WF6007 where HEAD stands elsewhere; WF6010 while a merge is in progress.
 */
export async function undoCommitStep(
  world: GitWorld,
  { place, lock, root, folder, journal, step }: UndoStepRequest,
): Promise<readonly BytePath[]> {
  refuseWhileUnderWay(world);
  const { ref, parent, made, entries, listing } = step;
  const head = await readHead(world);
  const isHere = head.ref === ref && (head.commit === made || head.commit === parent);
  if (!isHere) throw await elsewhere(world, step, journal.id);
  const conflicts = new Set(changedSince({ root, journal }));
  for (const path of await stagedSince(world, place, step)) conflicts.add(path);
  if (conflicts.size > 0) return [...conflicts];

  writeJournal(folder, { ...journal, state: 'writing' });
  const why = `whaleflow: undo ${journal.id}`;
  if (head.commit === made) await moveHead(world, { ref, from: made, to: parent, why });
  await copyUserIndex(world, place);
  const now = await digestIndex(world, place);
  const kept = oldIndex(folder);
  if (now === listing.after && existsSync(kept)) lock.replace(readFileSync(kept));
  else if (now !== listing.before)
    await replaceEntries(world, place, { lock, entries, side: 'before' });
  undoChanges({ root, folder, journal });
  return [];
}

/** Paths that are in the index neither as before nor as committed. */
async function stagedSince(
  world: GitWorld,
  place: GitPlace,
  { parent, made, entries }: CommitStep,
): Promise<readonly BytePath[]> {
  await copyUserIndex(world, place);
  const differing = async (from: string): Promise<ReadonlySet<BytePath>> =>
    new Set((await readStagedChanges(world.runGit, { place, from })).map(({ path }) => path));
  const [fromParent, fromMade] = [await differing(parent), await differing(made)];
  return entries
    .map(({ path }) => path)
    .filter((path) => fromParent.has(path) && fromMade.has(path));
}

/** Finishes what a kill has left, where HEAD has moved already; takes it back where it has not. */
export async function settleCommitStep(world: GitWorld, request: UndoStepRequest): Promise<void> {
  const { place, lock, folder, journal, step, root } = request;
  const head = await readHead(world);
  if (head.ref !== step.ref) return;
  if (head.commit === step.made && changedSince({ root, journal }).length === 0) {
    if ((await stagedSince(world, place, step)).length > 0) return;
    await replaceEntries(world, place, { lock, entries: step.entries, side: 'after' });
    writeJournal(folder, { ...journal, state: 'applied' });
  } else if (head.commit === step.parent) await undoCommitStep(world, request);
}

async function elsewhere(
  world: GitWorld,
  { ref, made }: CommitStep,
  id: string,
): Promise<WhaleFlowError> {
  const short = made.slice(0, 12);
  const place = repositoryPlace(world);
  const tip = await world.runGit({
    place,
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', ref],
    answers: [0, 1, 128],
  });
  const branch = toBranch(ref);
  const isTip = branch !== undefined && tip.stdout.toString('latin1').trim() === made;
  const head = await readHead(world);
  const isOther = isTip && head.ref !== ref;
  return new WhaleFlowError(
    'WF6007',
    `its commit ${short} is not HEAD ${isOther ? 'here' : 'any more'}`,
    {
      notes: ['nothing was put back'],
      hint: isOther
        ? `git switch ${branch}, then: whaleflow undo ${id}`
        : `a commit that takes it back: git revert ${short}`,
    },
  );
}
