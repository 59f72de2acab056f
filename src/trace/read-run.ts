/**
 * Folds a run as far as it has come: from its last snapshot where there is one, so that a long run costs
 * what has ended in it, not each of its events.
 */
import { apply } from './apply.ts';
import type { TraceEvent } from './events.ts';
import { revive } from './fold/kept-attempts.ts';
import { loadSnapshots } from './fold/load-snapshots.ts';
import { restoreState } from './fold/restore-state.ts';
import { restoreView } from './fold/restore-view.ts';
import type { OpenRecord } from './open-record.ts';
import { emptyRunState, type RunState } from './run-state.ts';
import { RunView } from './run-view.ts';
import type { TraceStore } from './trace-store.ts';

/** Few enough that the garbage collector seldom finds one alive: with 5,000 it took a third of a fold. */
const PAGE = 250;

/**
 * The state of a run. `see` is shown every event from the snapshot on, and of those before it the
 * drivers, and the requests, questions and timers of what has not ended. `record` is filled.
 */
export function foldRun(
  store: TraceStore,
  run: string,
  see: (event: TraceEvent) => void = () => {},
  record?: OpenRecord,
): RunState {
  const start = loadSnapshots(store, run);
  const state =
    start === undefined ? emptyRunState() : restoreState(start.first, start.ended(), start.open);
  for (const event of start?.open.events ?? []) see(event);
  for (const [path, attempts] of start?.open.attempts ?? []) record?.put(path, revive(attempts));
  for (const event of eventsAfter(store, run, state.seq)) {
    apply(state, event, event.at);
    state.seq = event.seq;
    see(event);
    record?.see(event);
  }
  return state;
}

/** The same for a screen or a report. */
export function viewRun(store: TraceStore, run: string): RunView {
  const view = viewSoFar(store, run);
  for (const event of eventsAfter(store, run, view.state.seq)) view.see(event);
  return view;
}

/** The view at the last snapshot, for those who follow from there. */
export function viewSoFar(store: TraceStore, run: string): RunView {
  const start = loadSnapshots(store, run);
  if (start === undefined) return new RunView();
  const { first, open, kept } = start;
  return new RunView(restoreView({ first, open, kept, ended: start.ended() }));
}

/** The events of a run behind one of them, in order, read as they are asked for. */
export function* eventsAfter(store: TraceStore, run: string, after: number): Generator<TraceEvent> {
  for (let last = after; ; ) {
    const events = store.read(run, last, PAGE);
    yield* events;
    last = events.at(-1)?.seq ?? last;
    if (events.length < PAGE) return;
  }
}
