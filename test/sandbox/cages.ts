/** The strict sandbox, and none, as root or as another user, for attacks. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bubblewrapSandbox } from '../../src/sandbox/bubblewrap/bubblewrap-sandbox.ts';
import { etcFolderIn } from '../../src/sandbox/bubblewrap/etc-folder.ts';
import { DEFAULT_LIMITS } from '../../src/sandbox/bubblewrap/profile.ts';
import { seccompFilter } from '../../src/sandbox/bubblewrap/seccomp-filter.ts';
import { findSystemFiles } from '../../src/sandbox/bubblewrap/system-files.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';

/** Whom the attacks run as: root may become somebody else, everybody else is who they are. */
export const users: readonly string[] =
  process.getuid?.() === 0 ? ['root', 'nobody'] : ['the user'];

const NOBODY = 65_534;

export const uidOf = (user: string): number | undefined => (user === 'nobody' ? NOBODY : undefined);

export interface Cages extends Disposable {
  /** No confinement, but as another user and with an open folder, `leaked`, that nobody closed. */
  plain(user: string, leaked: string): Sandbox;
  /** `readable`: what may be read besides the tree. */
  strict(user: string, readable: readonly string[], leaked: string): Sandbox;
}

export function openCages(): Cages {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-filter-')));
  execFileSync('chmod', ['755', folder]);
  const filterFile = join(folder, 'filter');
  writeFileSync(filterFile, seccompFilter(process.arch as 'x64'), { mode: 0o644 });
  let count = 0;
  const found = findSystemFiles();
  const etc = etcFolderIn(folder, found.files, () => 'one');
  const system = etc === undefined ? found : { ...found, etc };
  const plain: Cages['plain'] = (user, leaked) => {
    const inner = noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs: 1_000 });
    const leak = ['bash', '-c', 'exec 7< "$0"; exec "$@"', leaked];
    const as =
      user === 'nobody'
        ? ['setpriv', '--reuid', `${NOBODY}`, '--regid', `${NOBODY}`, '--clear-groups']
        : [];
    return {
      level: 'none',
      run: (request, signal) =>
        inner.run({ ...request, argv: [...as, ...leak, ...request.argv] }, signal),
    };
  };
  return {
    plain,
    strict: (user, readable, leaked) =>
      bubblewrapSandbox({
        identity: { program: 'bubblewrap', version: 'unknown', profile: '' },
        plain: plain(user, leaked),
        profile: {
          readable,
          system,
          isRoot: user === 'root',
          limits: { ...DEFAULT_LIMITS, dataBytes: 512 * 2 ** 20, scratchBytes: 64 * 2 ** 20 },
          canDisableUserNamespaces: true,
        },
        filterFile,
        newGroupName: user === 'root' ? () => `escape-${process.pid}-${++count}` : undefined,
      }),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
