/** Stays with a run until it comes to rest or the person leaves: `run`, `watch`, `resume`, `fork`. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { TraceEvent } from '../trace/events.ts';
import { viewSoFar } from '../trace/read-run.ts';
import { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { pidHere } from '../workbench/driver-process.ts';
import { findRun } from '../workbench/find-run.ts';
import { follow } from '../workbench/follow.ts';
import { endLeftoversOf } from '../workbench/leftovers.ts';
import { cancel } from '../workbench/steer.ts';
import type { Workbench } from '../workbench/workbench.ts';
import type { CommandContext } from './context.ts';
import { interrupts, type Wish } from './interrupts.ts';
import { reporterFor, tellsEvents } from './live/reporter.ts';
import { type EndParts, printEnd } from './print-end.ts';
import { shortIds } from './runs.ts';
import { exitOfStanding, isAtRest, type Standing, standingOf } from './standing.ts';
import { steeringOf } from './steering.ts';

export interface AttendRequest {
  readonly run: string;
  /** `watch` only looks: a signal ends the looking, not the run. */
  readonly isReader: boolean;
  /** A driver has just been started: until one with a newer epoch has spoken, nothing is lost. */
  readonly afterEpoch?: number;
  /** Seq up to which its events have been told before: lines begin behind it. */
  readonly toldSeq?: number;
  /** What is typed for this program where the run is. */
  readonly program?: string;
  /** The run is driven in this process: what ends when it has come to rest, and how to stop it. */
  readonly own?: { readonly driving: Promise<unknown>; readonly stop: AbortController };
  /** Says how it ended, in place of `printEnd`. */
  readonly end?: (context: CommandContext, parts: EndParts) => void | Promise<void>;
}

/** A driver that has not spoken for so long after its start has failed. */
const DRIVER_START_MS = 15_000;
const IDLE_MS = 100;

/** Shows the run and says how it ended. Leaving it is exit status 0: the run goes on. */
export async function attend(
  context: CommandContext,
  workbench: Workbench,
  request: AttendRequest,
): Promise<ExitStatus> {
  const store = workbench.store('read');
  const view = viewToBeginWith(context, store, request);
  const end = await followToRest(context, { workbench, store, view, request });
  // The screen has been given back by now; leaves that do not end are not waited for.
  if (end.wish?.do === 'kill' && request.own !== undefined) context.host.exit(end.wish.exit);
  if (end.wish?.do === 'detach') {
    const run = shortIds(store.runs())(request.run);
    const { program = 'whaleflow' } = request;
    context.output.talk(`the run goes on in the background     ${program} watch ${run}`);
    return end.wish.exit;
  }
  const { end: sayEnd = printEnd } = request;
  await sayEnd(context, { workbench, store, view, standing: end.standing });
  return end.wish?.exit ?? exitOfStanding(end.standing) ?? 0;
}

/** A long run is taken up where its last snapshot stands, unless events before it are to be told. */
function viewToBeginWith(
  context: CommandContext,
  store: TraceStore,
  { run, toldSeq = 0 }: AttendRequest,
): RunView {
  const view = viewSoFar(store, run);
  return tellsEvents(context) && view.state.seq > toldSeq ? new RunView() : view;
}

interface Attending {
  readonly workbench: Workbench;
  readonly store: TraceStore;
  readonly view: RunView;
  readonly request: AttendRequest;
}

interface End {
  readonly standing: Standing;
  /** What cut it short. */
  readonly wish: Wish | undefined;
}

async function followToRest(
  context: CommandContext,
  { workbench, store, view, request }: Attending,
): Promise<End> {
  const { run, own, afterEpoch } = request;
  const { clock, timers } = workbench;
  const now = (): number => clock.now();
  const begun = clock.monotonic();
  const stop = new AbortController();
  let wish: Wish | undefined;
  let failure: { readonly error: unknown } | undefined;
  const fail = (error: unknown): void => {
    failure ??= { error };
    stop.abort();
  };
  const onWish = (next: Wish): void => {
    wish = next;
    if (next.do === 'cancel') cancelNow(context, { workbench, store, run }).catch(fail);
    else if (next.do === 'stop') stopNow(context, own);
    else if (next.do === 'detach') stop.abort();
    else kill(context, { workbench, store, run, isOwn: own !== undefined, stop }).catch(fail);
  };
  own?.driving.catch(fail);
  const isInteractive = context.mayAsk;
  const short = shortIds(store.runs());
  using reporter = reporterFor(context, { run: short(run), short, store, now });
  using keys = interrupts(context.host, {
    isInteractive,
    isReader: request.isReader,
    isDriver: own !== undefined,
    now,
    onWish,
  });
  let standing = standingNow(workbench, store, run);
  for await (const events of follow(
    store,
    { run, after: view.state.seq, timers, idleMs: IDLE_MS },
    stop.signal,
  )) {
    for (const event of events) {
      view.see(event);
      if (event.seq > (request.toldSeq ?? 0)) reporter.see(event, view);
    }
    if (mayHaveMoved(events)) standing = standingNow(workbench, store, run);
    keys.tick();
    const { columns = 80 } = context.host.stderr.size() ?? {};
    reporter.tick(view, standing, isInteractive ? keys.footer(columns) : '');
    const hasCaughtUp = view.state.seq >= standing.row.seq;
    const isStarting =
      afterEpoch !== undefined &&
      view.state.epoch <= afterEpoch &&
      clock.monotonic() - begun < DRIVER_START_MS;
    if (hasCaughtUp && !isStarting && isAtRest(standing)) break;
  }
  if (failure !== undefined) throw failure.error;
  if (wish?.do !== 'detach' && wish?.do !== 'kill') await own?.driving;
  return { standing: standingNow(workbench, store, run), wish };
}

/**
 * Where a run stands is looked up when something of the run itself happened, and when nothing did. Amid
 * the work of its leaves that would be most of what following costs.
 */
function mayHaveMoved(events: readonly TraceEvent[]): boolean {
  return events.length === 0 || events.some(({ type }) => !OF_NODES.test(type));
}

const OF_NODES = /^(?:leaf|model|tool|node)\./;

function standingNow(workbench: Workbench, store: TraceStore, run: string): Standing {
  const row = store.run(run);
  if (row === undefined)
    throw new WhaleFlowError('WF2004', `no run ${run}`, { hint: 'runs: whaleflow ls --all' });
  return standingOf(workbench, store, row);
}

/** Words that arrive after the end change nothing. */
async function cancelNow(
  { host, output }: CommandContext,
  { workbench, store, run }: Pick<Attending, 'workbench' | 'store'> & { readonly run: string },
): Promise<void> {
  output.note('cancelling: leaves in flight have 10 s');
  try {
    await cancel(workbench, findRun(store, run), steeringOf(host));
  } catch (error) {
    if (!(error instanceof WhaleFlowError) || error.code !== 'WF5004') throw error;
  }
}

function stopNow({ output }: CommandContext, own: AttendRequest['own']): void {
  output.note('stopping: leaves in flight have 5 s');
  own?.stop.abort();
}

interface Killing {
  readonly workbench: Workbench;
  readonly store: TraceStore;
  readonly run: string;
  readonly isOwn: boolean;
  readonly stop: AbortController;
}

/** A driver in this process ends with it; of another one nothing is left running either. */
async function kill(
  { host }: CommandContext,
  { workbench, store, run, isOwn, stop }: Killing,
): Promise<void> {
  const lease = isOwn ? undefined : store.lease(run);
  const pid = pidHere(lease, workbench.holder);
  if (pid !== undefined) host.kill(pid);
  if (lease !== undefined) await endLeftoversOf(workbench, store, run);
  stop.abort();
}
