/**
 * The report that a test command writes, JUnit XML or TAP, and what it counts. A report counts only if this
 * run of the command wrote it: what was there before, byte for byte, is not taken for news.
 */
import { join } from 'node:path';
import type { TreeFiles } from '../../tool/tree-files.ts';
import type { CommandTask } from '../../workflow/task.ts';
import { countTests, foundCounts, type TestCounts } from './test-counts.ts';
import type { Around } from './tree-process.ts';

/** The files below a folder, for reading without being led out of it. */
export type OpenFiles = (root: string) => Promise<TreeFiles>;

export interface TestReport extends Around {
  /** Undefined where no report was written that can be read. */
  counts(): Promise<TestCounts | undefined>;
}

/** A report at `$TMPDIR/NAME` stands in the command’s folder of temporary files, any other one in its tree. */
const TEMPORARY = '$TMPDIR/';

const MAX_REPORT_BYTES = 16 * 1024 * 1024;

/** Before the command starts. `folder`: where it runs, or the root of its tree; absolute. */
export async function openTestReport(
  { report }: Pick<CommandTask, 'report'>,
  folders: { readonly folder: string; readonly temporary: string },
  openFiles: OpenFiles,
): Promise<TestReport | undefined> {
  if (report === undefined) return undefined;
  const isTemporary = report.startsWith(TEMPORARY);
  const files = await openFiles(isTemporary ? folders.temporary : folders.folder);
  const path = isTemporary ? report.slice(TEMPORARY.length) : report;
  const kept = isTemporary ? makeKept(files, folders.temporary, path) : [];
  const before = bytesAt(files, path);
  let written: Buffer | undefined;
  return {
    kept,
    collect() {
      const after = bytesAt(files, path);
      written = before !== undefined && after?.equals(before) === true ? undefined : after;
    },
    async counts() {
      return written === undefined ? undefined : countReport(written.toString('utf8'));
    },
  };
}

/** In a sandbox the folder is in memory and goes with it: the one file is put there from outside. */
function makeKept(files: TreeFiles, temporary: string, path: string): readonly string[] {
  if (path.includes('/')) return [];
  try {
    files.write(path, new Uint8Array());
    return [join(temporary, path)];
  } catch {
    return [];
  }
}

/** Undefined where there is no such plain file of the folder, or too large a one. */
function bytesAt(files: TreeFiles, path: string): Buffer | undefined {
  try {
    const { data, sizeBytes } = files.read(path, MAX_REPORT_BYTES);
    return sizeBytes > data.length ? undefined : Buffer.from(data);
  } catch {
    return undefined;
  }
}

async function countReport(text: string): Promise<TestCounts | undefined> {
  if (text.trimStart().startsWith('<')) {
    const { junitTally } = await import('./test-counts/junit-xml.ts');
    const tally = junitTally(text);
    return tally === undefined ? undefined : foundCounts([tally], 'JUnit XML');
  }
  const counts = countTests({ stdout: text, stderr: '', isCut: false });
  return counts.status === 'found' ? counts : undefined;
}
