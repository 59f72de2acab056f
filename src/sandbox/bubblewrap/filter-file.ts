/** The file that hands the filter to bubblewrap. Never seen half written: such a filter would let calls pass. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Machine, seccompFilter } from './seccomp-filter.ts';

/** Its path; written where it is not there as it should be. `newName`: used once. */
export function filterFileIn(folder: string, machine: Machine, newName: () => string): string {
  const filter = seccompFilter(machine);
  const file = join(folder, `seccomp-${machine}`);
  if (isFilter(file, filter)) return file;
  const young = join(folder, `seccomp-${newName()}`);
  writeFileSync(young, filter, { mode: 0o600 });
  renameSync(young, file);
  return file;
}

function isFilter(file: string, filter: Uint8Array): boolean {
  try {
    return Buffer.from(filter).equals(readFileSync(file));
  } catch {
    return false;
  }
}
