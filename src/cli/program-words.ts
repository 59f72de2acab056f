/** How this program was called, so that commands it recommends can be copied and run. */
import { basename, relative, sep } from 'node:path';

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

/** A word for a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

const isBelow = (folder: string, path: string): boolean => !relative(folder, path).startsWith('..');

const near = (cwd: string, path: string): string =>
  isBelow(cwd, path) ? relative(cwd, path) : path;
