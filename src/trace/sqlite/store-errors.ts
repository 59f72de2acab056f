/** Turns what SQLite and the file system say into one clear error of ours. */
import { WhaleFlowError } from '../../base/errors.ts';
import { freeBytes } from '../../system/free-bytes.ts';

/** Primary result codes, https://sqlite.org/rescode.html. */
const BUSY = 5;
const LOCKED = 6;
/** IOERR_SHORT_READ: the file ends too early, which is no fault of the disk. */
const SHORT_READ = 10 | (2 << 8);

/** Says whether another process holds a lock that it will give back. */
export function isBusy(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}

export function storeError(error: unknown, folder: string): WhaleFlowError {
  if (error instanceof WhaleFlowError) return error;
  const code = sqliteCode(error);
  if (extendedCode(error) === SHORT_READ) return unreadable(folder, error);
  if (code !== undefined) return fromSqlite(code, error, folder);
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return diskFull(folder, error);
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
    case 'ENOTDIR':
    case 'EEXIST':
      return notWritable(folder, error);
    case 'EIO':
      return diskFailed(folder, error);
    case 'ERR_INVALID_STATE': // what a closed database says, and a statement of one
      return new WhaleFlowError('WF7010', `the store in ${folder} is closed`, {
        hint: 'open it anew, and close it when the last run in it has ended',
        cause: error,
      });
    case 'ERR_OUT_OF_RANGE': // a number in the store that no WhaleFlow wrote
      return unreadable(folder, error);
    default:
      return new WhaleFlowError('WF9001', `the store failed: ${said(error)}`, { cause: error });
  }
}

function fromSqlite(code: number, error: unknown, folder: string): WhaleFlowError {
  switch (code) {
    case BUSY:
    case LOCKED:
      return storeBusy(folder, error);
    case 3: // PERM
    case 8: // READONLY
    case 14: // CANTOPEN
    case 23: // AUTH
      return notWritable(folder, error);
    case 13: // FULL
      return diskFull(folder, error);
    case 10: // IOERR; also what a full disk gives where shared memory cannot grow
      return isDiskFull(folder) ? diskFull(folder, error) : diskFailed(folder, error);
    case 1: // ERROR: our SQL is right, so tables are missing
    case 11: // CORRUPT
    case 19: // CONSTRAINT: rows are there that cannot be
    case 26: // NOTADB
      return unreadable(folder, error);
    default:
      return new WhaleFlowError('WF9001', `the store failed: ${said(error)}`, { cause: error });
  }
}

export function noStore(folder: string): WhaleFlowError {
  return new WhaleFlowError('WF7007', `no store in ${folder}`, {
    hint: 'the first `whaleflow run` makes one',
  });
}

export function unreadable(folder: string, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF7001', `the store in ${folder} is damaged: ${said(cause)}`, {
    hint: 'restore it from a copy, or save what is sound with `whaleflow recover`',
    cause,
  });
}

export function newerStore(folder: string, version: number, known: number): WhaleFlowError {
  return new WhaleFlowError(
    'WF7002',
    `the store in ${folder} has version ${version}, this WhaleFlow knows ${known}`,
    { hint: 'use the WhaleFlow that wrote it, or a newer one; nothing was changed' },
  );
}

export function notWritable(folder: string, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF7003', `the store in ${folder} cannot be written: ${said(cause)}`, {
    hint: 'check that the folder is yours and its file system is not read-only',
    cause,
  });
}

function diskFull(folder: string, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF7004', `the disk of ${folder} is full`, {
    hint: 'free some space, then resume the run; everything that was acknowledged is kept',
    cause,
  });
}

function diskFailed(folder: string, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF7009', `the disk of ${folder} failed: ${said(cause)}`, {
    hint: 'look after the disk, then resume the run; everything that was acknowledged is kept',
    cause,
  });
}

export function storeBusy(folder: string, cause: unknown): WhaleFlowError {
  return new WhaleFlowError('WF7005', `another process holds the store in ${folder}`, {
    hint: 'try again; `whaleflow ps` shows who is at work',
    cause,
  });
}

function sqliteCode(error: unknown): number | undefined {
  const extended = extendedCode(error);
  return extended === undefined ? undefined : extended & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error)) return undefined;
  return typeof error.errcode === 'number' ? error.errcode : undefined;
}

function isDiskFull(folder: string): boolean {
  try {
    return freeBytes(folder) === 0;
  } catch {
    return false;
  }
}

const said = (error: unknown): string => (error instanceof Error ? error.message : String(error));
