/** Looks at what of the system’s files this machine has, for the root of a confined process. */
import { existsSync, lstatSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { ETC_FILES, type SystemFiles } from './profile.ts';

const ROOT_NAMES = ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32'] as const;

export function findSystemFiles(): SystemFiles {
  const links: (readonly [string, string])[] = [];
  const folders = ['/usr'];
  for (const name of ROOT_NAMES) {
    const at = `/${name}`;
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat === undefined) continue;
    if (stat.isSymbolicLink()) links.push([readlinkSync(at), at]);
    else folders.push(at);
  }
  const files = ETC_FILES.map((name) => join('/etc', name)).filter((path) => existsSync(path));
  return { links, folders, files };
}
