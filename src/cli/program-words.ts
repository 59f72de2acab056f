/** How this program was called, so that commands it recommends can be copied and run. */
import { basename, relative, sep } from 'node:path';
import { printable } from '../base/printable.ts';

/** `whaleflow`, `npx whaleflow`, or `node dist/cli.js` where it was started by its file. */
export function programWords(cwd: string): string {
  const entry = process.argv[1] ?? '';
  const name = basename(entry);
  if (name === 'cli.js' || name === 'cli.ts') {
    const node = isBelow(cwd, process.execPath) ? near(cwd, process.execPath) : 'node';
    return `${shellWord(node)} ${shellWord(near(cwd, entry))}`;
  }
  if (name !== 'whaleflow' && name !== 'wf') return 'whaleflow';
  return entry.includes(`${sep}node_modules${sep}`) ? `npx ${name}` : name;
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
