/**
 * The search without ripgrep: walks the tree in order, honours `.gitignore` files, and looks for a
 * literal text. Regular expressions are ripgrep’s alone: its engine is linear, ours could be made to hang.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';
import {
  compareNames,
  MAX_FILE_BYTES,
  type SearchMatch,
  type SearchQuery,
  SearchResult,
  searchMatch,
} from './search-match.ts';
import type { SearchStart } from './search-starts.ts';

/** The rules of one `.gitignore`, for paths below its folder. */
interface IgnoreFile {
  /** `''`, or a path that ends in `/`. */
  readonly below: string;
  readonly rules: Ignore;
}

/** Files that one search looks at; past them it says that there may be more. */
const MAX_FILES = 200_000;

export async function walkSearch(
  root: string,
  starts: readonly SearchStart[],
  query: SearchQuery,
  signal: AbortSignal,
): Promise<SearchResult> {
  const result = new SearchResult(query);
  const find = lineFinder(query);
  let files = 0;
  for (const start of starts) {
    const place = await placeOf(root, start);
    if (place === undefined) continue;
    for await (const path of walk(place.folder, place.from, signal)) {
      files += 1;
      if (files > MAX_FILES) result.markTruncated();
      if (result.isFull || signal.aborted) return result;
      if (!result.wants(place.above + path)) continue;
      const text = await textOf(join(place.folder, path));
      if (text !== undefined) result.add(find(place.above + path, text));
    }
  }
  return result;
}

interface WalkPlace {
  readonly folder: string;
  /** Path below it. */
  readonly from: string;
  /** What its paths begin with in the tree. */
  readonly above: string;
}

/** Undefined where it is not there, or a link leads out of its folder. */
async function placeOf(
  root: string,
  { path, linked }: SearchStart,
): Promise<WalkPlace | undefined> {
  if (linked === undefined) return { folder: root, from: '', above: '' };
  const from = path.slice(linked.path.length + 1);
  const folder = await realpath(linked.target).catch(() => undefined);
  const real = await realpath(join(linked.target, from)).catch(() => undefined);
  const isInside = folder !== undefined && `${real}/`.startsWith(`${folder}/`);
  return isInside ? { folder, from, above: `${linked.path}/` } : undefined;
}

/** Paths of regular files that git would not ignore, in order. Folders left to do are on a stack. */
async function* walk(root: string, from: string, signal: AbortSignal): AsyncGenerator<string> {
  interface Entry {
    readonly path: string;
    readonly isFolder: boolean;
    readonly ignores: readonly IgnoreFile[];
  }
  const isFolder = (await stat(join(root, from)).catch(() => undefined))?.isDirectory() === true;
  const stack: Entry[] = [{ path: from, isFolder, ignores: [] }];
  for (let entry = stack.pop(); entry !== undefined && !signal.aborted; entry = stack.pop()) {
    if (!entry.isFolder) {
      yield entry.path;
      continue;
    }
    const below = entry.path === '' ? '' : `${entry.path}/`;
    const ignores = [...entry.ignores, ...(await readIgnores(root, below))];
    const inside = await readdir(join(root, entry.path), { withFileTypes: true }).catch(() => []);
    const entries = inside
      .filter((one) => one.name !== '.git' && !one.name.includes('\ufffd'))
      .filter((one) => one.isFile() || one.isDirectory())
      .map((one) => ({ path: below + one.name, isFolder: one.isDirectory(), ignores }))
      .filter(({ path, isFolder }) => !isIgnored(path, isFolder, ignores))
      .sort((a, b) => compareNames(b.path, a.path));
    stack.push(...entries);
  }
}

async function readIgnores(root: string, below: string): Promise<readonly IgnoreFile[]> {
  const text = await readFile(join(root, below, '.gitignore'), 'utf8').catch(() => undefined);
  return text === undefined ? [] : [{ below, rules: ignore({ ignorecase: false }).add(text) }];
}

/** The innermost file that says something about a path decides. */
function isIgnored(path: string, isFolder: boolean, ignores: readonly IgnoreFile[]): boolean {
  for (const { below, rules } of ignores.toReversed()) {
    const { ignored, unignored } = rules.test(path.slice(below.length) + (isFolder ? '/' : ''));
    if (ignored || unignored) return ignored;
  }
  return false;
}

/** The text of a file, or undefined when it is binary, too large or cannot be read. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    if ((await stat(file)).size > MAX_FILE_BYTES) return undefined;
    const bytes = await readFile(file);
    return bytes.includes(0)
      ? undefined
      : new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function lineFinder(query: SearchQuery): (path: string, text: string) => readonly SearchMatch[] {
  const literal = query.text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  const expression = new RegExp(literal, query.caseSensitive ? 'u' : 'iu');
  return (path, text) =>
    text.split('\n').flatMap((written, index) => {
      const line = written.replace(/\r$/, '');
      const at = line.search(expression);
      return at < 0 ? [] : [searchMatch(path, index + 1, at + 1, line)];
    });
}
