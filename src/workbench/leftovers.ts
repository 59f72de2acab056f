import { endLeftovers } from '../sandbox/none/end-leftovers.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import type { Workbench } from './workbench.ts';

/** Kills at once what drivers of a run that are dead have left running; resolves to how many. */
export async function endLeftoversOf(
  { clock, timers }: Workbench,
  store: TraceStore,
  run: string,
): Promise<number> {
  const marks = store
    .read(run, 0)
    .flatMap((event) =>
      event.type === 'run.driven' && event.mark !== undefined ? [event.mark] : [],
    );
  const processes = store.live(run).flatMap((row) => row.processes ?? []);
  const left = { drivers: new Set(marks), processes };
  return endLeftovers(left, { clock, timers, graceMs: 0 });
}
