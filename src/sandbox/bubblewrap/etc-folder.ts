/**
 * A copy of what of `/etc` programs need: one folder to mount instead of twenty files, and mounting is what
 * a sandbox spends its time on. Made anew when one of them has changed.
 */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** Another way of making it is another folder. */
const VERSION = 1;
const KEY_LENGTH = 16;

/**
 * The copy’s path below `folder`; undefined where it would not be the same (a link to what is not mounted,
 * a file that may not be read). `files`: absolute, below `etc`. `newName`: used once.
 */
export function etcFolderIn(
  folder: string,
  files: readonly string[],
  newName: () => string,
  etc = '/etc',
): string | undefined {
  try {
    const copy = join(folder, `etc-${keyOf(files)}`);
    if (existsSync(copy)) return copy;
    if (files.some(leadsElsewhere)) return undefined;
    const young = join(folder, `etc-new-${newName()}`);
    for (const file of files) {
      const at = join(young, relative(etc, file));
      mkdirSync(dirname(at), { recursive: true });
      cpSync(file, at, { recursive: true, verbatimSymlinks: true });
    }
    // Where the network is allowed the real one is mounted here.
    writeFileSync(join(young, 'resolv.conf'), '');
    return settle(young, copy);
  } catch {
    return undefined;
  }
}

/** Another run may have been quicker. */
function settle(young: string, copy: string): string {
  try {
    renameSync(young, copy);
  } catch (error) {
    rmSync(young, { recursive: true, force: true });
    if (!existsSync(copy)) throw error;
  }
  return copy;
}

function keyOf(files: readonly string[]): string {
  const states = files.map((file) => {
    const { mtimeMs, size, ino, mode } = lstatSync(file);
    return [file, mtimeMs, size, ino, mode];
  });
  const text = JSON.stringify([VERSION, process.getuid?.() ?? 0, states]);
  return createHash('sha256').update(text).digest('hex').slice(0, KEY_LENGTH);
}

/** Whether a link in it leads to what the sandbox does not have. */
function leadsElsewhere(path: string): boolean {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) {
    const target = readlinkSync(path);
    return target.startsWith('/') && !/^\/(?:usr|etc)\//.test(target);
  }
  if (!stat.isDirectory()) return false;
  return readdirSync(path).some((name) => leadsElsewhere(join(path, name)));
}
