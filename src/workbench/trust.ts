/**
 * Project config counts only in folders that the user has trusted, and only as it was then, with the files
 * of the repository that it names as programs or hands to them: a later version, by a pull or by the patch of
 * a run, may run what nobody has read. The list lies in the user’s folder: `DIGEST FOLDER`, one a line.
 */
import { existsSync, mkdirSync, readFileSync, realpathSync } from 'node:fs';
import { basename, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { digestText } from '../workflow/digest.ts';
import { readConfigFile } from './config-file.ts';
import { projectConfigPaths } from './config-paths.ts';
import { lockFile } from './lock-file.ts';
import { digestNamed, type NamedFile, namedFiles, runningTexts } from './named-files.ts';
import type { Places } from './places.ts';
import { toWriteError } from './write-error.ts';

/**
 * `changed`: the folder is trusted, and its config is another one since; `files_changed`: a file that it
 * names is another one.
 */
export type Trust = 'trusted' | 'changed' | 'files_changed' | 'not_trusted';

const listOf = (places: Places): string => join(places.userFolder, 'trusted');
const SEPARATOR = ' ';
const LIST_MODE = 0o600;
/** Between the digest of the config and that of the files that it names. */
const AND_FILES = '+';

/** Real paths of folders, and what their config was when they were trusted. */
function trustedFolders(places: Places): ReadonlyMap<string, string> {
  return new Map(
    listText(places)
      .split('\n')
      .flatMap((line) => {
        const cut = line.indexOf(SEPARATOR);
        return cut < 0 ? [] : [[line.slice(cut + 1), line.slice(0, cut)] as const];
      }),
  );
}

/**
 * Empty where nothing was ever trusted. A list that cannot be read is no such list: runs would go on
 * without the guards of a folder, and the next `trust` would write all others away.
 */
function listText(places: Places): string {
  const path = listOf(places);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return '';
    throw new WhaleFlowError(
      'WF2007',
      `the list of trusted folders cannot be read: ${path}: ${code}`,
      {
        hint: `make it a file that you may read, or remove it and trust your folders anew: whaleflow trust`,
      },
    );
  }
}

/** Of the config of the repository, as it is now. */
function configDigest(places: Places): string {
  const files = projectConfigPaths(places).filter((path) => existsSync(path));
  const texts = files.map((path) => `${basename(path)}:${digestText(readFileSync(path))}\n`);
  return digestText(texts.join(''));
}

/** Files of the repository that its config names, as they are now. */
export function trustedFiles(places: Places): readonly NamedFile[] {
  const files = projectConfigPaths(places).filter((path) => existsSync(path));
  return namedFiles(places.root, files.flatMap(textsOf));
}

/** What cannot be read names nothing; whoever wants its settings is told why. */
function textsOf(path: string): readonly string[] {
  try {
    return runningTexts(readConfigFile(path, 'project').table);
  } catch (error) {
    if (error instanceof WhaleFlowError) return [];
    throw error;
  }
}

function digestNow(places: Places): string {
  const files = trustedFiles(places);
  const named = files.length === 0 ? '' : `${AND_FILES}${digestNamed(files)}`;
  return configDigest(places) + named;
}

/** Of the repository that `places` are about. */
export function trustOf(places: Places): Trust {
  const trusted = trustedFolders(places).get(realpathSync(places.root));
  if (trusted === undefined) return 'not_trusted';
  if (trusted === digestNow(places)) return 'trusted';
  const [config] = trusted.split(AND_FILES);
  return config === configDigest(places) ? 'files_changed' : 'changed';
}

/** Why the config does not count, in words behind “does not count: ”. */
export const WHY_UNTRUSTED: Readonly<Record<Exclude<Trust, 'trusted'>, string>> = {
  changed: 'it is not as it was when you trusted the folder',
  files_changed: 'a file that it names is not as it was when you trusted the folder',
  not_trusted: 'the folder is not trusted',
};

/**
 * A run where the config was trusted and has changed: what guarded runs here would be left out in silence.
 * Where nobody has trusted anything, nobody counts on it.
 */
export function trustObstacle(places: Places): WhaleFlowError | undefined {
  const state = trustOf(places);
  if (state === 'trusted' || state === 'not_trusted') return undefined;
  const what =
    state === 'changed' ? 'the config of this repository' : 'a file that its config names';
  return new WhaleFlowError(
    'WF2008',
    `${what} is not as it was when you trusted the folder, and a run would go without its hooks and limits`,
    {
      notes: ['to run without all that it says: whaleflow trust --take-back'],
      hint: 'read what has changed, then: whaleflow trust',
    },
  );
}

/**
 * Trusts the repository as its config is now. Returns its real path.
 * @throws {WhaleFlowError} WF2003, WF7004 when it cannot be written, WF2009 while another command does.
 */
export function trust(places: Places): string {
  return changeList(places, digestNow(places));
}

/** Its config no longer counts. Returns its real path. @throws {WhaleFlowError} as `trust` does. */
export function takeBackTrust(places: Places): string {
  return changeList(places, undefined);
}

/** The list is never half: it says whose guards count. */
function changeList(places: Places, digest: string | undefined): string {
  const real = realpathSync(places.root);
  const named = listOf(places);
  try {
    mkdirSync(places.userFolder, { recursive: true, mode: 0o700 });
    const path = existsSync(named) ? realpathSync(named) : named;
    using lock = lockFile(path);
    const folders = new Map(trustedFolders(places));
    if (folders.get(real) === digest) return real;
    if (digest === undefined) folders.delete(real);
    else folders.set(real, digest);
    const lines = [...folders].map(([folder, known]) => `${known}${SEPARATOR}${folder}\n`);
    lock.replace(lines.join(''), LIST_MODE);
  } catch (cause) {
    throw toWriteError(cause, named);
  }
  return real;
}
