/** How this program was called, so that commands it recommends can be copied and run. */
import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { delimiter, dirname, join, relative, sep } from 'node:path';
import { printable } from '../base/printable.ts';

export interface Program {
  /** The script that was started: the second word of the process. */
  readonly entry: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

const OWN = 'whaleflow';
/** A script of a few lines starts us, as in the folder of the demo. */
const MAX_SCRIPT_BYTES = 4096;

/**
 * What can be typed for this program: `whaleflow` where the path leads to it, `./whaleflow` where a script
 * here does, `npx whaleflow` (or as another package manager has it) where it is installed around this folder
 * or came by it, else its own file. In a built clone npx finds it; from outside of one it is called by its
 * name, which is an alias there.
 */
export function programWords({ entry, cwd, env }: Program): string {
  const own = realOf(entry);
  const name = nameOnPath({ entry, env });
  if (name !== undefined) return name;
  if (startsUs(join(cwd, OWN), entry)) return `./${OWN}`;
  const [project, ...below] = own.split(`${sep}node_modules${sep}`);
  if (below.length > 0 && project !== undefined) {
    const isAround = isBelow(realOf(project), realOf(cwd));
    if (isAround || env['npm_command'] === 'exec') return runnerOf(env, isAround);
    if (dirname(entry).endsWith(`${sep}.bin`)) return shellWord(near(cwd, entry));
  }
  const clone = dirname(dirname(own));
  const isClone = existsSync(join(clone, 'node_modules', '.bin', 'node'));
  return isClone && isBelow(clone, realOf(cwd)) ? `npx ${OWN}` : OWN;
}

/** The name by which the path leads to us. */
export function nameOnPath({ entry, env }: Omit<Program, 'cwd'>): string | undefined {
  const own = realOf(entry);
  return [OWN, 'wf'].find((name) => realOf(firstOnPath(name, env['PATH'] ?? '') ?? '') === own);
}

/** By the package manager that started us; npm’s where none did. */
function runnerOf(env: Program['env'], isInstalled: boolean): string {
  const agent = env['npm_config_user_agent']?.split('/')[0];
  if (agent === 'pnpm') return `pnpm ${isInstalled ? 'exec' : 'dlx'} ${OWN}`;
  if (agent === 'yarn') return isInstalled ? `yarn ${OWN}` : `yarn dlx ${OWN}`;
  return agent === 'bun' ? `bunx ${OWN}` : `npx ${OWN}`;
}

function startsUs(script: string, entry: string): boolean {
  const found = statSync(script, { throwIfNoEntry: false });
  if (found?.isFile() !== true || found.size > MAX_SCRIPT_BYTES) return false;
  return readFileSync(script, 'utf8').includes(shellQuoted(entry));
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
  if (printable(text) === text) return shellQuoted(text);
  return `$'${Array.from(text, escaped).join('')}'`;
}

/** In quotes, whatever it is. */
const shellQuoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

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

/** A file as it is typed from a folder: short where it lies below. */
export const near = (cwd: string, path: string): string =>
  isBelow(cwd, path) ? relative(cwd, path) : path;
