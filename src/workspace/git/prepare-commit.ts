/**
 * The commit of an apply, made before anything of the user's moves: onto HEAD, of the applied paths alone.
 * Refused where one of them isn't as in HEAD, since the user's own work would get into the commit.
 */
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import type { PlannedCommit } from '../user-tree.ts';
import type { CommitEntry, CommitStep } from './apply-journal.ts';
import { type BytePath, toText } from './byte-path.ts';
import { readCommitManner } from './commit-manner.ts';
import { commitTree, writeTree } from './commit-tree.ts';
import { type RawChange, readRawChanges, readStagedChanges } from './compare-commits.ts';
import type { EnvironmentVariables, GitPlace } from './hardened-environment.ts';
import { takeUsersFiles } from './left-out.ts';
import type { PlannedChanges } from './plan-changes.ts';
import type { GitWorld } from './private-git-folder.ts';
import { readHead, refuseWhileUnderWay, toBranch } from './user-head.ts';
import { copyUserIndex, digestIndex, setEntries } from './user-index.ts';

export interface PreparedCommit {
  readonly step: CommitStep;
  readonly person: EnvironmentVariables;
  readonly planned: PlannedCommit;
}

interface PrepareRequest {
  readonly place: GitPlace;
  readonly plan: PlannedChanges;
  readonly message: string;
  /** Where `GIT_AUTHOR_NAME` and the like come from. */
  readonly variables: EnvironmentVariables;
}

/**
 * Undefined when there is nothing to commit.
 * @throws {WhaleFlowError} WF6010.
 */
export async function prepareCommit(
  world: GitWorld,
  { place, plan, message, variables }: PrepareRequest,
): Promise<PreparedCommit | undefined> {
  refuseWhileUnderWay(world);
  const { ref, commit: parent } = await readHead(world);
  if (parent === undefined) throw unborn();
  const manner = await readCommitManner(world, variables);
  const { person, wantsSignature } = manner;
  const paths = [...plan.files.map(({ path }) => path), ...plan.done];
  const own = [
    ...(await findStaged(world, { place, parent, paths })),
    ...(await findUnstaged(world, { place, parent, paths })),
  ];
  if (own.length > 0) throw mixed(own);
  if (plan.files.length === 0) return undefined;

  const wanted: CommitEntry[] = plan.files.map(({ path, wanted: after }) => ({
    path,
    before: null,
    after: after ?? null,
  }));
  await world.runGit({ place, args: ['read-tree', parent] });
  const tree = await treeWith(world, place, { entries: wanted, parent });
  const entries = (await readRawChanges(world.runGit, { place, from: parent, to: tree })).map(
    toEntry,
  );
  const known = new Set(paths);
  const beside = entries.map(({ path }) => path).filter((path) => !known.has(path));
  if (beside.length > 0) throw mixed(beside);
  const made = await commitTree(world, { ...place, person }, { tree, parents: [parent], message });

  await copyUserIndex(world, place);
  const before = await digestIndex(world, place);
  await setEntries(world, place, { entries, side: 'after' });
  const after = await digestIndex(world, place);
  const { gitFolder } = world.repository;
  const branch = toBranch(ref);
  return {
    step: { gitFolder, ref, parent, made, entries, listing: { before, after } },
    person,
    planned: { lacksSignature: wantsSignature, ...(branch === undefined ? {} : { branch }) },
  };
}

async function treeWith(
  world: GitWorld,
  place: GitPlace,
  { entries, parent }: { readonly entries: readonly CommitEntry[]; readonly parent: string },
): Promise<string> {
  // The length of a name of nothing is taken from an entry; one that goes away has none of its own here.
  const nothing = { mode: '0', object: '0'.repeat(parent.length) };
  const whole = entries.map((entry) => ({ ...entry, before: nothing }));
  await setEntries(world, place, { entries: whole, side: 'after' });
  return writeTree(world, place);
}

interface PathsOfHead {
  readonly place: GitPlace;
  readonly parent: string;
  readonly paths: readonly BytePath[];
}

/** Paths that are staged and are, hold or lie below one of ours. */
async function findStaged(
  world: GitWorld,
  { place, parent, paths }: PathsOfHead,
): Promise<readonly BytePath[]> {
  await copyUserIndex(world, place);
  const staged = await readStagedChanges(world.runGit, { place, from: parent });
  const isNear = (path: BytePath): boolean =>
    paths.some((own) => own === path || own.startsWith(`${path}/`) || path.startsWith(`${own}/`));
  return staged.map(({ path }) => path).filter(isNear);
}

/** Paths of ours that are not on disk what they are in HEAD. */
async function findUnstaged(
  world: GitWorld,
  { place, parent, paths }: PathsOfHead,
): Promise<readonly BytePath[]> {
  const root = place.workTree ?? '';
  await takeUsersFiles(world, { root, place, from: parent, paths });
  const now = await writeTree(world, place);
  const changes = await readRawChanges(world.runGit, { place, from: parent, to: now });
  return changes.map(({ path }) => path);
}

const NOTHING = '000000';

function toEntry({ path, mode, object, oldMode, oldObject }: RawChange): CommitEntry {
  return {
    path,
    before: oldMode === NOTHING ? null : { mode: oldMode, object: oldObject },
    after: mode === NOTHING ? null : { mode, object },
  };
}

function unborn(): WhaleFlowError {
  return new WhaleFlowError('WF6010', 'HEAD has no commit yet that this one could follow', {
    notes: ['nothing was written'],
    hint: 'commit once: git commit --allow-empty -m "first commit"',
  });
}

const MAX_NOTES = 20;

function mixed(paths: readonly BytePath[]): WhaleFlowError {
  const files = [...new Set(paths)];
  const count = files.length === 1 ? '1 path has' : `${files.length} paths have`;
  return new WhaleFlowError('WF6010', `${count} uncommitted work of yours`, {
    notes: [
      ...files.slice(0, MAX_NOTES).map((path) => printable(toText(path))),
      'a commit would mix it into the run’s; nothing was written',
    ],
    hint: 'commit your work first, or apply without --commit, or keep it aside: --to-branch NAME',
  });
}
