/** How long a run was at work, and how long it rested: paused, waiting for a person, or without a driver. */
import type { JsonObject } from '../base/json.ts';
import { isResting } from '../trace/apply.ts';
import type { RunState } from '../trace/run-state.ts';
import { durationText } from './duration.ts';

export interface RunTimes {
  readonly workedMs: number;
  readonly restMs: number;
}

/** Until `now`, or until its end where that is given. */
export function runTimes(state: RunState, now: number): RunTimes {
  const { startedAt, restMs: rested, at, finished } = state;
  const isOver = finished !== undefined;
  const restMs = rested + (!isOver && isResting(state) ? Math.max(0, now - at) : 0);
  return { workedMs: Math.max(0, now - startedAt - restMs), restMs };
}

/** A shorter rest is a driver that starts. */
const LEAST_REST_MS = 1_000;

/** `12s`, or `12s (and 4m03s at rest)`. */
export function timesText(state: RunState, now: number): string {
  const { workedMs, restMs } = runTimes(state, now);
  const rest = restMs < LEAST_REST_MS ? '' : ` (and ${durationText(restMs)} at rest)`;
  return `${durationText(workedMs)}${rest}`;
}

export function timesJson(state: RunState, now: number): JsonObject {
  const { workedMs, restMs } = runTimes(state, state.finished?.at ?? now);
  return { worked_ms: workedMs, rest_ms: restMs };
}
