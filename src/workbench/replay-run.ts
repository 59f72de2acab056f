import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { type ReplayResult, replay } from '../engine/replay.ts';
import { type DoorCounts, doorCounts } from '../system/door-counts.ts';
import { compileFile } from './compile.ts';
import type { Address } from './find-run.ts';
import { STDIN_NAME } from './stdin-name.ts';
import { startedOf } from './steer.ts';
import type { Workbench } from './workbench.ts';

export interface ReplayReport extends ReplayResult, DoorCounts {
  /** What the decisions were compared under. */
  readonly against: 'recorded' | 'file';
  readonly file?: string;
}

/**
 * Replays a run under its present source file, or the recorded spec when there is none or `recorded`.
 * @throws {WhaleFlowError} when the present file does not compile.
 */
export function replayRun(
  workbench: Workbench,
  { row }: Address,
  options: { readonly recorded: boolean },
): ReplayReport {
  const before = doorCounts();
  const store = workbench.store('read');
  const { source, spec: recorded } = startedOf(store, row.run);
  const file =
    source === undefined || source.path === STDIN_NAME
      ? undefined
      : resolve(workbench.places.root, source.path);
  const usesFile = !options.recorded && file !== undefined && existsSync(file);
  const events = store.read(row.run, 0);
  if (!usesFile) return { ...replay(events), against: 'recorded', ...since(before) };
  const { spec } = compileFile(workbench, file);
  // The ceilings of a run are the least of all that was said at its start, not the file’s alone.
  const result = replay(events, { spec: { ...spec, budget: recorded.budget } });
  const shown = source?.path ?? file;
  return { ...result, against: 'file', file: shown, ...since(before) };
}

/** What has gone through the doors meanwhile: replay has no way to them. */
function since(before: DoorCounts): DoorCounts {
  const after = doorCounts();
  return {
    providerCalls: after.providerCalls - before.providerCalls,
    processes: after.processes - before.processes,
  };
}
