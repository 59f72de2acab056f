/** What doctor says of the sandbox: it is really opened, and its walls are really tried. */
import { join } from 'node:path';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import { randomId } from '../system/chance.ts';
import type { Finding } from './doctor.ts';
import { openStrict } from './open-sandbox.ts';
import type { Workbench } from './workbench.ts';

const check = 'sandbox';
const NAME_LENGTH = 16;

export async function sandboxFindings(workbench: Workbench): Promise<readonly Finding[]> {
  try {
    return await tried(workbench);
  } catch (error) {
    // What it is tried with is written to the cache folder.
    if (typeof (error as NodeJS.ErrnoException).code !== 'string') throw error;
    const found = `cannot be tried: ${(error as Error).message}`;
    return [{ check, verdict: 'problem', found, fix: `make ${cacheOf(workbench)} writable` }];
  }
}

const cacheOf = ({ places }: Workbench): string => places.cacheFolder;

async function tried(workbench: Workbench): Promise<readonly Finding[]> {
  const { clock, timers, env, places, chance } = workbench;
  const plain = noneSandbox({ clock, timers });
  const opened = await openStrict(workbench, { plain, isTrying: true });
  if (!('sandbox' in opened)) {
    const found = `no strict sandbox: ${opened.why}; workflows with commands are refused`;
    return [{ check, verdict: 'warning', found, fix: opened.hint }];
  }
  const [{ tryCanaries }, { canBoundProcesses }] = await Promise.all([
    import('../sandbox/bubblewrap/canaries.ts'),
    import('../sandbox/bubblewrap/pids-group.ts'),
  ]);
  const newName = (): string => randomId(chance, NAME_LENGTH);
  const parts = { folder: join(places.cacheFolder, 'sandbox'), path: env['PATH'] ?? '', newName };
  const canaries = await tryCanaries({ ...parts, sandbox: opened.sandbox, pid: process.pid });
  const isOpen = canaries.some(({ verdict }) => verdict === 'open');
  const works: Finding = isOpen
    ? { check, verdict: 'problem', found: 'strict starts and does not hold', fix: REPORT }
    : { check, verdict: 'ok', found: `strict works: bubblewrap ${opened.version}; ${USE}` };
  return [
    works,
    ...canaries.map(({ name, verdict }): Finding => {
      if (verdict === 'held') return { check, verdict: 'ok', found: `a command cannot ${name}` };
      if (verdict === 'open') return { check, verdict: 'problem', found: `a command CAN ${name}` };
      return { check, verdict: 'warning', found: `not tried, without perl: ${name}` };
    }),
    ...(process.getuid?.() === 0 && !canBoundProcesses(newName()) ? [UNBOUND] : []),
  ];
}

const USE = 'commands of workflows are confined';
const REPORT = 'do not rely on it here, and report it: SECURITY.md';
const UNBOUND: Finding = {
  check,
  verdict: 'warning',
  found: 'root without a control group for processes: their number has no bound',
  fix: 'run as another user than root',
};
