/**
 * The processes that this one has started and that have not ended. Whatever way this process ends, but
 * by SIGKILL, they end with it; of those the next driver of their run takes care.
 */
import { signalProcess } from './end-marked.ts';
import { signalGroup } from './process-group.ts';
import { markedProcesses } from './process-table.ts';

/** Leader of a group → its mark. */
const running = new Map<number, string | undefined>();
let isWatching = false;
const MAX_PASSES = 50;
/** What others start and end all the time is no reason to look for long. */
const MAX_UNSURE_PASSES = 5;
/** What is killed still has to be let run once more to end: on a busy machine it stays for a while. */
const PAUSE_MS = 4;
const stillness = new Int32Array(new SharedArrayBuffer(4));

/** Counts a process as running until disposed. */
export function noteRunning(pid: number, mark: string | undefined): Disposable {
  running.set(pid, mark);
  if (!isWatching) process.once('exit', killRunning);
  isWatching = true;
  return { [Symbol.dispose]: () => void running.delete(pid) };
}

/** At once, without a grace: nothing can be waited for any more. */
function killRunning(): void {
  for (const pid of running.keys()) signalGroup(pid, 'SIGKILL');
  const marks = new Set(running.values());
  for (let pass = 0; pass < MAX_PASSES && running.size > 0; pass += 1) {
    const { pids, isSure } = markedProcesses((mark) => marks.has(mark));
    for (const pid of pids) signalProcess(pid, 'SIGKILL');
    if (pids.length === 0 && (isSure || pass >= MAX_UNSURE_PASSES)) return;
    // In an exit handler nothing can be awaited.
    Atomics.wait(stillness, 0, 0, PAUSE_MS);
  }
}
