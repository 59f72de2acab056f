/** Reads folders of a commit, several in one call of git. */
import type { BytePath } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { RunGit } from './run-git.ts';
import { parseFolder, type TreeFolder } from './tree-folder.ts';

export interface FoldersRequest {
  readonly place: GitPlace;
  readonly commit: string;
  /** Without line ends; `''` is the root. */
  readonly paths: readonly BytePath[];
}

/** By path; what is no folder there is left out. */
export async function readFolders(
  runGit: RunGit,
  { place, commit, paths }: FoldersRequest,
  signal?: AbortSignal,
): Promise<ReadonlyMap<BytePath, TreeFolder>> {
  const folders = new Map<BytePath, TreeFolder>();
  const input = Buffer.from(paths.map((path) => `${commit}:${path}\n`).join(''), 'latin1');
  const { stdout } = await runGit({ place, args: ['cat-file', '--batch'], input }, signal);
  let at = 0;
  for (const path of paths) {
    const end = stdout.indexOf(0x0a, at);
    const [, type, size] =
      /^[0-9a-f]+ ([a-z]+) (\d+)$/.exec(stdout.toString('latin1', at, end)) ?? [];
    at = end + 1;
    if (size === undefined) continue;
    const data = stdout.subarray(at, at + Number(size));
    at += Number(size) + 1;
    if (type === 'tree') folders.set(path, parseFolder(data, commit.length / 2));
  }
  return folders;
}
