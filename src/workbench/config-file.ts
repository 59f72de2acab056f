/** One file of the configuration, parsed, with the line of every key in it. */
import { readFileSync, statSync } from 'node:fs';
import { WhaleFlowError } from '../base/errors.ts';
import { loadToml } from './load-toml.ts';

export interface ConfigFile {
  readonly path: string;
  readonly table: Readonly<Record<string, unknown>>;
  /** Whose it is: a repository may only add and tighten. */
  readonly owner: 'user' | 'project';
  /** Line of a key, from 1; 1 where it cannot be told. */
  lineOf(...key: readonly string[]): number;
}

const MAX_FILE_BYTES = 65_536;

/** @throws {WhaleFlowError} WF2007 naming the file and line. */
export function readConfigFile(path: string, owner: ConfigFile['owner']): ConfigFile {
  const { size } = statSync(path);
  if (size > MAX_FILE_BYTES) {
    throw new WhaleFlowError('WF2007', `${path} has ${size} bytes, more than ${MAX_FILE_BYTES}`, {
      hint: 'is it the right file? whaleflow config path',
    });
  }
  return parseConfigFile(path, readFileSync(path, 'utf8'), owner);
}

/** As it would be read from the file of that path. @throws {WhaleFlowError} WF2007 */
export function parseConfigFile(
  path: string,
  text: string,
  owner: ConfigFile['owner'],
): ConfigFile {
  const { parse, TomlError } = loadToml();
  try {
    const lines = linesOf(text);
    return {
      path,
      owner,
      table: parse(text),
      lineOf: (...key) => lines.get(JSON.stringify(key)) ?? 1,
    };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [message = 'not TOML'] = error.message.split('\n');
    const span = { file: path, line: error.line, column: error.column };
    throw new WhaleFlowError('WF2007', `${path}:${error.line} is not TOML`, {
      diagnostics: [{ code: 'WF2007', severity: 'error', message, span }],
    });
  }
}

const HEADER = /^\s*\[([^[\]].*)\]\s*(?:#.*)?$/;
const PART = /\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([\w-]+))\s*(?:\.|$|(?==))/y;

/** Where tables and keys begin, by their names as JSON; what stands inside of values is not looked at. */
function linesOf(text: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: readonly string[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    const header = HEADER.exec(line)?.[1];
    if (header !== undefined) table = namesIn(header);
    const names = header === undefined && line.includes('=') ? namesIn(line) : [];
    const key = [...table, ...names];
    for (let length = 1; length <= key.length; length += 1) {
      const name = JSON.stringify(key.slice(0, length));
      if (!lines.has(name)) lines.set(name, index + 1);
    }
  }
  return lines;
}

/** The dotted name that a text begins with. */
function namesIn(text: string): readonly string[] {
  const names: string[] = [];
  PART.lastIndex = 0;
  for (let match = PART.exec(text); match !== null; match = PART.exec(text)) {
    names.push(match[1] ?? match[2] ?? match[3] ?? '');
    if (!match[0].endsWith('.')) break;
  }
  return names;
}
