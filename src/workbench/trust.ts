/**
 * Project config counts only in folders that the user has trusted, and only as it was then: a later
 * version, by a pull or by the patch of a run, may name programs that nobody has read. The list lies in
 * the user’s folder: `DIGEST FOLDER`, one a line.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { digestText } from '../workflow/digest.ts';
import { projectConfigPaths } from './config-paths.ts';
import type { Places } from './places.ts';
import { toWriteError } from './write-error.ts';

/** `changed`: the folder is trusted, its config is another one since. */
export type Trust = 'trusted' | 'changed' | 'not_trusted';

const listOf = (places: Places): string => join(places.userFolder, 'trusted');
const SEPARATOR = ' ';

/** Real paths of folders, and what their config was when they were trusted. */
function trustedFolders(places: Places): ReadonlyMap<string, string> {
  try {
    const lines = readFileSync(listOf(places), 'utf8').split('\n');
    return new Map(
      lines.flatMap((line) => {
        const cut = line.indexOf(SEPARATOR);
        return cut < 0 ? [] : [[line.slice(cut + 1), line.slice(0, cut)] as const];
      }),
    );
  } catch {
    return new Map();
  }
}

/** Of the config of the repository, as it is now. */
function configDigest(places: Places): string {
  const files = projectConfigPaths(places).filter((path) => existsSync(path));
  const texts = files.map((path) => `${basename(path)}:${digestText(readFileSync(path))}\n`);
  return digestText(texts.join(''));
}

/** Of the repository that `places` are about. */
export function trustOf(places: Places): Trust {
  const trusted = trustedFolders(places).get(realpathSync(places.root));
  if (trusted === undefined) return 'not_trusted';
  return trusted === configDigest(places) ? 'trusted' : 'changed';
}

/**
 * Trusts the repository as its config is now. Returns its real path.
 * @throws {WhaleFlowError} WF2003, WF7004 when it cannot be written.
 */
export function trust(places: Places): string {
  const real = realpathSync(places.root);
  const folders = trustedFolders(places);
  const digest = configDigest(places);
  if (folders.get(real) === digest) return real;
  const lines = [...new Map(folders).set(real, digest)].map(
    ([folder, known]) => `${known}${SEPARATOR}${folder}\n`,
  );
  try {
    mkdirSync(places.userFolder, { recursive: true, mode: 0o700 });
    writeFileSync(listOf(places), lines.join(''), { mode: 0o600 });
  } catch (cause) {
    throw toWriteError(cause, listOf(places));
  }
  return real;
}
