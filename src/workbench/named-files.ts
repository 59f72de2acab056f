/**
 * The files of a repository that its config names: the program of a hook, the script that it is given. They
 * are run as that config is, so that they are part of what is trusted. What such a file loads in turn is not
 * looked into.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync, statSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import { digestText } from '../workflow/digest.ts';

export interface NamedFile {
  /** From the root of the repository, as it is named. */
  readonly path: string;
  /** Of its content, and of where links lead; only the latter where that is outside. */
  readonly digest: string;
}

/** Tables whose words name what is run. */
const RUNNING = ['hooks', 'agents', 'mcp'] as const;
/** More words than a file of settings of its size limit has. */
const MAX_WORDS = 20_000;
const MAX_FOLDERS = 16;

/** All texts of a config by which something of the repository may be run. */
export function runningTexts(table: Readonly<Record<string, unknown>>): readonly string[] {
  const { workspace } = table;
  const setup = isRecord(workspace) ? workspace['setup'] : undefined;
  return [...RUNNING.map((name) => table[name]), setup].flatMap((value) => [...textsIn(value)]);
}

function* textsIn(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value;
  else if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) yield* textsIn(inner);
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/**
 * What is there of what these texts name, in order of their names; also from a folder that they name, as in
 * `cd hooks && ./guard.sh`. A file that comes is one more.
 */
export function namedFiles(root: string, texts: readonly string[]): readonly NamedFile[] {
  const real = realpathSync(root);
  const words = [...new Set(texts.flatMap(wordsOf))].slice(0, MAX_WORDS);
  const places = words.map((word) => resolve(real, word)).filter((place) => isBelow(real, place));
  const folders = [...new Set(places)].filter(isFolder).slice(0, MAX_FOLDERS);
  const found = new Map<string, NamedFile>();
  for (const folder of [real, ...folders]) {
    for (const word of words) {
      const file = namedFile(real, resolve(folder, word));
      if (file !== undefined) found.set(file.path, file);
    }
  }
  return [...found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

export function digestNamed(files: readonly NamedFile[]): string {
  return digestText(files.map(({ path, digest }) => `${digest} ${path}\n`).join(''));
}

const BETWEEN_WORDS = /[\s'"`;|&()<>{}$=,:]+/;

/** Of a line for a shell too: `cd "$PWD" && ./hooks/guard.sh --rules=hooks/rules.json`. */
function wordsOf(text: string): readonly string[] {
  const words = [text, ...text.split(BETWEEN_WORDS)].filter((word) => word !== '');
  // What stands before the first slash may be a variable: `$ROOT/hooks/guard.sh`.
  return words.flatMap((word) => [word, word.slice(word.indexOf('/') + 1)]);
}

/** False also for what cannot be looked at, and for what is no path at all. */
function isFolder(place: string): boolean {
  try {
    return statSync(place).isDirectory();
  } catch {
    return false;
  }
}

function namedFile(root: string, place: string): NamedFile | undefined {
  if (!isBelow(root, place)) return undefined;
  try {
    const real = realpathSync(place);
    if (!statSync(real).isFile()) return undefined;
    const content = isBelow(root, real) ? digestFile(real) : '';
    return {
      path: relative(root, place),
      digest: digestText(`${relative(root, real)}\n${content}`),
    };
  } catch {
    return undefined;
  }
}

const isBelow = (root: string, place: string): boolean =>
  place.startsWith(root.endsWith(sep) ? root : root + sep);

const CHUNK_BYTES = 64 * 1024;

/** Of any size: nobody says how large a program is. */
function digestFile(path: string): string {
  const hash = createHash('sha256');
  const chunk = Buffer.alloc(CHUNK_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let read = -1; read !== 0; ) {
      read = readSync(file, chunk);
      hash.update(chunk.subarray(0, read));
    }
  } finally {
    closeSync(file);
  }
  return hash.digest('hex');
}
