/** Carries out an apply on the user's files, and its undoing. Both can be begun again after a crash. */
import { chmodSync, existsSync, mkdirSync, readdirSync, rmSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import {
  type Journal,
  type JournalFile,
  oldFile,
  readJournal,
  syncFolder,
  writeJournal,
} from './apply-journal.ts';
import { type BytePath, toFile, toText } from './byte-path.ts';
import { isSameEntry, snapshotEntry } from './entry-snapshot.ts';
import {
  copyEntry,
  dropHalfPut,
  foldersEmptiedWithout,
  missingFoldersAbove,
  putEntry,
  removeIfEmpty,
} from './put-entries.ts';

export interface WriteRequest {
  readonly root: string;
  /** Of this apply. */
  readonly folder: string;
  readonly journal: Journal;
  /** Where the new content of a path lies. */
  readonly newFile: (path: BytePath) => Buffer;
}

/**
 * Saves what is there, says so on disk, then writes. What fails in the middle is put back. `then`: what
 * belongs to it besides.
 * @throws what the system throws, after that.
 */
export async function writeChanges(
  { root, folder, journal, newFile }: WriteRequest,
  then: () => Promise<void>,
): Promise<Journal> {
  mkdirSync(join(folder, 'old'), { recursive: true, mode: 0o700 });
  for (const [index, { path, before }] of journal.files.entries()) {
    if (before !== null) copyEntry(toFile(root, path), oldFile(folder, index));
  }
  syncFolder(join(folder, 'old'));
  writeJournal(folder, journal);
  let done = journal;
  try {
    for (const file of journal.files) done = writeOne(done, { root, folder, file, newFile });
    await then();
  } catch (thrown) {
    undoChanges({ root, folder, journal: readJournal(folder) ?? done });
    throw thrown;
  }
  const applied: Journal = { ...done, state: 'applied' };
  writeJournal(folder, applied);
  return applied;
}

/** What is to happen to folders is on disk before it does: a kill in between leaves none behind. */
function writeOne(
  journal: Journal,
  { root, folder, file, newFile }: Omit<WriteRequest, 'journal'> & { readonly file: JournalFile },
): Journal {
  const { path, before, after } = file;
  if (!isSameEntry(snapshotEntry(root, path), before ?? undefined)) {
    throw new Error(`${toText(path)} was changed just now`);
  }
  if (after === null) {
    const removed = foldersEmptiedWithout(root, path);
    const next = { ...journal, removedFolders: [...journal.removedFolders, ...removed] };
    if (removed.length > 0) writeJournal(folder, next);
    unlinkSync(toFile(root, path));
    for (const one of removed) removeIfEmpty(root, one.path);
    return next;
  }
  const made = missingFoldersAbove(root, path);
  const next = { ...journal, madeFolders: [...journal.madeFolders, ...made] };
  if (made.length > 0) writeJournal(folder, next);
  for (const one of made) mkdirSync(toFile(root, one));
  putEntry(root, path, { source: newFile(path), entry: after });
  return next;
}

export interface UndoRequest {
  readonly root: string;
  readonly folder: string;
  readonly journal: Journal;
}

/** Paths that are neither as the apply left them nor as they were before. */
export function changedSince({
  root,
  journal,
}: Pick<UndoRequest, 'root' | 'journal'>): readonly BytePath[] {
  return journal.files
    .filter(({ path, before, after }) => {
      const now = snapshotEntry(root, path);
      return !isSameEntry(now, before ?? undefined) && !isSameEntry(now, after ?? undefined);
    })
    .map(({ path }) => path);
}

/**
 * Puts every path back but those at which something stands that we don't write over; the caller has looked at
 * `changedSince`. Doing it twice does no harm.
 */
export function undoChanges({ root, folder, journal }: UndoRequest): Journal {
  for (const { path } of journal.files) dropHalfPut(root, path);
  for (const { path, mode } of journal.removedFolders.toReversed()) {
    const target = toFile(root, path);
    if (!existsSync(target)) mkdirSync(target);
    // One that holds something has its rights already, or is somebody else’s.
    if (isEmpty(target)) chmodSync(target, mode);
  }
  for (const [index, { path, before }] of journal.files.entries()) {
    const now = snapshotEntry(root, path);
    if (now === 'blocked' || isSameEntry(now, before ?? undefined)) continue;
    if (before === null) rmSync(toFile(root, path), { force: true });
    else putEntry(root, path, { source: oldFile(folder, index), entry: before });
  }
  for (const path of journal.madeFolders.toReversed()) removeIfEmpty(root, path);
  const undone: Journal = { ...journal, state: 'undone' };
  writeJournal(folder, undone);
  return undone;
}

/** So is what cannot be looked into: a kill may have left it without its rights. */
function isEmpty(folder: Buffer): boolean {
  try {
    return readdirSync(folder).length === 0;
  } catch {
    return true;
  }
}
