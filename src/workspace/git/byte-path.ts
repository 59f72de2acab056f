/**
 * Paths inside of a repository are bytes, not text. Inside this folder they are strings with one character
 * a byte (latin1), so that they can be keys, be split and be sorted, and no name is lost.
 */

/** Repository path, one character a byte, `/` between the parts. */
export type BytePath = string;

/** The records of a `-z` listing. */
export function splitRecords(stdout: Buffer): string[] {
  const records = stdout.toString('latin1').split('\0');
  records.pop();
  return records;
}

/** A `-z` list for git to read. */
export function toRecords(paths: readonly BytePath[]): Buffer {
  return Buffer.from(paths.map((path) => `${path}\0`).join(''), 'latin1');
}

/** Path for node:fs. */
export function toFile(root: string, path: BytePath): Buffer {
  return Buffer.concat([Buffer.from(`${root}/`), Buffer.from(path, 'latin1')]);
}

/** Text of a path: UTF-8 as it is, anything else in git's quoted form (`"caf\351"`). */
export function toText(path: BytePath): string {
  const bytes = Buffer.from(path, 'latin1');
  const text = bytes.toString('utf8');
  if (Buffer.from(text).equals(bytes)) return text;
  const quoted = path.replaceAll(/[\x80-\xff"\\]/g, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x80 ? `\\${character}` : `\\${code.toString(8)}`;
  });
  return `"${quoted}"`;
}

/** Folders above a path, nearest first: `a/b/c` → `a/b`, `a`. */
export function foldersAbove(path: BytePath): BytePath[] {
  const parts = path.split('/');
  return parts.slice(1).map((_, index) => parts.slice(0, parts.length - 1 - index).join('/'));
}
