/**
 * Opens `whaleflow.db`, making or upgrading it where the mode allows. The file is never opened by
 * `node:fs` once it exists: closing such a descriptor would drop the locks that SQLite holds for this
 * process, and another process could then overwrite a commit.
 */
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  statfsSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { BUSY_TIMEOUT_MS } from './connection.ts';
import { headsNameRuns } from './heads.ts';
import { APPLICATION_ID, applicationOf, MIGRATIONS, migrate, versionOf } from './migrate.ts';
import {
  isBusy,
  newerStore,
  noStore,
  notWritable,
  storeError,
  unreadable,
} from './store-errors.ts';
import { syncFolder } from './sync-folder.ts';

/**
 * `create` makes the store where there is none; `existing` and `read` refuse with WF7007. `read` writes
 * nothing, but for the upgrade of a store that an older build wrote.
 */
export type OpenMode = 'create' | 'existing' | 'read';

/** Opening may wait for another process that is just making or upgrading the store. */
const OPEN_BUSY_MS = 5000;
/** Turning on the write-ahead log gives up at once when two processes do it together. */
const MAX_OPEN_TRIES = 100;
const OPEN_PAUSE_MS = 20;
const MAX_LOG_BYTES = 16 * 1024 * 1024;

/** Locks and shared memory do not work there (`statfs` magic numbers of Linux). */
const NETWORK_FILE_SYSTEMS: ReadonlyMap<number, string> = new Map([
  [0x6969, 'nfs'],
  [0x517b, 'smb'],
  [0xff534d42, 'cifs'],
  [0xfe534d42, 'smb2'],
  [0x5346414f, 'afs'],
]);

/** @throws {WhaleFlowError} WF7001, WF7002, WF7003, WF7004, WF7005, WF7007. */
export function openDatabase(folder: string, mode: OpenMode): DatabaseSync {
  try {
    return mode === 'read' ? openForReading(folder) : openForWriting(folder, mode);
  } catch (error) {
    throw storeError(error, folder);
  }
}

/** The name of the network file system that `type` stands for, or undefined for a local one. */
export function networkFileSystem(type: number): string | undefined {
  return NETWORK_FILE_SYSTEMS.get(type);
}

export function databasePath(folder: string): string {
  return join(folder, 'whaleflow.db');
}

function openForWriting(folder: string, mode: 'create' | 'existing'): DatabaseSync {
  const path = databasePath(folder);
  if (!existsSync(path)) {
    if (headsNameRuns(folder)) throw unreadable(folder, new Error('whaleflow.db is missing'));
    if (mode === 'existing') throw noStore(folder);
    makeFiles(folder, path);
  }
  accessSync(folder, constants.W_OK);
  accessSync(path, constants.W_OK);
  const remote = networkFileSystem(statfsSync(folder).type);
  if (remote !== undefined) {
    throw notWritable(folder, new Error(`SQLite is not safe on a network file system (${remote})`));
  }
  return patiently(() => prepareForWriting(folder, path, mode));
}

/** SQLite gives its other files the mode of the first one, so 0600 holds for all of them. */
function makeFiles(folder: string, path: string): void {
  mkdirSync(join(folder, '..'), { recursive: true });
  makeUnlessThere(() => mkdirSync(folder, { mode: 0o700 }));
  makeUnlessThere(() => writeFileSync(join(folder, '.gitignore'), '*\n', { flag: 'wx' }));
  makeUnlessThere(() => closeSync(openSync(path, 'wx', 0o600)));
  syncFolder(folder);
  syncFolder(join(folder, '..'));
}

function makeUnlessThere(make: () => void): void {
  try {
    make();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

function prepareForWriting(folder: string, path: string, mode: OpenMode): DatabaseSync {
  return opened(path, {}, (db) => {
    if (isNewFile(db, folder)) {
      if (mode !== 'create') throw noStore(folder);
      db.exec('PRAGMA auto_vacuum = INCREMENTAL');
    }
    const journal = db.prepare('PRAGMA journal_mode = WAL').get()?.['journal_mode'];
    if (journal !== 'wal') throw notWritable(folder, new Error('it cannot use a write-ahead log'));
    db.exec(`PRAGMA synchronous = FULL; PRAGMA journal_size_limit = ${MAX_LOG_BYTES}`);
    migrate(db);
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  });
}

function openForReading(folder: string): DatabaseSync {
  const path = databasePath(folder);
  if (!existsSync(path)) {
    if (headsNameRuns(folder)) throw unreadable(folder, new Error('whaleflow.db is missing'));
    throw noStore(folder);
  }
  const db = patiently(() => openReader(folder, path));
  if (versionOf(db) === MIGRATIONS.length) return db;
  db.close();
  openForWriting(folder, 'existing').close();
  return patiently(() => openReader(folder, path));
}

function openReader(folder: string, path: string): DatabaseSync {
  const check = (db: DatabaseSync): void => {
    if (isNewFile(db, folder)) throw noStore(folder);
    db.exec(`PRAGMA query_only = ON; PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}`);
  };
  try {
    return opened(path, { readOnly: true }, check);
  } catch (error) {
    if (storeError(error, folder).code !== 'WF7003' || isWritable(folder)) throw error;
    return opened(frozenStore(folder, path), { readOnly: true }, check);
  }
}

/**
 * SQLite cannot make its shared memory on a read-only medium. Nobody can write there either, so the
 * file may be read as it is, if its log has nothing more to say.
 */
function frozenStore(folder: string, path: string): URL {
  const log = statSync(`${path}-wal`, { throwIfNoEntry: false });
  if (log !== undefined && log.size > 0) {
    throw notWritable(folder, new Error('its write-ahead log has to be read in first'));
  }
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  return url;
}

/** Opens and checks what is there before anything is written; closes again when `check` throws. */
function opened(
  path: string | URL,
  options: { readonly readOnly?: boolean },
  check: (db: DatabaseSync) => void,
): DatabaseSync {
  const db = new DatabaseSync(path, { ...options, timeout: OPEN_BUSY_MS });
  try {
    db.exec('PRAGMA cell_size_check = ON; PRAGMA trusted_schema = OFF');
    check(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Says whether the file is still empty. @throws {WhaleFlowError} when it is not ours to touch. */
function isNewFile(db: DatabaseSync, folder: string): boolean {
  const version = versionOf(db);
  if (version > MIGRATIONS.length) throw newerStore(folder, version, MIGRATIONS.length);
  if (version > 0) {
    if (applicationOf(db) !== APPLICATION_ID) {
      throw unreadable(folder, new Error('whaleflow.db is some other database'));
    }
    // Makes SQLite read the schema, which would fail at a later and odder place.
    db.prepare('SELECT no FROM run').get();
    return false;
  }
  if (db.prepare('SELECT 1 FROM sqlite_schema').get() !== undefined) {
    throw unreadable(folder, new Error('whaleflow.db is some other database'));
  }
  if (headsNameRuns(folder)) throw unreadable(folder, new Error('whaleflow.db is empty'));
  return true;
}

function patiently<Result>(open: () => Result): Result {
  for (let tries = 1; ; tries += 1) {
    try {
      return open();
    } catch (error) {
      if (!isBusy(error) || tries === MAX_OPEN_TRIES) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, OPEN_PAUSE_MS);
    }
  }
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}
