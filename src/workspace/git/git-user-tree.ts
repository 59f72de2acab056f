/** The user's folder of a repository. See `../user-tree.ts`. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import { randomId } from '../../system/chance.ts';
import type { Clock } from '../../system/clock.ts';
import type { Applied, ApplyPlan, ApplyRequest, Undone, UserTree } from '../user-tree.ts';
import {
  type Journal,
  type JournalFile,
  readJournal,
  readJournals,
  toRecord,
} from './apply-journal.ts';
import { type BytePath, toFile, toText } from './byte-path.ts';
import { readCommitManner } from './commit-manner.ts';
import { doCommitStep, settleCommitStep, undoCommitStep } from './commit-step.ts';
import { type EntrySnapshot, snapshotEntry } from './entry-snapshot.ts';
import { findGitWorld, type GitWorkspaceOptions } from './git-workspace.ts';
import type { EnvironmentVariables, GitPlace } from './hardened-environment.ts';
import { hasOwnLock, type IndexLock, withIndexLock } from './index-lock.ts';
import { makeBranch } from './make-branch.ts';
import { type PlannedChanges, type PlannedFile, planChanges } from './plan-changes.ts';
import { type PreparedCommit, prepareCommit } from './prepare-commit.ts';
import { filePlace, type GitWorld, withGitFolder } from './private-git-folder.ts';
import { keepIndex } from './user-index.ts';
import { changedSince, undoChanges, writeChanges } from './write-changes.ts';

export interface GitUserTreeOptions extends GitWorkspaceOptions {
  /** Where applies are written down, a folder each. */
  readonly journalFolder: string;
  readonly clock: Clock;
}

const ID_LENGTH = 6;

export function gitUserTree(options: GitUserTreeOptions): UserTree {
  const { journalFolder, chance } = options;
  return {
    plan: (request) => withPlan(options, request, async (planned) => toApplyPlan(planned)),
    async apply(request) {
      if (request.commit === undefined && !(await hasLeftovers(options))) {
        return withPlan(options, request, (planned) => apply(options, request, planned));
      }
      return withUserIndex(options, async (at) => {
        await settle(options, at);
        const planned = await planIn(options, request, at);
        return apply(options, request, { ...planned, lock: at.lock });
      });
    },
    async settle() {
      if (await hasLeftovers(options)) await withUserIndex(options, (at) => settle(options, at));
    },
    records: () => readJournals(journalFolder).map(toRecord),
    undo: (id) => undo(options, id),
    branch: async (request) => {
      const world = await findGitWorld(options);
      const manner = request.isUsers
        ? await readCommitManner(world, variablesOf(options))
        : undefined;
      return makeBranch(world, request, { mergeName: randomId(chance, 8), manner });
    },
  };
}

async function undo(options: GitUserTreeOptions, id: string): Promise<Undone> {
  const { journalFolder, repositoryRoot: root } = options;
  const folder = join(journalFolder, id);
  const journal = /^[a-z0-9]+$/.test(id) ? readJournal(folder) : undefined;
  if (journal === undefined) throw new WhaleFlowError('WF2006', `nothing was applied as ${id}`);
  const files = journal.files.map(({ path }) => toText(path));
  const request = { root, folder, journal };
  const { commit: step, state } = journal;
  if (state === 'undone') return { id, files, conflicts: [] };
  if (step !== undefined) {
    const conflicts = await withUserIndex(options, async (at) => {
      refuseElsewhere(at.world, step.gitFolder);
      return undoCommitStep(at.world, { ...request, ...at, step });
    });
    return { id, files, conflicts: conflicts.map(toText) };
  }
  const conflicts = changedSince(request);
  if (conflicts.length === 0) undoChanges(request);
  return { id, files, conflicts: conflicts.map(toText) };
}

interface Place {
  readonly world: GitWorld;
  /** The user's files through a private git folder. */
  readonly place: GitPlace;
}

interface Planned extends Place {
  readonly plan: PlannedChanges;
  readonly prepared: PreparedCommit | undefined;
  /** There when a commit is asked for, and not only planned. */
  readonly lock?: IndexLock;
}

async function withPlan<T>(
  options: GitUserTreeOptions,
  request: ApplyRequest,
  use: (planned: Planned) => Promise<T>,
): Promise<T> {
  const world = await findGitWorld(options);
  return withGitFolder(world, async (gitFolder) => {
    const place = filePlace(world, gitFolder, options.repositoryRoot);
    return use(await planIn(options, request, { world, place }));
  });
}

/** While it works, no git of the user's changes index or HEAD of this checkout. */
async function withUserIndex<T>(
  options: GitUserTreeOptions,
  use: (at: Place & { readonly lock: IndexLock }) => Promise<T>,
): Promise<T> {
  const world = await findGitWorld(options);
  const request = { gitFolder: world.repository.gitFolder, name: world.newName() };
  return withIndexLock(request, (lock) =>
    withGitFolder(world, async (gitFolder) => {
      const place = filePlace(world, gitFolder, options.repositoryRoot);
      return use({ world, place, lock });
    }),
  );
}

async function planIn(
  options: GitUserTreeOptions,
  request: ApplyRequest,
  { world, place }: Place,
): Promise<Planned> {
  const plan = await planChanges(world, { root: options.repositoryRoot, place }, request);
  const { commit } = request;
  const isWanted = commit !== undefined && plan.conflicts.length === 0;
  const variables = variablesOf(options);
  const prepared = isWanted
    ? await prepareCommit(world, { place, plan, message: commit.message, variables })
    : undefined;
  return { world, place, plan, prepared };
}

const variablesOf = ({ variables }: GitUserTreeOptions): EnvironmentVariables =>
  variables ?? process.env;

/** Says whether an apply with a commit is at work here, or was killed at it. */
async function hasLeftovers(options: GitUserTreeOptions): Promise<boolean> {
  if (findUnsettled(options).length > 0) return true;
  return hasOwnLock((await findGitWorld(options)).repository.gitFolder);
}

/** Applies with a commit in which a process was killed. */
function findUnsettled({ journalFolder }: GitUserTreeOptions): readonly Journal[] {
  return readJournals(journalFolder).filter(
    ({ state, commit }) => state === 'writing' && commit !== undefined,
  );
}

async function settle(
  options: GitUserTreeOptions,
  at: Place & { readonly lock: IndexLock },
): Promise<void> {
  const { journalFolder, repositoryRoot: root } = options;
  for (const journal of findUnsettled(options)) {
    const { commit: step, id } = journal;
    if (step?.gitFolder !== at.world.repository.gitFolder) continue;
    await settleCommitStep(at.world, {
      ...at,
      root,
      folder: join(journalFolder, id),
      journal,
      step,
    });
  }
}

function refuseElsewhere({ repository }: GitWorld, gitFolder: string): void {
  if (repository.gitFolder === gitFolder) return;
  throw new WhaleFlowError('WF6007', 'it was committed in another checkout of this repository', {
    notes: [`its git folder: ${gitFolder}`, 'nothing was put back'],
    hint: 'go there, then the same again',
  });
}

function toApplyPlan({ plan: { files, done, conflicts }, prepared }: Planned): ApplyPlan {
  return {
    files: files.map(({ path, change }) => ({ path: toText(path), change })),
    done: done.map(toText),
    conflicts: conflicts.map(toText),
    ...(prepared === undefined ? {} : { commit: prepared.planned }),
  };
}

async function apply(
  options: GitUserTreeOptions,
  { run, commit }: ApplyRequest,
  planned: Planned,
): Promise<Applied> {
  const { world, place, plan, prepared, lock } = planned;
  const { clock, chance, journalFolder, repositoryRoot: root } = options;
  if (plan.conflicts.length > 0 || plan.files.length === 0) return toApplyPlan(planned);
  const id = randomId(chance, ID_LENGTH);
  const folder = join(journalFolder, id);
  const fresh = join(folder, 'new');
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    await checkOut(world, place, { files: plan.files, fresh });
    if (prepared !== undefined) keepIndex(world, folder);
    const journal: Journal = {
      version: 1,
      id,
      run,
      at: clock.now(),
      state: 'writing',
      files: plan.files.map((file) => toJournalFile(root, fresh, file)),
      madeFolders: [],
      removedFolders: [],
      ...(prepared === undefined ? {} : { commit: prepared.step }),
    };
    const request = { root, folder, journal, newFile: (path: BytePath) => toFile(fresh, path) };
    await writeChanges(request, async () => {
      if (prepared === undefined || lock === undefined) return;
      const why = `commit (whaleflow): ${commit?.message.split('\n')[0] ?? ''}`;
      await doCommitStep(world, { place, lock }, { ...prepared, why });
    });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  const made = prepared === undefined ? {} : { made: prepared.step.made };
  return { ...toApplyPlan(planned), id, ...made };
}

/** The new contents as files, as a checkout would write them. */
async function checkOut(
  { runGit }: GitWorld,
  place: GitPlace,
  { files, fresh }: { readonly files: readonly PlannedFile[]; readonly fresh: string },
): Promise<void> {
  const written = files.flatMap(({ path, wanted }) =>
    wanted === undefined ? [] : [{ path, wanted }],
  );
  const list = (lines: readonly string[]): Buffer => Buffer.from(lines.join(''), 'latin1');
  const entries = written.map(
    ({ path, wanted: { mode, object } }) => `${mode} ${object}\t${path}\0`,
  );
  const index = ['update-index', '-z', '--replace', '--index-info'];
  await runGit({ place, args: ['read-tree', '--empty'] });
  await runGit({ place, args: index, input: list(entries) });
  const checkout = ['checkout-index', '--force', `--prefix=${fresh}/`, '-z', '--stdin'];
  await runGit({ place, args: checkout, input: list(written.map(({ path }) => `${path}\0`)) });
}

function toJournalFile(root: string, fresh: string, { path, wanted }: PlannedFile): JournalFile {
  const before = entryAt(root, path);
  const after = wanted === undefined ? undefined : entryAt(fresh, path);
  return { path, before: before ?? null, after: after === undefined ? null : kept(before, after) };
}

/** A file that stays a file keeps its rights, but for those to run it. */
function kept(before: EntrySnapshot | undefined, after: EntrySnapshot): EntrySnapshot {
  if (before?.kind !== 'file' || after.kind !== 'file') return after;
  const RUN = 0o111;
  const readable = (before.mode & 0o444) >> 2;
  const run = (after.mode & RUN) === 0 ? 0 : (before.mode & RUN) | readable;
  return { ...after, mode: (before.mode & ~RUN) | run };
}

function entryAt(root: string, path: BytePath): EntrySnapshot | undefined {
  const entry = snapshotEntry(root, path);
  if (entry === 'blocked') throw new WhaleFlowError('WF6003', `${toText(path)} is no plain file`);
  return entry;
}
