/** Says whether events fold to a run: what reads them trusts their shape from here on. */
import { messageOf } from '../../leaf/failure.ts';
import { apply } from '../../trace/apply.ts';
import type { TraceEvent } from '../../trace/events.ts';
import { emptyRunState } from '../../trace/run-state.ts';

export function eventProblems(events: readonly TraceEvent[]): readonly string[] {
  const state = emptyRunState();
  for (const event of events) {
    try {
      apply(state, event, event.at);
    } catch (thrown) {
      return [`event ${event.seq} does not fit the run: ${messageOf(thrown).slice(0, 200)}`];
    }
  }
  return [];
}
