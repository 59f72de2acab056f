import { open } from 'node:fs/promises';
import { indexOf } from './private-git-folder.ts';

const HEADER_BYTES = 12;
const COUNT_AT = 8;

/** Number of files in the index of a git folder, by its header (gitformat-index(5)); 0 where it has none. */
export async function readIndexCount(gitFolder: string): Promise<number> {
  const file = await open(indexOf(gitFolder)).catch(() => undefined);
  if (file === undefined) return 0;
  try {
    const header = Buffer.alloc(HEADER_BYTES);
    const { bytesRead } = await file.read(header, 0, HEADER_BYTES, 0);
    const isIndex = bytesRead === HEADER_BYTES && header.toString('latin1', 0, 4) === 'DIRC';
    return isIndex ? header.readUInt32BE(COUNT_AT) : 0;
  } finally {
    await file.close();
  }
}
