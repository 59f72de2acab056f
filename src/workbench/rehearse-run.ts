/** A run of a workflow by a mock, in memory: nothing of it touches the world or the store. */
import { memoryStore } from '../trace/memory/memory-store.ts';
import { RunView } from '../trace/run-view.ts';
import { readConfig } from './config.ts';
import { createRun, driveRun } from './launch-run.ts';
import { consentOf, type PrepareRequest, prepareRun } from './prepare-run.ts';
import { openWorkbench, type Workbench } from './workbench.ts';

export type RehearseRequest = Pick<PrepareRequest, 'workflow' | 'params' | 'texts'> & {
  /** The path of a fixture, or answers made up. */
  readonly mock: true | string;
};

const BATCH = 1000;

/** The whole run, ended. @throws {WhaleFlowError} as `prepareRun` does. */
export async function rehearse(
  { cwd, env }: Pick<Workbench, 'cwd' | 'env'>,
  request: RehearseRequest,
  signal: AbortSignal,
): Promise<RunView> {
  using workbench = openWorkbench({ cwd, env, openStore: memoryStore });
  const config = readConfig({ places: workbench.places, env, set: [] });
  const prepared = await prepareRun(workbench, config, { ...request, allow: [] });
  const consent = consentOf('flag', { allow: prepared.unaccepted });
  const run = await createRun(workbench, prepared, { consent });
  await driveRun(workbench, run, signal);
  const store = workbench.store('read');
  const view = new RunView();
  for (;;) {
    const events = store.read(run, view.state.seq, BATCH);
    for (const event of events) view.see(event);
    if (events.length < BATCH) return view;
  }
}
