/**
 * What a snapshot of a run’s fold holds, as JSON: what changed for good since the snapshot before
 * (`ended`), what is still open (`open`, whole), and what its ended leaves did (`attempts`, read when
 * somebody asks). Another shape, or another fold, is another `FOLD_VERSION`.
 */
import type { NodePath } from '../../workflow/node-path.ts';
import type { AttemptView } from '../attempt-view.ts';
import type { TraceEvent } from '../events.ts';
import type { Rollup } from '../rollup.ts';
import type { InFlight, Live, RunState, Settled, Sums, TreeState } from '../run-state.ts';
import type { Unsettled } from '../unsettled.ts';

type Entries<T> = readonly (readonly [NodePath, T])[];

export type SettledRecord = Omit<Settled, 'alive' | 'plan'>;

export interface EndedPart {
  /** Nodes that were seen first, in the order of their beginning. */
  readonly begun: readonly NodePath[];
  /** Those that ended; again where they handed something over later. */
  readonly settled: readonly SettledRecord[];
  readonly fruitful: readonly NodePath[];
  /** What was added. */
  readonly sums: Entries<Sums>;
  readonly rollups: Entries<Rollup>;
  /** Leaves that had ended before and whose attempts changed since: these stand in this snapshot. */
  readonly late: readonly NodePath[];
}

type Hint = 'next' | 'round' | 'instance' | 'fruitfulBefore';
type LiveRecord = Omit<Live, 'alive' | 'plan' | 'parent' | 'open' | Hint>;
type InFlightRecord = Omit<InFlight, 'calls'> & {
  readonly calls: readonly (readonly [string, Reserved])[];
};
type Reserved = InFlight['calls'] extends Map<string, infer Value> ? Value : never;

export interface OpenPart {
  readonly run: Omit<
    RunState,
    | 'plan'
    | 'started'
    | 'nodes'
    | 'inFlight'
    | 'trees'
    | 'sums'
    | 'waiting'
    | 'fruitful'
    | 'unsettled'
  >;
  readonly live: readonly LiveRecord[];
  /** Leaves that have ended and are still in flight: what they hand over belongs to them. */
  readonly ending: readonly SettledRecord[];
  readonly inFlight: readonly InFlightRecord[];
  readonly waiting: readonly NodePath[];
  readonly trees: Entries<TreeState>;
  readonly unsettled: Entries<Unsettled>;
  readonly attempts: Entries<AttemptView[]>;
  /** What a driver that goes on has to know: `open-events.ts`. */
  readonly events: readonly TraceEvent[];
}

export type AttemptsPart = Entries<AttemptView[]>;
