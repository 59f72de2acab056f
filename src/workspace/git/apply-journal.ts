/**
 * What an apply has done, on disk before it does it: the old state of every path, so that it can be undone
 * however far it came. A folder an apply: `journal.json`, `old/N` and, while it writes, `new/`.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import type { AppliedRecord } from '../user-tree.ts';
import { type BytePath, toText } from './byte-path.ts';
import type { EntrySnapshot } from './entry-snapshot.ts';

export interface JournalFile {
  readonly path: BytePath;
  readonly before: EntrySnapshot | null;
  readonly after: EntrySnapshot | null;
}

export interface Journal {
  readonly version: 1;
  readonly id: string;
  readonly run: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: AppliedRecord['state'];
  readonly files: readonly JournalFile[];
  /** Folders that were made for it, outermost first. */
  readonly madeFolders: readonly BytePath[];
  /** Folders that went empty and were removed, innermost first, with their modes. */
  readonly removedFolders: readonly { readonly path: BytePath; readonly mode: number }[];
  /** The commit that was asked for too. */
  readonly commit?: CommitStep;
}

export interface CommitStep {
  /** Of the checkout whose HEAD and index are meant. */
  readonly gitFolder: string;
  /** What moves: a branch by its whole name, or `HEAD` where that is detached. */
  readonly ref: string;
  readonly parent: string;
  readonly made: string;
  readonly entries: readonly CommitEntry[];
  /** Digests of the listing of the index, before and with these entries. */
  readonly listing: { readonly before: string; readonly after: string };
}

/** One path of the commit, in HEAD before and after. */
export interface CommitEntry {
  readonly path: BytePath;
  readonly before: IndexEntry | null;
  readonly after: IndexEntry | null;
}

export interface IndexEntry {
  readonly mode: string;
  readonly object: string;
}

export function writeJournal(folder: string, journal: Journal): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temporary = join(folder, 'journal.tmp');
  writeFileSync(temporary, JSON.stringify(journal), { mode: 0o600, flush: true });
  renameSync(temporary, join(folder, 'journal.json'));
  syncFolder(folder);
}

export function readJournal(folder: string): Journal | undefined {
  const file = join(folder, 'journal.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Journal) : undefined;
}

/** Oldest first. */
export function readJournals(parent: string): readonly Journal[] {
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .flatMap((name) => readJournal(join(parent, name)) ?? [])
    .sort((a, b) => a.at - b.at);
}

export function toRecord({ id, run, state, files }: Journal): AppliedRecord {
  return { id, run, state, files: files.map(({ path }) => toText(path)) };
}

/** Where the old index is kept; not there where that is in more than one file. */
export const oldIndex = (folder: string): string => join(folder, 'index');

/** Where the old content of a path is kept. */
export const oldFile = (folder: string, index: number): string => join(folder, 'old', `${index}`);

export function syncFolder(folder: string | Buffer): void {
  const open = openSync(folder, 'r');
  try {
    fsyncSync(open);
  } finally {
    closeSync(open);
  }
}
