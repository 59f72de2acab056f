/** What a search gives, whichever engine found it. */
import { matchesPath } from '../../../base/glob.ts';
import type { Json } from '../../../base/json.ts';

/** One line that matches: where its first match begins. */
export interface SearchMatch {
  /** Repository path with `/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units, as editors count. */
  readonly column: number;
  /** The line, cut where it is long. */
  readonly text: string;
}

export interface SearchQuery {
  readonly text: string;
  readonly isRegex: boolean;
  readonly caseSensitive: boolean;
  /** Globs of paths; all where absent. */
  readonly files: readonly string[] | undefined;
  readonly maxMatches: number;
}

/** Files that are larger are not searched. */
export const MAX_FILE_BYTES: number = 4 * 1024 * 1024;
const MAX_TEXT_CHARACTERS = 400;
/** Characters that a cut line shows before its match. */
const LEAD_CHARACTERS = 100;

/** Collects matches in the order of their paths, until there are more than wanted. */
export class SearchResult {
  readonly #query: SearchQuery;
  readonly #matches: SearchMatch[] = [];
  readonly #files = new Set<string>();
  #truncated = false;

  constructor(query: SearchQuery) {
    this.#query = query;
  }

  /** All that is wanted is there. */
  get isFull(): boolean {
    return this.#truncated;
  }

  wants(path: string): boolean {
    const { files } = this.#query;
    return files === undefined || files.some((glob) => matchesPath(glob, path));
  }

  /** The matches of one file, by line; those of a file that was searched before are left out. */
  add(matches: readonly SearchMatch[]): void {
    const [first] = matches;
    if (first === undefined || this.#files.has(first.path)) return;
    this.#files.add(first.path);
    const room = this.#query.maxMatches - this.#matches.length;
    this.#matches.push(...matches.slice(0, room));
    if (matches.length > room) this.#truncated = true;
  }

  /** There may be more that was not looked at. */
  markTruncated(): void {
    this.#truncated = true;
  }

  /** A line a match, as `grep -n` has it. */
  toText(): string {
    const lines = this.#matches.map(({ path, line, text }) => `${path}:${line}: ${text}`);
    const more = this.#truncated ? ['[there may be more]'] : [];
    return lines.length === 0 ? '(no match)' : [...lines, ...more].join('\n');
  }

  toOutput(): Json {
    return {
      matches: this.#matches.map((match) => ({ ...match })),
      files: [...new Set(this.#matches.map(({ path }) => path))],
      count: this.#matches.length,
      truncated: this.#truncated,
    };
  }
}

/** A match in a line without its end; `column` from 1. */
export function searchMatch(path: string, line: number, column: number, text: string): SearchMatch {
  const start = text.length <= MAX_TEXT_CHARACTERS ? 0 : Math.max(0, column - 1 - LEAD_CHARACTERS);
  const shown = text.slice(start, start + MAX_TEXT_CHARACTERS).toWellFormed();
  return { path, line, column, text: shown };
}

/** The order in which folders are walked: segment by segment, by bytes. */
export function compareNames(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
