/**
 * The promise of budgets, held against a trace and nothing else: what is spent below a node is never more
 * than its ceiling and what calls used over their reservation since the last leaf was let in there.
 */
import type { Slice, TraceEvent } from '../../src/trace/events.ts';
import { totalTokens } from '../../src/trace/usage.ts';
import type { Budget } from '../../src/workflow/limits.ts';
import { parentPath } from '../../src/workflow/node-path.ts';
import { planNodeAt, planOf } from '../../src/workflow/plan.ts';

const AMOUNTS = ['tokens', 'costMicroUsd', 'steps'] as const;
type Amounts = Record<(typeof AMOUNTS)[number], number>;
const CEILINGS = {
  tokens: 'maxTokens',
  costMicroUsd: 'maxCostMicroUsd',
  steps: 'maxSteps',
} as const;
const none = (): Amounts => ({ tokens: 0, costMicroUsd: 0, steps: 0 });

interface Scope {
  budget: Budget;
  leaves: number;
  readonly spent: Amounts;
  /** Used over reservations since a leaf was last let in. */
  over: Amounts;
}

interface Flight {
  readonly attempt: number;
  readonly slice: Slice;
  readonly spent: Amounts;
  readonly calls: Map<string, Amounts>;
}

/** What a trace shows of a run under budgets. */
export interface Seen {
  /** Leaves that waited for a slice while a slot was free are not seen; these are. */
  readonly short: number;
  readonly lost: number;
  readonly stopped: number;
  readonly failed: number;
  readonly over: number;
  readonly mostInFlight: number;
}

/** @throws with what was overspent. */
export function checkBudgets(events: readonly TraceEvent[]): Seen {
  const [first] = events;
  if (first?.type !== 'run.started') throw new Error('no run.started');
  const plan = planOf(first.spec);
  const scopes = new Map<string, Scope>();
  const flights = new Map<string, Flight>();
  const seen = { short: 0, lost: 0, stopped: 0, failed: 0, over: 0, mostInFlight: 0 };
  const around = (path: string): readonly (readonly [string, Scope])[] => {
    const found: (readonly [string, Scope])[] = [];
    for (let at = path; ; at = parentPath(at)) {
      const budget = planNodeAt(plan, at)?.node.budget;
      if (budget !== undefined) {
        const scope = scopes.get(at) ?? { budget, leaves: 0, spent: none(), over: none() };
        scopes.set(at, scope);
        found.push([at, scope]);
      }
      if (at === '') return found;
    }
  };
  const spend = (path: string, used: Amounts, reserved: Amounts): void => {
    for (const [at, { spent, over, budget }] of around(path)) {
      for (const name of AMOUNTS) {
        spent[name] += used[name];
        over[name] += Math.max(0, used[name] - reserved[name]);
        const most = (budget[CEILINGS[name]] ?? Infinity) + over[name];
        if (spent[name] > most) throw new Error(`${at}: ${spent[name]} ${name} of ${most}`);
      }
    }
  };
  const land = (path: string, attempt: number): void => {
    const flight = flights.get(path);
    if (flight?.attempt !== attempt) return;
    flights.delete(path);
    for (const reserved of flight.calls.values()) spend(path, reserved, reserved);
  };
  for (const event of events) {
    switch (event.type) {
      case 'leaf.requested': {
        const { path, attempt, slice = {} } = event;
        flights.set(path, { attempt, slice, spent: none(), calls: new Map() });
        for (const [at, scope] of around(path)) admit(at, scope, { path, slice, flights });
        seen.mostInFlight = Math.max(seen.mostInFlight, flights.size);
        break;
      }
      case 'model.requested': {
        const flight = flights.get(event.path);
        if (flight?.attempt !== event.attempt) break;
        const reserved = { ...event.reserved, steps: 1 };
        flight.calls.set(`${event.call}/${event.try}`, reserved);
        for (const name of AMOUNTS) {
          const most = flight.slice[name] ?? Infinity;
          const wanted = flight.spent[name] + reserved[name];
          if (wanted > most)
            throw new Error(`${event.path}: ${wanted} ${name} of a slice of ${most}`);
        }
        break;
      }
      case 'model.called': {
        const { usage, path } = event;
        const used = {
          tokens: totalTokens(usage.tokens),
          costMicroUsd: usage.costMicroUsd,
          steps: 1,
        };
        const flight = flights.get(path);
        const isHeld = flight?.attempt === event.attempt;
        const key = `${event.call}/${event.try}`;
        const reserved = (isHeld ? flight.calls.get(key) : undefined) ?? none();
        if (isHeld) {
          flight.calls.delete(key);
          for (const name of AMOUNTS) flight.spent[name] += used[name];
        }
        if (used.tokens > reserved.tokens) seen.over += 1;
        spend(path, used, reserved);
        break;
      }
      case 'leaf.finished':
        if (event.short !== undefined) seen.short += 1;
        land(event.path, event.attempt);
        break;
      case 'leaf.lost':
        seen.lost += 1;
        land(event.path, event.attempt);
        break;
      case 'run.stopped':
        if (event.because === 'budget') seen.stopped += 1;
        break;
      case 'budget.raised': {
        const [, root] = around('').at(-1) ?? [];
        if (root !== undefined) root.budget = { ...root.budget, ...event.budget };
        break;
      }
      case 'node.finished': {
        const { outcome } = event;
        if (outcome.status === 'failed' && outcome.failure.kind === 'budget') seen.failed += 1;
        break;
      }
      default:
    }
  }
  return seen;
}

/** What is spent and what is held by leaves in flight, the new one included, fits under the ceiling. */
function admit(
  at: string,
  scope: Scope,
  { path, slice, flights }: { path: string; slice: Slice; flights: ReadonlyMap<string, Flight> },
): void {
  const { budget, spent } = scope;
  scope.leaves += 1;
  if (scope.leaves > (budget.maxLeaves ?? Infinity))
    throw new Error(`${at}: ${scope.leaves} leaves`);
  for (const name of AMOUNTS) {
    const ceiling = budget[CEILINGS[name]];
    if (ceiling === undefined) continue;
    if (slice[name] === undefined) throw new Error(`${path} has no slice of ${name} of ${at}`);
    let taken = spent[name];
    for (const [other, flight] of flights) {
      const isBelow = at === '' || other === at || other.startsWith(`${at}/`);
      if (isBelow) taken += Math.max(0, (flight.slice[name] ?? 0) - flight.spent[name]);
    }
    if (taken > ceiling) throw new Error(`${path} lets ${taken} ${name} of ${ceiling} in at ${at}`);
    scope.over[name] = 0;
  }
}
