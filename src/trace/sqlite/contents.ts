/**
 * Contents by the sha256 of their raw bytes. Small ones stand in the store; from 16 KiB on they are
 * files `blobs/ab/<digest>`, zstd-compressed. A file is there, whole and durable, before its row is.
 */
import { hash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { zstdCompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type Chance, randomId } from '../../system/chance.ts';
import { type Blob, DigestedBlob } from '../content.ts';
import { damagedContent, wrongDigest } from '../store-refusals.ts';
import { bytesOf, integerOf } from './columns.ts';
import type { Connection } from './connection.ts';
import { syncFolder as syncFolderNow } from './sync-folder.ts';

/** From this size on a content is a file. */
const MIN_FILE_BYTES = 16 * 1024;
/** Below, compressing costs more time (30 µs) than it saves in space. */
const MIN_ZSTD_BYTES = 1024;
const MAX_CONTENT_BYTES = 2 ** 31 - 1;

const RAW = 0;
const ZSTD = 1;
const ZSTD_FILE = 2;

const SELECT = 'SELECT bytes, packing, data FROM content WHERE digest = ?';
const INSERT =
  'INSERT INTO content (digest, bytes, packing, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING';

/** A content as its row will be. */
export interface PackedContent {
  readonly digest: Uint8Array;
  readonly bytes: number;
  readonly packing: number;
  readonly data: Uint8Array | null;
  /** Of a file: makes it again where a removal of runs has taken it since it was written. */
  readonly writeAgain?: () => void;
}

/** What the transaction will insert; large contents still have to become files before. */
export function packSmall(blobs: readonly Blob[]): PackedContent[] {
  return blobs.filter((blob) => !isLarge(blob)).map(pack);
}

/** Writes large contents as files. Resolves when they are durable. */
export async function writeLarge(
  connection: Connection,
  chance: Chance,
  blobs: readonly Blob[],
): Promise<PackedContent[]> {
  const packed: PackedContent[] = [];
  for (const blob of blobs) {
    if (!isLarge(blob)) continue;
    const digest = checkedDigest(blob);
    if (!isStored(connection, digest)) {
      try {
        await writeFile(connection.folder, blob, chance);
      } catch (error) {
        throw connection.fail(error);
      }
    }
    const path = filePath(connection.folder, blob.ref.digest);
    const writeAgain = (): void => {
      if (!existsSync(path)) rewriteFile(path, blob);
    };
    packed.push({ digest, bytes: blob.data.length, packing: ZSTD_FILE, data: null, writeAgain });
  }
  return packed;
}

/** Inserts rows; to be called within a transaction. Contents that are there already stay. */
export function insertContents(connection: Connection, contents: readonly PackedContent[]): void {
  const insert = connection.prepare(INSERT);
  for (const { digest, bytes, packing, data, writeAgain } of contents) {
    const { changes } = insert.run(digest, bytes, packing, data);
    if (changes > 0) writeAgain?.();
  }
}

/** @throws {WhaleFlowError} WF5003 when what is stored is not what the digest says. */
export function readContent(connection: Connection, digest: string): Uint8Array | undefined {
  const row = connection.row(SELECT, Buffer.from(digest, 'hex'));
  if (row === undefined) return undefined;
  let raw: Uint8Array;
  try {
    raw = unpack(connection.folder, digest, {
      bytes: integerOf(row, 'bytes'),
      packing: integerOf(row, 'packing'),
      data: row['data'] === null ? new Uint8Array() : bytesOf(row, 'data'),
    });
  } catch (error) {
    throw damagedContent(digest, error);
  }
  if (hash('sha256', raw) !== digest) throw damagedContent(digest);
  return raw;
}

export const isFile = (packing: number): boolean => packing === ZSTD_FILE;

export function isLarge(blob: Blob): boolean {
  return blob.data.length >= MIN_FILE_BYTES;
}

function isStored(connection: Connection, digest: Uint8Array): boolean {
  return connection.row(SELECT, digest) !== undefined;
}

function pack(blob: Blob): PackedContent {
  const digest = checkedDigest(blob);
  const { data } = blob;
  if (data.length >= MIN_ZSTD_BYTES) {
    const shorter = zstdCompressSync(data);
    if (shorter.length < data.length) {
      return { digest, bytes: data.length, packing: ZSTD, data: shorter };
    }
  }
  return { digest, bytes: data.length, packing: RAW, data };
}

function unpack(
  folder: string,
  digest: string,
  row: { readonly bytes: number; readonly packing: number; readonly data: Uint8Array },
): Uint8Array {
  if (row.packing === RAW) return row.data;
  const data = row.packing === ZSTD ? row.data : readFileSync(filePath(folder, digest));
  const maxOutputLength = Math.min(Math.max(row.bytes, 1), MAX_CONTENT_BYTES);
  return zstdDecompressSync(data, { maxOutputLength });
}

function checkedDigest(blob: Blob): Uint8Array {
  const { ref, data } = blob;
  const isKnown = blob instanceof DigestedBlob || hash('sha256', data) === ref.digest;
  if (!isKnown) throw wrongDigest(ref.digest);
  return Buffer.from(ref.digest, 'hex');
}

async function writeFile(folder: string, { ref, data }: Blob, chance: Chance): Promise<void> {
  const target = filePath(folder, ref.digest);
  const targetFolder = join(target, '..');
  const temporaryFolder = join(folder, 'blobs', 'tmp');
  const made = await mkdir(targetFolder, { recursive: true, mode: 0o700 });
  await mkdir(temporaryFolder, { recursive: true, mode: 0o700 });
  const temporary = join(temporaryFolder, randomId(chance, 12));
  const file = await open(temporary, 'wx', 0o600);
  try {
    await file.writeFile(await compress(data));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, target);
  await syncFolder(targetFolder);
  if (made === undefined) return;
  await syncFolder(join(folder, 'blobs'));
  await syncFolder(folder);
}

/** Within a transaction, which keeps removals out. */
function rewriteFile(path: string, { data }: Blob): void {
  mkdirSync(join(path, '..'), { recursive: true, mode: 0o700 });
  const temporary = `${path}.again`;
  const file = openSync(temporary, 'w', 0o600);
  try {
    writeSync(file, zstdCompressSync(data));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
  syncFolderNow(join(path, '..'));
}

/** Within a transaction: removes the file of a content that has no row. */
export function removeFile(connection: Connection, digest: string): void {
  if (isStored(connection, Buffer.from(digest, 'hex'))) return;
  rmSync(filePath(connection.folder, digest), { force: true });
}

const compress: (data: Uint8Array) => Promise<Uint8Array> = promisify(zstdCompress);

/** Makes new names in a folder durable. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function filePath(folder: string, digest: string): string {
  return join(folder, 'blobs', digest.slice(0, 2), digest);
}
