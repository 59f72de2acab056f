/**
 * Files whose bytes are what git would store, read in our own process. Whatever git might convert (line
 * ends, `$Id$`, encodings), name otherwise or refuse is not decided here: it is left to git, which costs
 * more.
 */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type BytePath, foldersAbove, toFile } from './byte-path.ts';
import type { CheckoutSlot } from './checkout-slot.ts';
import type { Folders } from './edit-folders.ts';
import { partBuried } from './part-buried.ts';
import type { RepositorySettings } from './repository-settings.ts';

/** `data`: absent where the file is gone. */
export interface PlainFile {
  readonly path: BytePath;
  readonly mode: '100644' | '100755';
  readonly data?: Buffer;
}

const MAX_FILES = 64;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ATTRIBUTES_BYTES = 100 * 1024;
const { O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const OWNER_MAY_EXECUTE = 0o100;

/** Names that no file system and no setting makes into others. */
const PLAIN_NAME = /^(?!\.git)[ !#-)+-9;=@-[\]-{}]+$/i;
/** Last line of the attributes that we write; see `private-git-folder.ts`. */
const OWN_ATTRIBUTES = '* -filter';
const ATTRIBUTES = '.gitattributes';

export function arePlainNames(paths: readonly BytePath[]): boolean {
  return (
    paths.length <= MAX_FILES &&
    paths.every((path) => path.split('/').every((name) => PLAIN_NAME.test(name)))
  );
}

/** Whether modes and names mean what they say. */
export function isPlainSetting({ config }: RepositorySettings): boolean {
  const value = valuesOf(config);
  const { 'core.filemode': modes = 'true', 'core.ignorecase': folds = 'false' } = value;
  const { 'core.symlinks': links = 'true' } = value;
  return modes === 'true' && folds === 'false' && links === 'true';
}

/** `folders`: all that are above the paths, as the tree has them. Undefined: git has to look. */
export async function readPlainFiles(
  slot: CheckoutSlot,
  paths: readonly BytePath[],
  { config }: RepositorySettings,
  folders: Folders,
): Promise<readonly PlainFile[] | undefined> {
  const { root, gitFolder } = slot;
  if ((await partBuried(root, paths)).buried.length > 0) return undefined;
  const attributes = readAttributes(root, gitFolder, above(paths), folders);
  if (attributes === undefined || attributes.includes('working-tree-encoding')) return undefined;
  const { 'core.autocrlf': converts = 'false' } = valuesOf(config);
  const isConverted = converts !== 'false' || attributes !== '';
  const files: PlainFile[] = [];
  for (const path of paths) {
    const found = readPlain(toFile(root, path), MAX_FILE_BYTES);
    if (found === undefined) return undefined;
    if (found === 'missing') files.push({ path, mode: '100644' });
    else if (isConverted && mayConvert(found.data)) return undefined;
    else files.push({ path, ...found });
  }
  return files;
}

/** Folders above any of the paths, the root among them. */
export function above(paths: readonly BytePath[]): readonly BytePath[] {
  return [...new Set(['', ...paths.flatMap(foldersAbove)])];
}

/** With neither of them, attributes and settings change no byte on the way into git. */
const mayConvert = (data: Buffer): boolean => data.includes(0x0d) || data.includes('$Id');

/** Whatever could name a conversion for these folders; undefined where only git can say. */
function readAttributes(
  root: string,
  gitFolder: string,
  places: readonly BytePath[],
  folders: Folders,
): string | undefined {
  const users = readPlain(join(gitFolder, 'info', 'attributes'), MAX_ATTRIBUTES_BYTES);
  if (users === undefined) return undefined;
  const texts =
    users === 'missing' ? [] : [users.data.toString('latin1').replace(OWN_ATTRIBUTES, '')];
  for (const folder of places) {
    const path = folder === '' ? ATTRIBUTES : `${folder}/${ATTRIBUTES}`;
    const found = readPlain(toFile(root, path), MAX_ATTRIBUTES_BYTES);
    // Git takes what its index has where the file is gone.
    const isOnlyKnown = found === 'missing' && folders.get(folder)?.has(ATTRIBUTES) === true;
    if (found === undefined || isOnlyKnown) return undefined;
    if (found !== 'missing') texts.push(found.data.toString('latin1'));
  }
  return texts.join('\n').trim();
}

/** Undefined for whatever is no plain file of that size. A pipe would wait for a writer for ever. */
function readPlain(
  file: string | Buffer,
  maxBytes: number,
): Required<Omit<PlainFile, 'path'>> | 'missing' | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    return isMissing ? 'missing' : undefined;
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile() || stat.size > maxBytes) return undefined;
    const mode = stat.mode & OWNER_MAY_EXECUTE ? '100755' : '100644';
    return { mode, data: readFileSync(descriptor) };
  } finally {
    closeSync(descriptor);
  }
}

function valuesOf(config: RepositorySettings['config']): Readonly<Record<string, string>> {
  return Object.fromEntries(config.map(([key, value]) => [key, value.toLowerCase()]));
}
