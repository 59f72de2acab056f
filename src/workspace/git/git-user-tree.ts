/** The user's folder of a repository. See `../user-tree.ts`. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import { randomId } from '../../system/chance.ts';
import type { Clock } from '../../system/clock.ts';
import type { Applied, ApplyPlan, ApplyRequest, UserTree } from '../user-tree.ts';
import {
  type Journal,
  type JournalFile,
  readJournal,
  readJournals,
  toRecord,
} from './apply-journal.ts';
import { type BytePath, toFile, toText } from './byte-path.ts';
import { type EntrySnapshot, snapshotEntry } from './entry-snapshot.ts';
import { findGitWorld, type GitWorkspaceOptions } from './git-workspace.ts';
import type { GitPlace } from './hardened-environment.ts';
import { makeBranch } from './make-branch.ts';
import { type PlannedChanges, type PlannedFile, planChanges } from './plan-changes.ts';
import { filePlace, type GitWorld, withGitFolder } from './private-git-folder.ts';
import { changedSince, undoChanges, writeChanges } from './write-changes.ts';

export interface GitUserTreeOptions extends GitWorkspaceOptions {
  /** Where applies are written down, a folder each. */
  readonly journalFolder: string;
  readonly clock: Clock;
}

const ID_LENGTH = 6;

export function gitUserTree(options: GitUserTreeOptions): UserTree {
  const { journalFolder, chance } = options;
  const folderOf = (id: string): string => join(journalFolder, id);
  return {
    plan: (request) => withPlan(options, request, async ({ plan }) => toApplyPlan(plan)),
    apply: (request) => withPlan(options, request, (planned) => apply(options, request, planned)),
    records: () => readJournals(journalFolder).map(toRecord),
    undo(id) {
      const journal = /^[a-z0-9]+$/.test(id) ? readJournal(folderOf(id)) : undefined;
      const root = options.repositoryRoot;
      if (journal === undefined) throw new WhaleFlowError('WF2006', `nothing was applied as ${id}`);
      const request = { root, folder: folderOf(id), journal };
      const conflicts = journal.state === 'undone' ? [] : changedSince(request);
      const files = journal.files.map(({ path }) => toText(path));
      if (journal.state !== 'undone' && conflicts.length === 0) undoChanges(request);
      return { id, files, conflicts: conflicts.map(toText) };
    },
    branch: async (request) =>
      makeBranch(await findGitWorld(options), request, randomId(chance, 8)),
  };
}

interface Planned {
  readonly world: GitWorld;
  readonly place: GitPlace;
  readonly plan: PlannedChanges;
}

async function withPlan<T>(
  options: GitUserTreeOptions,
  request: ApplyRequest,
  use: (planned: Planned) => Promise<T>,
): Promise<T> {
  const world = await findGitWorld(options);
  const root = options.repositoryRoot;
  return withGitFolder(world, async (gitFolder) => {
    const place = filePlace(world, gitFolder, root);
    return use({ world, place, plan: await planChanges(world, { root, place }, request) });
  });
}

function toApplyPlan({ files, done, conflicts }: PlannedChanges): ApplyPlan {
  return {
    files: files.map(({ path, change }) => ({ path: toText(path), change })),
    done: done.map(toText),
    conflicts: conflicts.map(toText),
  };
}

async function apply(
  options: GitUserTreeOptions,
  { run }: ApplyRequest,
  { world, place, plan }: Planned,
): Promise<Applied> {
  const { clock, chance, journalFolder, repositoryRoot: root } = options;
  if (plan.conflicts.length > 0 || plan.files.length === 0) return toApplyPlan(plan);
  const id = randomId(chance, ID_LENGTH);
  const folder = join(journalFolder, id);
  const fresh = join(folder, 'new');
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    await checkOut(world, place, { files: plan.files, fresh });
    const journal: Journal = {
      version: 1,
      id,
      run,
      at: clock.now(),
      state: 'writing',
      files: plan.files.map((file) => toJournalFile(root, fresh, file)),
      madeFolders: [],
      removedFolders: [],
    };
    writeChanges({ root, folder, journal, newFile: (path) => toFile(fresh, path) });
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  return { ...toApplyPlan(plan), id };
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
