import type { ChangedFile } from '../workspace.ts';
import { type BytePath, splitRecords, toText } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { RunGit } from './run-git.ts';

/** What differs between two commits, as paths and as a patch. */
export interface Comparison {
  readonly place: GitPlace;
  readonly from: string;
  readonly to: string;
}

const PLAIN = ['--no-renames', '--no-ext-diff', '--no-textconv', '--no-color'];

/** One file that differs, as git has it. */
export interface RawChange {
  readonly path: BytePath;
  /** Of the later side; zeros where the file is gone there. */
  readonly mode: string;
  readonly object: string;
  /** Of the earlier side, the same way. */
  readonly oldMode: string;
  readonly oldObject: string;
  readonly change: ChangedFile['change'];
}

export async function listFiles(
  runGit: RunGit,
  comparison: Comparison,
  signal?: AbortSignal,
): Promise<ChangedFile[]> {
  const changes = await readRawChanges(runGit, comparison, signal);
  return changes.map(({ path, change }) => ({ path: toText(path), change }));
}

export async function readRawChanges(
  runGit: RunGit,
  { place, from, to }: Comparison,
  signal?: AbortSignal,
): Promise<readonly RawChange[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', ...PLAIN, from, to];
  return parseRawChanges((await runGit({ place, args }, signal)).stdout);
}

/** What is staged: an index against a commit. Files in a conflict are among them. */
export async function readStagedChanges(
  runGit: RunGit,
  { place, from }: Omit<Comparison, 'to'>,
): Promise<readonly RawChange[]> {
  const args = ['diff-index', '--cached', '-z', '--raw', '--no-abbrev', ...PLAIN, from];
  return parseRawChanges((await runGit({ place, args })).stdout);
}

function parseRawChanges(stdout: Buffer): readonly RawChange[] {
  const records = splitRecords(stdout);
  const changes: RawChange[] = [];
  for (let index = 0; index + 1 < records.length; index += 2) {
    const [oldMode = '', mode = '', oldObject = '', object = '', status] =
      records[index]?.slice(1).split(' ') ?? [];
    const isModeOnly = status === 'M' && oldObject === object && oldMode !== mode;
    const change = isModeOnly ? 'T' : toChange(status);
    changes.push({ path: records[index + 1] ?? '', mode, object, oldMode, oldObject, change });
  }
  return changes;
}

/** Applies with `git apply` to exactly `from`; binary files are in it whole. */
export async function makePatch(
  runGit: RunGit,
  { place, from, to }: Comparison,
  signal?: AbortSignal,
): Promise<Buffer> {
  const args = ['diff-tree', '-r', '-p', '--binary', '--full-index', ...PLAIN, from, to];
  return (await runGit({ place, args }, signal)).stdout;
}

function toChange(status: string | undefined): ChangedFile['change'] {
  return status === 'A' || status === 'D' || status === 'T' ? status : 'M';
}
