/** Deletes finished runs for good: their rows, the contents that only they refer to, refs and worktrees. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { RunRow } from '../trace/run-row.ts';
import { leaseOptions } from './driver-process.ts';
import { isDriven } from './liveness.ts';
import { pinnedRuns } from './pins.ts';
import { isFinished } from './tell.ts';
import { workspaceOf } from './wiring.ts';
import type { Workbench } from './workbench.ts';

/** A driver gives its lease back a moment after its run has finished. */
const RELEASE_MS = 5_000;
const POLL_MS = 50;

/**
 * Removes runs, all or none of them. Returns what could not be cleared away around them.
 * @throws {WhaleFlowError} WF5001 not finished, or needed by a fork that is not; WF2002 pinned; WF5005
 * still driven; what the store throws.
 */
export async function removeRuns(
  workbench: Workbench,
  rows: readonly RunRow[],
): Promise<readonly string[]> {
  const { clock, places, holder } = workbench;
  const store = workbench.store('write');
  for (const row of rows) requireRemovable(workbench, row);
  const runs = [...new Set(rows.map(({ run }) => run))];
  await Promise.all(runs.map((run) => untilReleased(workbench, run)));
  await store.remove(runs, holder, leaseOptions(clock));
  const left: string[] = [];
  const workspace = workspaceOf(workbench);
  for (const run of runs) {
    rmSync(join(places.stateFolder, 'logs', `${run}.log`), { force: true });
    try {
      await workspace.forget(run);
    } catch (error) {
      left.push(`refs of ${run}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return left;
}

function requireRemovable(workbench: Workbench, row: RunRow): void {
  const { run } = row;
  if (!isFinished(row)) {
    throw new WhaleFlowError('WF5001', `${run} is ${row.state}`, {
      hint: `end it first: whaleflow cancel ${run}`,
    });
  }
  if (pinnedRuns(workbench).has(run)) {
    throw new WhaleFlowError('WF2002', `${run} is pinned`, { hint: `whaleflow pin ${run} --off` });
  }
  const fork = workbench
    .store('write')
    .runs()
    .find((other) => other.parent === run && !isFinished(other));
  if (fork === undefined) return;
  throw new WhaleFlowError('WF5001', `${fork.run}, a fork of ${run}, is not finished`, {
    hint: 'it takes answers from it: wait for it, or cancel it',
  });
}

async function untilReleased(workbench: Workbench, run: string): Promise<void> {
  const { clock, timers } = workbench;
  const begun = clock.monotonic();
  const store = workbench.store('write');
  while (isDriven(workbench, store, run) && clock.monotonic() - begun < RELEASE_MS) {
    await new Promise<void>((resolve) => void timers.after(POLL_MS, resolve));
  }
}
