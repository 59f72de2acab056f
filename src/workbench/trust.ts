/** Project config counts only in folders that the user has trusted; the list lies in the user’s folder. */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Places } from './places.ts';
import { toWriteError } from './write-error.ts';

const listOf = (places: Places): string => join(places.userFolder, 'trusted');

/** The trusted folders, real paths, one a line. */
function trustedFolders(places: Places): readonly string[] {
  try {
    return readFileSync(listOf(places), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

export function isTrusted(places: Places, folder: string): boolean {
  return trustedFolders(places).includes(realpathSync(folder));
}

/**
 * Trusts a folder. Returns its real path; a second time changes nothing.
 * @throws {WhaleFlowError} WF2003, WF7004 when the list cannot be written.
 */
export function trust(places: Places, folder: string): string {
  const real = realpathSync(folder);
  if (trustedFolders(places).includes(real)) return real;
  const lines = [...trustedFolders(places), real];
  try {
    mkdirSync(places.userFolder, { recursive: true, mode: 0o700 });
    writeFileSync(listOf(places), `${lines.join('\n')}\n`, { mode: 0o600 });
  } catch (cause) {
    throw toWriteError(cause, listOf(places));
  }
  return real;
}
