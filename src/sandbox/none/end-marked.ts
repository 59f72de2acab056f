/** Ends every process that carries a mark, also one that is being started while we look. */
import type { Timers } from '../../system/clock.ts';
import { hasProcessTable, markedProcesses } from './process-table.ts';

const MAX_PASSES = 60;
const MAX_UNSURE_PASSES = 5;
const PAUSE_MS = 10;

/** Resolves to how many there were, when none is left; or after half a second of those that cannot end. */
export async function endMarked(
  isWanted: (mark: string) => boolean,
  timers: Timers,
): Promise<number> {
  const ended = new Set<number>();
  if (!hasProcessTable()) return 0;
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const { pids, isSure } = markedProcesses(isWanted);
    for (const pid of pids) {
      signalProcess(pid, 'SIGKILL');
      ended.add(pid);
    }
    // What others start and end all the time is no reason to look for ever.
    if (pids.length === 0 && (isSure || pass >= MAX_UNSURE_PASSES)) break;
    const { promise, resolve } = Promise.withResolvers<void>();
    if (pass === 0) timers.nextTurn(resolve);
    else timers.after(PAUSE_MS, resolve);
    await promise;
  }
  return ended.size;
}

/** Does nothing when it has ended. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // ESRCH: it has ended. EPERM: it has become another user's, which we cannot end.
  }
}
