import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { freeBytes } from '../system/free-bytes.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { Workbench } from './workbench.ts';

/** Below this SQLite and git can no longer write. */
const FULL_BYTES = 512 * 1024;
/** How much of what a driver said is looked at. */
const LAST_WORDS_BYTES = 8 * 1024;
const DIED = 'its driver died';

/** Why a run has lost its driver, as far as it can be told afterwards. */
export function whyLost({ places }: Workbench, { run, updatedAt }: RunRow): string {
  const { stateFolder } = places;
  // A store in memory has no folder.
  if (!existsSync(stateFolder)) return DIED;
  if ((freeBytes(stateFolder) ?? FULL_BYTES) < FULL_BYTES)
    return `the disk of ${stateFolder} is full (WF7004)`;
  const words = lastWords(join(stateFolder, 'logs', `${run}.log`), updatedAt);
  const errors = [...words.matchAll(/^error\[(WF\d{4})\]: (.+)$/gm)];
  const [, code, message] = errors.at(-1) ?? [];
  if (message !== undefined) return `${message} (${code})`;
  return words.includes('JavaScript heap out of memory') ? 'its driver ran out of memory' : DIED;
}

/** What the driver said on stderr after it last recorded something; what earlier ones said is older. */
function lastWords(path: string, since: number): string {
  const log = statSync(path, { throwIfNoEntry: false });
  if (log === undefined || log.mtimeMs < since) return '';
  const file = openSync(path, 'r');
  try {
    const words = Buffer.alloc(Math.min(log.size, LAST_WORDS_BYTES));
    readSync(file, words, 0, words.length, log.size - words.length);
    return words.toString();
  } finally {
    closeSync(file);
  }
}
