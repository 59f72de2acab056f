/** Words to a run: cancel, skip, pause, resume, budget. */
import { WhaleFlowError } from '../base/errors.ts';
import { Decider } from '../engine/decide.ts';
import { canContinue, countWork, pastAttempts, pastWork } from '../leaf/past-work.ts';
import type { Reserved } from '../trace/amounts.ts';
import { slotOf } from '../trace/apply.ts';
import { foldRun, viewRun } from '../trace/read-run.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { InFlight, RunStarted, RunState } from '../trace/run-state.ts';
import { liveAt, settledAt } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import { addCostStatus, type CostStatus } from '../trace/usage.ts';
import type { TaskType } from '../workflow/task.ts';
import type { Address } from './find-run.ts';
import { driveRun } from './launch-run.ts';
import { isDriven } from './liveness.ts';
import { type Heard, requireUnfinished, type Steering, tell } from './tell.ts';
import type { Workbench } from './workbench.ts';

/**
 * Cancels a run or one node. A living driver gets a word. Without one, this process takes the lease and
 * records the end of the run itself.
 * @throws {WhaleFlowError} WF5004 when the run is finished, WF2006 no such node at work.
 */
export async function cancel(
  workbench: Workbench,
  { row, path }: Address,
  steering: Steering,
): Promise<Heard> {
  requireUnfinished(row);
  const { by } = steering;
  if (path !== undefined) {
    requireOpen(workbench, row, path);
    return tell(workbench, row, { type: 'cancel', path }, steering);
  }
  if (isDriven(workbench, workbench.store('write'), row.run)) {
    return tell(workbench, row, { type: 'cancel' }, steering);
  }
  // As its first fact: a run that its budget stops would end again before a word is read.
  const cancelled = { type: 'run.cancelled', by } as const;
  await driveRun(workbench, row.run, new AbortController().signal, {
    first: [cancelled],
    // Nothing begins any more.
    sandbox: 'in-process',
  });
  return 'heard';
}

/**
 * Does without a node: it ends as skipped, and what needs it is skipped too.
 * @throws {WhaleFlowError} WF5004, WF2006 when it has ended, or has not begun.
 */
export async function skip(
  workbench: Workbench,
  { row, path }: { readonly row: RunRow; readonly path: string },
  steering: Steering,
): Promise<Heard> {
  requireUnfinished(row);
  requireOpen(workbench, row, path);
  return tell(workbench, row, { type: 'skip', path }, steering);
}

/** A leaf that only waits for admission is in no event yet: the decider knows it. */
function requireOpen(workbench: Workbench, { run }: RunRow, path: string): void {
  const { state } = new Decider(foldRun(workbench.store('write'), run));
  if (path !== '' && liveAt(state, path) !== undefined) return;
  const ended = settledAt(state, path);
  const why = ended === undefined ? 'has not begun' : `is ${ended.status}`;
  throw new WhaleFlowError('WF2006', `${path} of ${run} ${why}`, {
    hint: `see what is at work: whaleflow show ${run}`,
  });
}

/**
 * Pauses a run: leaves in flight end as they would, nothing new begins. `already`: nothing is at work.
 * @throws {WhaleFlowError} WF5004.
 */
export async function pause(
  workbench: Workbench,
  row: RunRow,
  steering: Steering,
): Promise<Heard | 'already'> {
  requireUnfinished(row);
  const isResting = row.state === 'paused' || row.state === 'pausing' || row.state === 'stopped';
  return isResting ? 'already' : tell(workbench, row, { type: 'pause' }, steering);
}

/** Ends the pause of a run that somebody drives; false where that is not what it needs. */
export async function unpause(
  workbench: Workbench,
  row: RunRow,
  steering: Steering,
): Promise<boolean> {
  const isResting = row.state === 'paused' || row.state === 'pausing';
  if (!isResting || !isDriven(workbench, workbench.store('write'), row.run)) return false;
  await tell(workbench, row, { type: 'resume' }, steering);
  return true;
}

/** Sets other ceilings for the run. @throws {WhaleFlowError} WF5004. */
export async function setBudget(
  workbench: Workbench,
  { row, budget }: { readonly row: RunRow; readonly budget: Readonly<Record<string, number>> },
  steering: Steering,
): Promise<Heard> {
  return tell(workbench, row, { type: 'budget', budget }, steering);
}

interface Spent {
  readonly modelCalls: number;
  readonly costMicroUsd: number;
  readonly costStatus: CostStatus;
  /** Calls that were sent and whose answer is not recorded: they count in full, and are made again. */
  readonly unanswered: number;
  readonly unansweredMicroUsd: number;
}

type Flight = Pick<InFlight, 'path' | 'attempt' | 'started' | 'slot' | 'calls'>;

/** What a resume keeps and what it will run again. */
export interface ResumeOutlook {
  readonly kept: number;
  /** It was paused: to go on is to end the pause. */
  readonly isPaused: boolean;
  readonly keptCostMicroUsd: number;
  /** Attempts that were in flight, or whose work a stop broke off. */
  readonly again: readonly {
    readonly path: string;
    readonly attempt: number;
    readonly maybeRepeated: boolean;
    /** What it will take from its record. */
    readonly past: { readonly calls: number; readonly tools: number };
    /** Spent by it and the attempts that it goes on with, and what a call without an answer counts as. */
    readonly spent: Spent;
    /** Another program works there: what it did is not ours to go on with. */
    readonly isForeign: boolean;
  }[];
}

/**
 * Looks at a run that is to go on. @throws {WhaleFlowError} WF5004 finished, WF5005 driven by another.
 */
export function resumeOutlook(workbench: Workbench, row: RunRow): ResumeOutlook {
  requireUnfinished(row);
  const store = workbench.store('write');
  if (isDriven(workbench, store, row.run)) {
    const lease = store.lease(row.run);
    throw new WhaleFlowError(
      'WF5005',
      `${row.run} is driven by pid ${lease?.pid} on ${lease?.host}`,
      {
        hint: `watch it: whaleflow watch ${row.run}`,
      },
    );
  }
  const view = viewRun(store, row.run);
  const { state } = view;
  const isMock = state.started?.config.wiring.startsWith('mock') === true;
  const pastOf = (path: string, attempt: number): { calls: number; tools: number } => {
    const type = taskAt(state, path);
    const goesOn = !isMock && type !== undefined && canContinue({ type });
    return countWork(goesOn ? pastWork(view.attemptsOf(path), attempt + 1) : []);
  };
  const spentOf = (path: string, attempt: number, unanswered: readonly Reserved[]): Spent => {
    const sums = { modelCalls: 0, costMicroUsd: 0, costStatus: 'exact' as CostStatus };
    for (const one of pastAttempts(view.attemptsOf(path), attempt + 1)) {
      sums.modelCalls += one.modelCalls;
      sums.costMicroUsd += one.costMicroUsd;
      if (one.modelCalls > 0) sums.costStatus = addCostStatus(sums.costStatus, one.costStatus);
    }
    const unansweredMicroUsd = unanswered.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
    return { ...sums, unanswered: unanswered.length, unansweredMicroUsd };
  };
  return {
    kept: state.leavesDone,
    isPaused: state.paused,
    keptCostMicroUsd: state.totals.costMicroUsd,
    again: [
      ...[...state.inFlight.values()].filter((flight) => !flight.aborted),
      ...handedBack(view),
    ].map(({ path, attempt, started, slot, calls }) => ({
      path,
      attempt,
      maybeRepeated: started && slot === 'command',
      past: pastOf(path, attempt),
      spent: spentOf(path, attempt, [...calls.values()]),
      isForeign: taskAt(state, path) === 'external',
    })),
  };
}

/** What has been at work before and is to run again: a stop broke it off, or its slice was too small. */
function handedBack(view: RunView): readonly Flight[] {
  const { nodes, inFlight } = view.state;
  return [...nodes.values()].flatMap((node) => {
    if (!node.alive || node.stage !== 'ready' || inFlight.has(node.path)) return [];
    const { path, attempt, plan } = node;
    const last = view.attempt(path, attempt);
    if (last === undefined) return [];
    const started = last.startedAt !== undefined;
    return [{ path, attempt, started, slot: slotOf(plan), calls: new Map() }];
  });
}

function taskAt(state: RunState, path: string): TaskType | undefined {
  const node = liveAt(state, path)?.plan.node;
  return node?.kind === 'leaf' ? node.task.type : undefined;
}

/** The first fact of a run. */
export function startedOf(store: TraceStore, run: string): RunStarted {
  const [event] = store.read(run, 0, 1);
  if (event?.type !== 'run.started') {
    throw new WhaleFlowError('WF5003', `${run} does not begin with run.started`, {
      hint: 'whaleflow verify',
    });
  }
  return event;
}
