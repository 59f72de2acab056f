/** Finding runs for a command: the store without making one, addresses, short ids. */
import { WhaleFlowError } from '../base/errors.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { type Address, findRun } from '../workbench/find-run.ts';
import type { Workbench } from '../workbench/workbench.ts';

const SHORTEST_PREFIX = 4;

/** The store where there is one: reading never makes it. */
export function existingStore(workbench: Workbench): TraceStore | undefined {
  try {
    return workbench.store('read');
  } catch (error) {
    if (error instanceof WhaleFlowError && error.code === 'WF7007') return undefined;
    throw error;
  }
}

/** The run of an address; the last one where none is given. @throws {WhaleFlowError} WF2004, WF2005. */
export function addressed(workbench: Workbench, word: string | undefined): Address {
  const store = existingStore(workbench);
  if (store !== undefined) return findRun(store, word ?? '@last');
  throw new WhaleFlowError('WF2004', word === undefined ? 'no runs yet' : `no run ${word}`, {
    hint: 'there are no runs here yet: whaleflow demo     or another folder: -C DIR',
  });
}

/** The shortest prefix of at least four characters that means one run only. */
export function shortIds(rows: readonly RunRow[]): (run: string) => string {
  const sorted = rows.map(({ run }) => run).sort();
  const shared = (a: string, b: string | undefined): number => {
    let length = 0;
    while (b !== undefined && length < a.length && a[length] === b[length]) length += 1;
    return length;
  };
  return (run) => {
    const at = lowerBound(sorted, run);
    const next = sorted[at] === run ? sorted[at + 1] : sorted[at];
    const needed = Math.max(shared(run, sorted[at - 1]), shared(run, next)) + 1;
    return run.slice(0, Math.max(SHORTEST_PREFIX, needed));
  };
}

function lowerBound(sorted: readonly string[], wanted: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
