import type { CostStatus } from './usage.ts';

export type RunState =
  | 'running'
  | 'pausing'
  | 'paused'
  | 'stopped'
  | 'succeeded'
  | 'degraded'
  | 'failed'
  | 'cancelled';

/**
 * The summary of a run, written with its events, rebuildable from them and checked by `verify`. The
 * state `lost` is not stored: a reader concludes it from the lease.
 */
export interface RunRow {
  readonly run: string;
  readonly name?: string;
  readonly workflow: string;
  readonly source?: string;
  readonly state: RunState;
  /** Why, for `stopped` and `failed`. */
  readonly because?: string;
  readonly startedAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  /** Leaves settled, and the leaves known so far (worst case where loops and expands may grow). */
  readonly done: number;
  readonly total: number;
  readonly inFlight: number;
  /** Paths that wait for a person. */
  readonly waiting: number;
  readonly costMicroUsd: number;
  readonly costStatus: CostStatus;
  readonly tokens: number;
  /** The leaf that has been in flight for longest. */
  readonly longest?: { readonly path: string; readonly startedAt: number };
  readonly parent?: string;
  readonly seq: number;
}
