/** How a run stands, as shown: its state, whether its driver lives, and the exit status that it means. */
import type { ExitStatus } from '../base/error-codes.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { RunRow } from '../trace/run-row.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import {
  isDriven,
  type ShownState,
  type Silence,
  shownState,
  silenceOf,
} from '../workbench/liveness.ts';
import { whyLost } from '../workbench/why-lost.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { timeJson } from './amounts.ts';
import { ageText } from './duration.ts';
import type { Mark } from './style.ts';
import { typed } from './typed.ts';

export type StandingState = ShownState;

export interface Standing {
  readonly row: RunRow;
  readonly state: StandingState;
  readonly isDriven: boolean;
  /** Its driver lives and has not been heard of for long. */
  readonly silence?: Silence;
  /** Of a lost run: what became of its driver. */
  readonly whyLost?: string;
}

export function standingOf(workbench: Workbench, store: TraceStore, row: RunRow): Standing {
  const state = shownState(workbench, store, row);
  const driven = !FINISHED.has(state) && isDriven(workbench, store, row.run);
  const why = state === 'lost' ? { whyLost: whyLost(workbench, row) } : {};
  const silence = driven ? silenceOf(workbench, store, row.run) : undefined;
  return { row, state, isDriven: driven, ...(silence === undefined ? {} : { silence }), ...why };
}

/** Nothing of it was real: no model, command or file. A damaged record does not say so. */
export function isMocked(store: TraceStore, run: string): boolean {
  try {
    const [started] = store.read(run, 0, 1);
    return started?.type === 'run.started' && started.config.wiring.startsWith('mock');
  } catch (thrown) {
    if (thrown instanceof WhaleFlowError && thrown.code === 'WF5003') return false;
    throw thrown;
  }
}

/** Running, or able to go on: not finished. */
export function isOpen({ state }: Standing): boolean {
  return !FINISHED.has(state);
}

/** Nothing happens any more unless somebody does something. */
export function isAtRest(standing: Standing): boolean {
  const { state, isDriven: driven } = standing;
  return !isOpen(standing) || (!driven && state !== 'running' && state !== 'pausing');
}

const FINISHED = new Set<StandingState>(['succeeded', 'degraded', 'failed', 'cancelled']);

const exitOfState: Readonly<Partial<Record<StandingState, ExitStatus>>> = {
  succeeded: 0,
  degraded: 8,
  failed: 1,
  cancelled: 1,
  paused: 5,
  waiting: 5,
  lost: 9,
};

/** Why a run stopped → what it means for a script. */
const exitOfStop: Readonly<Record<string, ExitStatus>> = {
  budget: 6,
  credentials: 4,
  provider: 4,
  disk_full: 9,
  interrupted: 9,
  waiting_for_person: 5,
};

/** The exit status of a run that does not go on by itself; undefined while it does. */
export function exitOfStanding({ state, row }: Standing): ExitStatus | undefined {
  if (state !== 'stopped') return exitOfState[state];
  return exitOfStop[(row.because ?? '').replace(/:[\s\S]*$/, '')] ?? 1;
}

export const markOfState: Readonly<Record<StandingState, Mark>> = {
  running: 'running',
  pausing: 'paused',
  paused: 'paused',
  stopped: 'paused',
  waiting: 'asks',
  succeeded: 'done',
  degraded: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'lost',
};

export const wordOfState: Readonly<Record<StandingState, string>> = {
  running: 'running',
  pausing: 'pausing',
  paused: 'paused',
  stopped: 'stopped',
  waiting: 'needs you',
  succeeded: 'done',
  degraded: 'degraded',
  failed: 'failed',
  cancelled: 'cancelled',
  lost: 'lost',
};

/** What every command says of a run in JSON. */
export function runJson(standing: Standing, now: number): JsonObject {
  const { row, state } = standing;
  const { longest } = row;
  const exit = exitOfStanding(standing);
  return {
    run: row.run,
    name: row.name ?? null,
    workflow: row.workflow,
    source: row.source ?? null,
    state,
    because: row.because ?? null,
    liveness: livenessOf(standing),
    done: row.done,
    total: row.total,
    in_flight: row.inFlight,
    waiting: row.waiting,
    started_at: timeJson(row.startedAt),
    updated_at: timeJson(row.updatedAt),
    ended_at: row.endedAt === undefined ? null : timeJson(row.endedAt),
    longest:
      longest === undefined || !isOpen(standing)
        ? null
        : { leaf: `${row.run}/${longest.path}`, ms: Math.max(0, now - longest.startedAt) },
    cost_microusd: row.costMicroUsd,
    cost_status: row.costStatus,
    tokens_total: row.tokens,
    parent: row.parent ?? null,
    exit: exit ?? null,
  };
}

/** `driver not heard of for 12s (stopped): kill -CONT 4711`: what is the matter, and what to type. */
export function silenceText({ ms, pid, isStopped }: Silence, run: string): string {
  const since = `driver not heard of for ${ageText(ms)}`;
  return isStopped
    ? `${since}, its process is stopped: kill -CONT ${pid}`
    : `${since}, its process lives: wait, or kill ${pid} and ${typed(`resume ${run}`)}`;
}

function livenessOf({ state, isDriven: driven, silence }: Standing): string {
  if (state === 'lost') return 'lost';
  if (silence !== undefined) return silence.isStopped ? 'driver stopped' : 'driver silent';
  if (driven) return 'driven';
  return state === 'running' || state === 'pausing' ? 'starting' : 'at rest';
}
