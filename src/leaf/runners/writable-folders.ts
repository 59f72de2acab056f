/**
 * Where in its tree a leaf’s processes may write: the folders that its scope names. Coarser than the scope
 * (`src/*.ts` is `src`), since a sandbox knows folders only; what was changed is held against the scope itself
 * afterwards.
 */
import { lstat, mkdir } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { type LiteralPrefix, literalPrefixes } from '../../base/glob.ts';
import type { LeafJob } from '../leaf-job.ts';

/** Absolute, none inside of another. `base`: the tree’s root. Folders that are not there yet are made. */
export async function writableFolders(
  { node }: Pick<LeafJob, 'node'>,
  base: string,
): Promise<readonly string[]> {
  if (node.mode === 'read_only') return [];
  const { fileScope } = node;
  if (fileScope === undefined) return [base];
  const folders = new Set<string>();
  for (const prefix of fileScope.flatMap(literalPrefixes)) {
    const folder = await folderOf(base, prefix);
    if (folder !== undefined) folders.add(folder);
  }
  const all = [...folders];
  return all.filter((one) => !all.some((other) => one.startsWith(other + sep)));
}

/** The folder itself; that around it, where a file is named: programs put a new file in the old one’s place. */
async function folderOf(
  base: string,
  { segments, isWhole }: LiteralPrefix,
): Promise<string | undefined> {
  let at = base;
  for (const [index, segment] of segments.entries()) {
    if (segment === '..' || segment.toLowerCase() === '.git') return undefined;
    const next = join(at, segment);
    const entry = await lstat(next).catch(() => undefined);
    // A link may lead out, and what is written through it has another path.
    if (entry?.isSymbolicLink()) return undefined;
    const isLast = index === segments.length - 1;
    if (entry?.isDirectory()) at = next;
    else if (entry === undefined && !(isWhole && isLast)) {
      await mkdir(next);
      at = next;
    } else return at;
  }
  return at;
}
