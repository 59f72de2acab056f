/**
 * What a fork will take over and what it will run first, known before it begins: the parent’s record is
 * played against the new workflow, without a store and without the world.
 */
import { Decider } from '../engine/decide.ts';
import { reuseFrom } from '../engine/fork.ts';
import type { LeafRequested } from '../engine/leaf-work.ts';
import type { EventBody, TraceEvent } from '../trace/events.ts';
import { RULES_VERSION } from '../trace/events.ts';
import type { Outcome } from '../trace/outcome.ts';
import { emptyRunState, liveAt, type RunStarted } from '../trace/run-state.ts';
import type { Address } from './find-run.ts';
import type { ForkRequest } from './fork-run.ts';
import type { PreparedRun } from './prepare-run.ts';
import { startedOf } from './steer.ts';
import type { Workbench } from './workbench.ts';

export interface ForkOutlook {
  /** Leaf attempts that the record answers. */
  readonly reused: number;
  /** What they had cost. */
  readonly reusedCostMicroUsd: number;
  /** Leaves that run first; more may follow that depend on them. */
  readonly runs: readonly {
    readonly path: string;
    /** The parent had run it too, with other inputs, prompt or rights. */
    readonly isChanged: boolean;
  }[];
  /** Why the fork fails, where the record alone decides that it does: nothing of it would run. */
  readonly failsFor?: string;
}

/** Plays the record through. Linear in the parent’s trace. */
export function forkOutlook(
  workbench: Workbench,
  { row }: Address,
  prepared: PreparedRun,
  request: ForkRequest,
): ForkOutlook {
  const store = workbench.store('write');
  const events = store.read(row.run, 0);
  const parent = startedOf(store, row.run);
  const { compiled, params, config } = prepared;
  const started: RunStarted = {
    ...parent,
    // All at once, whatever it costs: the order of ends has no part in what is reused.
    spec: { ...compiled.spec, budget: {} },
    params,
    config: { ...config, concurrency: { model: NO_LIMIT, command: NO_LIMIT } },
    lineage: {
      mode: 'fork',
      parent: row.run,
      ...(request.at === undefined ? {} : { voided: request.at }),
    },
    rulesVersion: RULES_VERSION,
  };
  const reuse = request.isFresh === true ? () => undefined : reuseFrom(row.run, events);
  const played = play(started, reuse);
  const costs = costsOf(events);
  const known = new Set(
    events.flatMap((event) => (event.type === 'leaf.requested' ? [event.path] : [])),
  );
  return {
    reused: played.reused.length,
    reusedCostMicroUsd: played.reused.reduce((sum, address) => sum + (costs.get(address) ?? 0), 0),
    runs: played.runs.map((path) => ({ path, isChanged: known.has(path) })),
    ...(played.runs.length === 0 && played.outcome?.status === 'failed'
      ? { failsFor: played.outcome.failure.message }
      : {}),
  };
}

const NO_LIMIT = Number.MAX_SAFE_INTEGER;

interface Played {
  readonly reused: readonly string[];
  readonly runs: readonly string[];
  /** Undefined while something is left to do. */
  readonly outcome: Outcome | undefined;
}

function play(started: RunStarted, reuse: ReturnType<typeof reuseFrom>): Played {
  const decider = new Decider(emptyRunState());
  const reused: string[] = [];
  const runs: string[] = [];
  const pending: LeafRequested[] = [];
  const take = (decided: readonly EventBody[]): void => {
    for (const event of decided) if (event.type === 'leaf.requested') pending.push(event);
  };
  take(decider.advance(started, 0));
  for (let at = 0; at < pending.length; at += 1) {
    const request = pending[at];
    if (request === undefined) break;
    const lost = liveAt(decider.state, request.path)?.lost ?? 0;
    const answer = reuse(request, request.attempt - lost);
    if (answer === undefined) runs.push(request.path);
    else {
      reused.push(`${request.path}#${answer.from?.attempt ?? request.attempt}`);
      take(decider.advance(answer, 0));
    }
  }
  return { reused, runs, outcome: decider.state.finished?.outcome };
}

/** What each attempt had cost. */
function costsOf(events: readonly TraceEvent[]): ReadonlyMap<string, number> {
  const costs = new Map<string, number>();
  for (const event of events) {
    if (event.type !== 'model.called') continue;
    const address = `${event.path}#${event.attempt}`;
    costs.set(address, (costs.get(address) ?? 0) + event.usage.costMicroUsd);
  }
  return costs;
}
