/** Runs to keep: an empty file each in the state folder, so that nothing has to be parsed or locked. */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Workbench } from './workbench.ts';

const folderOf = ({ places }: Workbench): string => join(places.stateFolder, 'pins');

/** Keeps a run from being removed; a second time changes nothing. */
export function pin(workbench: Workbench, run: string): void {
  const folder = folderOf(workbench);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  closeSync(openSync(join(folder, run), 'a', 0o600));
}

export function unpin(workbench: Workbench, run: string): void {
  rmSync(join(folderOf(workbench), run), { force: true });
}

export function pinnedRuns(workbench: Workbench): ReadonlySet<string> {
  try {
    return new Set(readdirSync(folderOf(workbench)));
  } catch {
    return new Set();
  }
}
