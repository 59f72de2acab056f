/** How this program was called, so that commands it recommends can be copied and run. */
import { existsSync, realpathSync } from 'node:fs';
import { delimiter, join, relative, sep } from 'node:path';
import { printable } from '../base/printable.ts';

export interface Program {
  /** The script that was started: the second word of the process. */
  readonly entry: string;
  /** The Node that runs it. */
  readonly node: string;
  readonly cwd: string;
  readonly path: string;
}

/**
 * What can be typed for this program: `whaleflow` where the path leads to it, `npx whaleflow` where it
 * lies in `node_modules`, else this Node and the script.
 */
export function programWords({ entry, node, cwd, path }: Program): string {
  const own = realOf(entry);
  const leadsTo = (name: string, file: string): boolean =>
    realOf(firstOnPath(name, path) ?? '') === file;
  for (const name of ['whaleflow', 'wf']) if (leadsTo(name, own)) return name;
  if (entry.split(sep).includes('node_modules')) return 'npx whaleflow';
  const words = [leadsTo('node', realOf(node)) ? 'node' : near(cwd, node), near(cwd, entry)];
  return words.map(shellWord).join(' ');
}

function firstOnPath(name: string, path: string): string | undefined {
  // What npm puts on the path of its scripts is not there in the shell of a person.
  const folders = path.split(delimiter).filter((one) => !one.includes('node_modules'));
  const files = folders.map((folder) => join(folder, name));
  return files.find((file) => existsSync(file));
}

function realOf(file: string): string {
  return existsSync(file) ? realpathSync(file) : file;
}

/**
 * A word for a shell, which is printed as it is: what cannot be seen is written in the escapes of
 * `$'…'` (bash, zsh and most others).
 */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-][\w@%+=:,./#-]*$/.test(text)) return text;
  if (printable(text) === text) return `'${text.replaceAll("'", "'\\''")}'`;
  return `$'${Array.from(text, escaped).join('')}'`;
}

function escaped(character: string): string {
  if (character === '\n') return '\\n';
  if (character === "'" || character === '\\') return `\\${character}`;
  if (printable(character) === character) return character;
  return `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, '0')}`;
}

/** `whaleflow …` as it was typed, with what was missing added. */
export function commandLine(argv: readonly string[], missing: readonly string[]): string {
  const end = argv.indexOf('--');
  const at = end < 0 ? argv.length : end;
  const words = [...argv.slice(0, at), ...missing, ...argv.slice(at)];
  return ['whaleflow', ...words.map(shellWord)].join(' ');
}

const isBelow = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

const near = (cwd: string, path: string): string =>
  isBelow(cwd, path) ? relative(cwd, path) : path;
