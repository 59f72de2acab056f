/** Saves what can be saved of a damaged store; leaves a sound one alone. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { runRowOf } from '../engine/run-row-of.ts';
import { apply } from '../trace/apply.ts';
import type { TraceEvent } from '../trace/events.ts';
import { isHeld } from '../trace/lease-rule.ts';
import type { RunRow } from '../trace/run-row.ts';
import { emptyRunState } from '../trace/run-state.ts';
import { type Recovery, recoverStore } from '../trace/sqlite/recover.ts';
import { leaseOptions } from './driver-process.ts';
import { verifyRun } from './verify-run.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

export type { Recovery } from '../trace/sqlite/recover.ts';

/**
 * Recovers the store of a workbench that has not opened it; undefined when nothing is damaged.
 * @throws {WhaleFlowError} WF7007 no store, WF7002 a newer one, WF5005 a run is driven, WF7003–WF7005.
 */
export function recover(workbench: Workbench): Recovery | undefined {
  if (isSound(workbench)) return undefined;
  const { clock, chance, holder, places } = workbench;
  return recoverStore({
    stateFolder: places.stateFolder,
    chance,
    rebuildRow,
    isHeld: (lease) => isHeld(lease, holder, leaseOptions(clock)),
  });
}

/** Opens the store for itself, so that no connection is left when the files are moved. */
function isSound({ cwd, env, places }: Workbench): boolean {
  if (!existsSync(join(places.stateFolder, 'whaleflow.db'))) return false;
  using own = openWorkbench({ cwd, env, stateDir: places.stateFolder });
  try {
    return verifyRun(own).problems.length === 0;
  } catch (error) {
    if (error instanceof WhaleFlowError && error.code === 'WF7001') return false;
    throw error;
  }
}

function rebuildRow(run: string, events: readonly TraceEvent[]): RunRow {
  const state = emptyRunState();
  for (const event of events) {
    apply(state, event, event.at);
    state.seq = event.seq;
  }
  return runRowOf(run, state, state.seq);
}
