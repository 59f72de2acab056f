/**
 * The files of a tree, for tools that run in our own process. Nobody gets out of it: not by `..`, not
 * by a link, not by a folder that becomes a link between a check and a use. Paths are relative to the
 * root, with `/`.
 */
import { SHOWN_ROOT } from '../base/shown-root.ts';

export interface TreeFile {
  readonly data: Uint8Array;
  /** Of the file; more than `data` holds when the limit cut it. */
  readonly sizeBytes: number;
}

export interface TreeEntry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'link' | 'other';
}

export interface TreeFiles {
  /** @throws {TreeFileError} */
  read(path: string, maxBytes: number): TreeFile;
  /** Sorted by name. @throws {TreeFileError} */
  list(path: string): readonly TreeEntry[];
  /** Makes missing folders; replaces a file as a whole, keeping its mode. @throws {TreeFileError} */
  write(path: string, data: Uint8Array): void;
}

/** `escape`: it would lead out of the tree or to what is no plain file of it. */
export type TreeFileProblem = 'missing' | 'escape' | 'kind' | 'name';

export class TreeFileError extends Error {
  readonly problem: TreeFileProblem;
  constructor(problem: TreeFileProblem, message: string) {
    super(message);
    this.problem = problem;
  }
}

const MAX_PATH_BYTES = 4096;
const MAX_NAME_BYTES = 255;

/** Of a path that names the tree as it is shown, the part within it; any other path as it is. */
export function withinTree(path: string): string {
  const isWithin = path === SHOWN_ROOT || path.startsWith(`${SHOWN_ROOT}/`);
  return isWithin ? path.slice(SHOWN_ROOT.length).replace(/^\/+/, '') : path;
}

/** The names on the way; `[]` is the root. @throws {TreeFileError} `name`, `escape` */
export function segmentsOf(shown: string): readonly string[] {
  const path = withinTree(shown);
  if (path.includes('\0') || Buffer.byteLength(path) > MAX_PATH_BYTES) {
    throw new TreeFileError('name', 'no file has such a name');
  }
  if (path.startsWith('/')) {
    throw new TreeFileError('escape', `${path} is absolute; paths are relative to the tree`);
  }
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.');
  if (segments.includes('..')) throw new TreeFileError('escape', `${path} leads out of the tree`);
  if (segments.some((segment) => Buffer.byteLength(segment) > MAX_NAME_BYTES)) {
    throw new TreeFileError('name', `${path} has too long a name in it`);
  }
  // Whatever git or another file system takes for `.git` would act when somebody runs git here.
  if (segments.some((segment) => /^\.git(?:[ .]*|~\d+)$/i.test(visibleOnly(segment)))) {
    throw new TreeFileError('escape', `${path} is the repository’s own`);
  }
  return segments;
}

/** The one way to write a path of the tree. @throws {TreeFileError} as `segmentsOf` */
export function plainPath(path: string): string {
  return segmentsOf(path).join('/');
}

/** HFS+ ignores these in names. */
function visibleOnly(name: string): string {
  return name.replace(/[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/g, '');
}
