/** A step while events still add to it. */
import type { Step } from '../trace-step.ts';

export type MutableStep = { -readonly [K in keyof Step]: Step[K] };

export interface Draft {
  readonly step: MutableStep;
  readonly parent: Draft | undefined;
  /** Wall time of the start, ms. */
  startedAt: number;
  /** The same on a clock that never jumped: what lasts is measured by it. */
  steadyAt: number;
  /** Place in start order: time that never goes back, however the clock jumped. */
  order: number;
  /** Of an attempt: model calls that have no recorded end. */
  readonly open: Set<Draft>;
  /** Of an attempt: it was told to end. */
  isAborted: boolean;
}
