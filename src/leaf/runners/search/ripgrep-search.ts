/** The search by ripgrep, through the sandbox; its answers are read as they come. */
import { isJsonObject, type Json } from '../../../base/json.ts';
import type { ProcessReport, Sandbox } from '../../../sandbox/sandbox.ts';
import {
  MAX_FILE_BYTES,
  type SearchMatch,
  type SearchQuery,
  SearchResult,
  searchMatch,
} from './search-match.ts';
import type { SearchStart } from './search-starts.ts';

export interface RipgrepParts {
  readonly root: string;
  readonly sandbox: Sandbox;
  readonly path: string;
  readonly starts: readonly SearchStart[];
}

export type RipgrepEnd =
  | { readonly status: 'found'; readonly result: SearchResult }
  /** Not there, another program of its name, or killed. */
  | { readonly status: 'absent' }
  | { readonly status: 'refused'; readonly message: string };

const TIMEOUT_MS = 120_000;
const NEWLINE = 0x0a;
const KEPT_ERROR_BYTES = 16 * 1024;
const FAILED = 2;
const NO_SUCH_COMMAND = 127;

export async function ripgrepSearch(
  query: SearchQuery,
  { root, sandbox, path, starts }: RipgrepParts,
  signal: AbortSignal,
): Promise<RipgrepEnd> {
  const result = new SearchResult(query);
  const enough = new AbortController();
  const reader = new RipgrepReader(result, () => enough.abort());
  const ends = AbortSignal.any([signal, enough.signal]);
  const report = await sandbox.run(
    {
      argv: [
        'rg',
        ...flags(query),
        '-e',
        query.text,
        '--',
        ...starts.map((one) => `./${one.path}`),
      ],
      root,
      cwd: root,
      env: { PATH: path },
      timeoutMs: TIMEOUT_MS,
      maxOutputBytes: KEPT_ERROR_BYTES,
      writable: [],
      scratch: [],
      network: false,
      onOutput: (stream, chunk) => {
        if (stream === 'stdout') reader.add(chunk);
      },
    },
    ends,
  );
  return toEnd(report, result, reader.isWhole || ends.aborted);
}

/** Nothing but the tree decides what is searched: no user config, no ignore files outside of it. */
function flags({ isRegex, caseSensitive }: SearchQuery): readonly string[] {
  return [
    '--json',
    '--no-config',
    '--sort=path',
    '--hidden',
    '--glob=!.git',
    '--no-require-git',
    '--no-ignore-dot',
    '--no-ignore-exclude',
    '--no-ignore-global',
    '--no-ignore-parent',
    '--no-messages',
    '--encoding=none',
    `--max-filesize=${MAX_FILE_BYTES}`,
    caseSensitive ? '--case-sensitive' : '--ignore-case',
    ...(isRegex ? [] : ['--fixed-strings']),
  ];
}

/** `isDone`: it said so, or was ended by us. */
function toEnd(report: ProcessReport, result: SearchResult, isDone: boolean): RipgrepEnd {
  if (report.spawnError !== undefined || report.exitCode === NO_SUCH_COMMAND) {
    return { status: 'absent' };
  }
  // So it ends, too, where a file cannot be read: but then it has searched the others.
  if (report.exitCode === FAILED && !isDone) {
    const said = new TextDecoder().decode(report.stderr.head).trim();
    return { status: 'refused', message: said || 'ripgrep does not say what is wrong' };
  }
  if (report.timedOut) result.markTruncated();
  else if (!isDone) return { status: 'absent' };
  return { status: 'found', result };
}

/** Reads the messages of `rg --json`; a file counts once it has been searched to its end. */
class RipgrepReader {
  readonly #result: SearchResult;
  readonly #onFull: () => void;
  #rest: Uint8Array[] = [];
  #matches: SearchMatch[] = [];
  #isWhole = false;

  constructor(result: SearchResult, onFull: () => void) {
    this.#result = result;
    this.#onFull = onFull;
  }

  /** Its last message has come. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  add(chunk: Uint8Array): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      const line = Buffer.concat([...this.#rest, chunk.subarray(start, end)]).toString();
      this.#rest = [];
      start = end + 1;
      if (!this.#result.isFull) this.#read(saidIn(line));
    }
    if (start < chunk.length) this.#rest.push(chunk.slice(start));
  }

  #read(message: Json | undefined): void {
    if (message === undefined || !isJsonObject(message) || !isJsonObject(message['data'])) return;
    const { type, data } = message;
    if (type === 'summary') this.#isWhole = true;
    if (type === 'match') this.#addMatch(data);
    if (type !== 'end') return;
    // A file with a zero byte is binary, wherever that stands.
    if (data['binary_offset'] === null) this.#result.add(this.#matches);
    this.#matches = [];
    if (this.#result.isFull) this.#onFull();
  }

  #addMatch(data: Readonly<Record<string, Json>>): void {
    const path = textOf(data['path'])?.replace(/^\.\//, '');
    const line = bytesOf(data['lines']);
    const [first] = Array.isArray(data['submatches']) ? data['submatches'] : [];
    if (path === undefined || line === undefined || !isJsonObject(first)) return;
    if (!this.#result.wants(path)) return;
    const before = decode(line.subarray(0, Number(first['start'])));
    const text = decode(line).replace(/\r?\n?$/, '');
    const number = Number(data['line_number']);
    this.#matches.push(searchMatch(path, number, before.length + 1, text));
  }
}

/** Undefined for what ripgrep does not say. */
function saidIn(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json;
  } catch {
    return undefined;
  }
}

/** Absent where it is no UTF-8: such names cannot be told to anyone. */
function textOf(value: Json | undefined): string | undefined {
  return isJsonObject(value) && typeof value['text'] === 'string' ? value['text'] : undefined;
}

function bytesOf(value: Json | undefined): Uint8Array | undefined {
  if (!isJsonObject(value)) return undefined;
  const { text, bytes } = value;
  if (typeof text === 'string') return Buffer.from(text);
  return typeof bytes === 'string' ? Buffer.from(bytes, 'base64') : undefined;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}
