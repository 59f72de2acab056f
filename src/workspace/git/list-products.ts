import { splitRecords, toText } from './byte-path.ts';
import type { GitPlace } from './hardened-environment.ts';
import type { RunGit } from './run-git.ts';

/** Ignored folders of a checkout, none inside of another: what an installation leaves. */
export async function listProducts(
  runGit: RunGit,
  place: GitPlace,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const args = ['ls-files', '-z', '--others', '--ignored', '--exclude-standard', '--directory'];
  const { stdout } = await runGit({ place, args }, signal);
  return splitRecords(stdout).flatMap((path) =>
    path.endsWith('/') && path !== './' ? [toText(path.slice(0, -1))] : [],
  );
}
