import type { ChangedFile } from '../workspace.ts';
import { splitRecords, toText } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { RunGit } from './run-git.ts';

/** What differs between two commits, as paths and as a patch. */
export interface Comparison {
  readonly place: GitPlace;
  readonly from: string;
  readonly to: string;
}

const PLAIN = ['--no-renames', '--no-ext-diff', '--no-textconv', '--no-color'];

export async function listFiles(
  runGit: RunGit,
  { place, from, to }: Comparison,
  signal?: AbortSignal,
): Promise<ChangedFile[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-abbrev', ...PLAIN, from, to];
  const records = splitRecords((await runGit({ place, args }, signal)).stdout);
  const files: ChangedFile[] = [];
  for (let index = 0; index + 1 < records.length; index += 2) {
    const [oldMode, newMode, oldName, newName, status] = records[index]?.slice(1).split(' ') ?? [];
    const isModeOnly = status === 'M' && oldName === newName && oldMode !== newMode;
    files.push({
      path: toText(records[index + 1] ?? ''),
      change: isModeOnly ? 'T' : toChange(status),
    });
  }
  return files;
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
