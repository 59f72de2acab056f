import { type BytePath, splitRecords } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { RunGit } from './run-git.ts';

export interface Changes {
  /** Paths whose file differs from the index, or that the index doesn't have. */
  readonly paths: readonly BytePath[];
  /** Untracked folders that are repositories of their own. */
  readonly embedded: readonly BytePath[];
  /** Ignored files and folders; what lies in an ignored folder isn't listed. */
  readonly ignored: ReadonlySet<BytePath>;
}

/**
 * What differs between files and index. Never looks into submodules: git would start itself in there, with
 * the config that it finds.
 */
export async function listChanges(
  runGit: RunGit,
  place: GitPlace,
  signal?: AbortSignal,
): Promise<Changes> {
  const status = await runGit(
    {
      place,
      args: [
        ...['status', '--porcelain=v1', '-z', '--no-renames', '--ignore-submodules=all'],
        ...['--untracked-files=all', '--ignored=matching'],
      ],
    },
    signal,
  );
  const paths: BytePath[] = [];
  const embedded: BytePath[] = [];
  const ignored = new Set<BytePath>();
  for (const record of splitRecords(status.stdout)) {
    const state = record.slice(0, 2);
    const path = record.slice(3);
    const isFolder = path.endsWith('/');
    const name = isFolder ? path.slice(0, -1) : path;
    if (state === '!!') ignored.add(name);
    else if (isFolder) embedded.push(name);
    // The second letter compares with the files; a space there means that only the index is ahead.
    else if (state[1] !== ' ') paths.push(name);
  }
  return { paths, embedded, ignored };
}
