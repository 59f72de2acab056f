/** One folder of a commit: a tree object, its entries by name. */
import type { BytePath } from './byte-path.ts';

export interface TreeEntry {
  /** As tree objects have it: `40000` · `100644` · `100755` · `120000` · `160000`. */
  readonly mode: string;
  readonly object: string;
}

export type TreeFolder = ReadonlyMap<BytePath, TreeEntry>;

export const FOLDER_MODE = '40000';

/** `nameBytes`: of an object name, 20 or 32. */
export function parseFolder(data: Buffer, nameBytes: number): TreeFolder {
  const folder = new Map<BytePath, TreeEntry>();
  for (let at = 0; at < data.length; ) {
    const space = data.indexOf(0x20, at);
    const end = data.indexOf(0, space);
    const name = data.toString('latin1', space + 1, end);
    const next = end + 1 + nameBytes;
    const object = data.toString('hex', end + 1, next);
    folder.set(name, { mode: data.toString('latin1', at, space), object });
    at = next;
  }
  return folder;
}

/** Sorted as git wants it: a folder as if its name ended in a slash. */
export function folderBytes(folder: TreeFolder): Buffer {
  const key = ([name, { mode }]: readonly [BytePath, TreeEntry]): string =>
    mode === FOLDER_MODE ? `${name}/` : name;
  const sorted = [...folder].sort((a, b) => (key(a) < key(b) ? -1 : 1));
  return Buffer.concat(
    sorted.flatMap(([name, { mode, object }]) => [
      Buffer.from(`${mode} ${name}\0`, 'latin1'),
      Buffer.from(object, 'hex'),
    ]),
  );
}
