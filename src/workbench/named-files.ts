/**
 * The files of a repository that its config names: the program of a hook, the script that it is given, the
 * script of `package.json` that npm is to run. They are run as that config is, so that they are part of what is
 * trusted. What such a file loads in turn is not looked into.
 */
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative, resolve, sep } from 'node:path';
import { digestText } from '../workflow/digest.ts';
import { filesOfRunners, runsFolders, scriptsOf } from './named-scripts.ts';

export interface NamedFile {
  /** From the root of the repository, as it is named; `package.json#NAME` for a script of it. */
  readonly path: string;
  /** Of its content, and of where links lead; only the latter where that is outside. */
  readonly digest: string;
}

/** Tables whose words name what is run. */
const RUNNING = ['hooks', 'agents', 'mcp'] as const;
/** More words than a file of settings of its size limit has. */
const MAX_WORDS = 20_000;
/** More words than all scripts have that a config has run: nobody has read those of a repository beforehand. */
const MAX_SCRIPT_WORDS = 1_000;
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

/** What runs where a folder is named as a program. */
const MAINS = ['package.json', 'index.js', 'index.mjs', 'index.cjs', 'index.ts', '__main__.py'];
/** What need not be typed of the name of a program. */
const LEFT_OUT = ['.js', '.ts'];
/** Scripts that run scripts. */
const MAX_ROUNDS = 8;

/** What was found, and where it was looked for. */
interface Search {
  readonly root: string;
  readonly words: Set<string>;
  readonly tried: Set<string>;
  readonly found: Map<string, NamedFile>;
}

/**
 * What is there of what these texts name, in order of their names; also from a folder that they name, as in
 * `cd hooks && ./guard.sh`, and what the scripts that they name name in turn. A file that comes is one more.
 */
export function namedFiles(root: string, texts: readonly string[]): readonly NamedFile[] {
  const words = new Set([...new Set(texts.flatMap(wordsOf))].slice(0, MAX_WORDS));
  const search = { root: realpathSync(root), words, tried: new Set<string>(), found: new Map() };
  const most = words.size + MAX_SCRIPT_WORDS;
  for (let round = 0, isMore = true; round < MAX_ROUNDS && isMore; round += 1) {
    const before = search.found.size;
    const lines = collectNamed(search);
    isMore = search.found.size > before;
    for (const word of lines.flatMap(wordsOf)) if (words.size < most) words.add(word);
  }
  return [...search.found.values()].toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** Adds what the words name; returns the lines of scripts among it. */
function collectNamed({ root, words: all, tried, found }: Search): readonly string[] {
  const lines: string[] = [];
  const words = [...all];
  const read = filesOfRunners(words);
  const isProgram = runsFolders(words) && words.some((word) => word !== '' && isRoot(root, word));
  for (const folder of [root, ...namedFolders(root, words)]) {
    const places = words.map((word) => resolve(folder, word));
    const below = places.filter((place) => isBelow(root, place) && isNew(tried, place));
    const files = [...below.flatMap(programsAt), ...read.map((name) => join(folder, name))];
    if (isProgram && folder === root) files.push(...mainsIn(root).filter((one) => !isPackage(one)));
    for (const place of files) {
      const file = namedFile(root, place);
      if (file !== undefined) found.set(file.path, file);
    }
    const isNamed = folder !== root || isProgram;
    for (const { place, line } of scriptsOf(folder, words, { isNamed })) {
      const path = `${relative(root, join(folder, 'package.json'))}${place}`;
      found.set(path, { path, digest: digestText(line) });
      lines.push(line);
    }
  }
  return lines;
}

const isRoot = (root: string, word: string): boolean => resolve(root, word) === root;
/** Of the root only its program counts: what it depends on asks for no new trust. */
const isPackage = (place: string): boolean => place.endsWith(`${sep}package.json`);
const mainsIn = (folder: string): readonly string[] => MAINS.map((name) => join(folder, name));

function isNew(tried: Set<string>, place: string): boolean {
  const before = tried.size;
  return tried.add(place).size > before;
}

function programsAt(place: string): readonly string[] {
  const stats = statsOf(place);
  if (stats === undefined) return LEFT_OUT.map((ending) => `${place}${ending}`).filter(isThere);
  return stats.isDirectory() ? mainsIn(place) : [place];
}

/** Folders of the repository that these words name: of what lies in them only what is named is looked at. */
function namedFolders(root: string, words: readonly string[]): readonly string[] {
  const places = words.map((word) => resolve(root, word)).filter((place) => isBelow(root, place));
  return [...new Set(places)].filter(isFolder).slice(0, MAX_FOLDERS);
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

const isFolder = (place: string): boolean => statsOf(place)?.isDirectory() ?? false;
const isThere = (place: string): boolean => statsOf(place) !== undefined;

/** Undefined also for what cannot be looked at, and for what is no path at all. */
function statsOf(place: string): Stats | undefined {
  try {
    return statSync(place, { throwIfNoEntry: false });
  } catch {
    return undefined;
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
