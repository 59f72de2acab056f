/** Writes a whole file or none: through a temporary one beside it, readable by its owner only. */
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { type Chance, randomId } from '../system/chance.ts';
import { nodeChance } from '../system/node/node-chance.ts';
import { toWriteError } from './write-error.ts';

export interface NewFile {
  readonly path: string;
  readonly pieces: Iterable<string | Uint8Array>;
  /** Replaces a file that is there. */
  readonly force: boolean;
  /** 0600 where absent. */
  readonly mode?: number;
}

/**
 * Writes the file; gives its size in bytes.
 * @throws {WhaleFlowError} WF2009 when it exists and `force` is not given, WF2003 when its folder cannot
 * be written, WF7004 when the disk is full; nothing is left behind then.
 */
export function writeNewFile({ path, pieces, force, mode }: NewFile, chance: Chance): number {
  if (!force && existsSync(path)) throw exists(path);
  const temporary = join(dirname(path), `.${basename(path)}.${randomId(chance, 8)}.tmp`);
  try {
    const bytes = writePieces(temporary, pieces, mode);
    if (force) renameSync(temporary, path);
    else giveName(temporary, path);
    return bytes;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') throw exists(path);
    throw toWriteError(cause, path);
  } finally {
    rmSync(temporary, { force: true });
  }
}

/**
 * Refuses early what `writeOutput` would refuse late.
 * @throws {WhaleFlowError} WF2009 when a file is there.
 */
export function refuseToReplace(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() === true) throw exists(path);
}

/**
 * As `writeNewFile`, for `-o FILE`: a pipe or a device that is there is written to, not replaced.
 * @throws {WhaleFlowError} as `writeNewFile`.
 */
export function writeOutput(file: NewFile): number {
  const there = statSync(file.path, { throwIfNoEntry: false });
  if (there === undefined || there.isFile()) return writeNewFile(file, nodeChance);
  try {
    const text = Buffer.concat([...file.pieces].map((piece) => Buffer.from(piece)));
    writeFileSync(file.path, text);
    return text.length;
  } catch (cause) {
    throw toWriteError(cause, file.path);
  }
}

/** A link fails where a file is, even one that has come meanwhile; a rename would replace it. */
function giveName(temporary: string, path: string): void {
  try {
    linkSync(temporary, path);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const hasNoLinks = code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP';
    if (!hasNoLinks || existsSync(path)) throw error;
    renameSync(temporary, path);
  }
}

function writePieces(path: string, pieces: Iterable<string | Uint8Array>, mode = 0o600): number {
  const file = openSync(path, 'wx', mode);
  try {
    let bytes = 0;
    for (const piece of pieces) {
      const data = typeof piece === 'string' ? Buffer.from(piece) : piece;
      for (let at = 0; at < data.length; ) at += writeSync(file, data, at);
      bytes += data.length;
    }
    fsyncSync(file);
    return bytes;
  } finally {
    closeSync(file);
  }
}

const exists = (path: string): WhaleFlowError =>
  new WhaleFlowError('WF2009', `${path} exists`, {
    hint: 'give another name, or replace it with --force',
  });
