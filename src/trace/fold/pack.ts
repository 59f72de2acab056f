import { promisify } from 'node:util';
import { zstdCompress, zstdDecompressSync } from 'node:zlib';

const MAX_PART_BYTES = 1024 * 1024 * 1024;
const compress = promisify(zstdCompress);

/** A part of a snapshot as it is stored; compressed off the main thread. */
export function packPart(part: unknown): Promise<Uint8Array> {
  return compress(JSON.stringify(part));
}

/** The JSON text of a stored part. @throws {Error} when it is no packed part. */
export function unpackPart(stored: Uint8Array): string {
  return zstdDecompressSync(stored, { maxOutputLength: MAX_PART_BYTES }).toString();
}
