/** Where a command runs and what of the world it sees: a folder of its tree, and a home of its own. */
import { mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { SHOWN_ROOT } from '../../base/shown-root.ts';
import type { Failure } from '../../trace/outcome.ts';
import { failure, messageOf } from '../failure.ts';

export type HostEnvironment = Readonly<Record<string, string | undefined>>;

const DEFAULT_PATH = '/usr/local/bin:/usr/bin:/bin';

/** A folder below `root`, with every link followed; a failure where it leads out or is not there. */
export async function folderBelow(
  root: string,
  folder: string | undefined,
): Promise<{ readonly base: string; readonly cwd: string } | { readonly failure: Failure }> {
  try {
    const base = await realpath(root);
    const cwd = await realpath(join(base, folder ?? ''));
    if (cwd === base || cwd.startsWith(base + sep)) return { base, cwd };
    return { failure: failure('permission', `the folder ${folder} lies outside of the tree`) };
  } catch (thrown) {
    return { failure: failure('sandbox', `no folder ${folder ?? '.'}: ${messageOf(thrown)}`) };
  }
}

const SHOWN_HOME = '/home/leaf';
const SHOWN_TEMPORARY = '/tmp';

/** Takes the places of this machine out of a text, so that equal work gives equal output. */
export function locationFree(
  text: string,
  base: string,
  { home, temporary }: Pick<PrivateHome, 'home' | 'temporary'>,
): string {
  return text
    .replaceAll(home, SHOWN_HOME)
    .replaceAll(temporary, SHOWN_TEMPORARY)
    .replaceAll(base === sep ? SHOWN_ROOT : base, SHOWN_ROOT);
}

/** A home and a folder for temporary files that nobody else has. Removed by `close`. */
export interface PrivateHome {
  readonly home: string;
  readonly temporary: string;
  close(): Promise<void>;
}

export async function privateHome(parent: string): Promise<PrivateHome> {
  const folder = await realpath(await mkdtemp(join(parent, 'whaleflow-leaf-')));
  const home = join(folder, 'home');
  const temporary = join(folder, 'tmp');
  await Promise.all([mkdir(home), mkdir(temporary)]);
  return {
    home,
    temporary,
    close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }),
  };
}

/**
 * The whole environment of a command: a few fixed names, then those that its permissions name and the
 * host has. `HOME` is the private one unless the permissions name it.
 */
export function commandEnvironment(
  host: HostEnvironment,
  names: readonly string[],
  { home, temporary }: Pick<PrivateHome, 'home' | 'temporary'>,
): Readonly<Record<string, string>> {
  const passed = names.flatMap((name) => {
    const value = host[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: host['PATH'] ?? DEFAULT_PATH,
    HOME: home,
    LANG: host['LANG'] ?? 'C.UTF-8',
    TERM: 'dumb',
    CI: '1',
    TMPDIR: temporary,
    ...Object.fromEntries(passed),
  };
}
