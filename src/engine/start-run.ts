/** Makes a run: its first fact, what follows from it, and its row, in one transaction. */
import type { Clock } from '../system/clock.ts';
import type { Blob } from '../trace/content.ts';
import { emptyRunState, type RunStarted } from '../trace/run-state.ts';
import type { LeaseHolder, NewEvent, TraceStore } from '../trace/trace-store.ts';
import { Decider } from './decide.ts';
import { runRowOf } from './run-row-of.ts';

export interface StartRequest {
  readonly run: string;
  readonly started: RunStarted;
  readonly blobs?: readonly Blob[];
  readonly holder: LeaseHolder;
}

/** A run as it was just made; whoever drives it next need not read it back. */
export interface BegunRun {
  /** Stands after `events`, and is given to one driver only. */
  readonly decider: Decider;
  /** All that the store holds of the run. */
  readonly events: readonly NewEvent[];
}

/** Requests in one transaction: some 25 ms with all that is made durable with them. */
const AT_ONCE = 1_000;

/** Creates the run in the store; its holder has the lease at epoch 1 and may drive it. */
export async function startRun(
  store: TraceStore,
  request: StartRequest,
  clock: Clock,
): Promise<BegunRun> {
  const { run, blobs, holder } = request;
  const started = { ...request.started, config: { atOnce: AT_ONCE, ...request.started.config } };
  const at = clock.now();
  const decider = new Decider(emptyRunState());
  const events = decider.advance(started, at).map((event): NewEvent => ({ ...event, at }));
  const row = runRowOf(run, decider.state, events.length);
  await store.create({ run, events, row, holder, ...(blobs === undefined ? {} : { blobs }) });
  decider.state.seq = events.length;
  return { decider, events };
}
