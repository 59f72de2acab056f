/**
 * Folds a run for its snapshots, and keeps only what is still open: what has ended is handed over with
 * the next cut, so that memory is bounded by what is open and what one snapshot holds.
 */
import { AttemptBook, type KeptAttempts } from '../attempt-book.ts';
import type { TraceEvent } from '../events.ts';
import type { RunState, Settled } from '../run-state.ts';
import { emptyView, RunView, type RunViewParts } from '../run-view.ts';
import { revive } from './kept-attempts.ts';
import { OpenEvents } from './open-events.ts';
import { restoreState } from './restore-state.ts';
import type { AttemptsPart, EndedPart, OpenPart, SettledRecord } from './segment.ts';

/** The three parts of a snapshot. */
export interface Cut {
  readonly ended: EndedPart;
  readonly open: OpenPart;
  readonly attempts: AttemptsPart;
}

/** One that is to be made while too much is open: a link between two whole ones. */
export type Link = Omit<Cut, 'open'>;

/** Where a fold goes on: behind the last snapshot. */
export interface FoldStart {
  /** The run’s first event. */
  readonly first: TraceEvent;
  readonly open: OpenPart;
}

export class SnapshotFold {
  readonly #parts: RunViewParts;
  readonly #view: RunView;
  readonly #events: OpenEvents;
  /** How many nodes were open at the last cut: they come first. */
  #known: number;

  /** @param kept what was handed over: a late report of a leaf that has ended changes its attempt. */
  constructor(kept: KeptAttempts, start?: FoldStart) {
    this.#parts = { ...emptyView(), book: new AttemptBook(kept) };
    if (start !== undefined) this.#parts = partsOf(start, this.#parts);
    this.#view = new RunView(this.#parts);
    this.#events = new OpenEvents(start?.open.events);
    this.#known = this.#parts.state.nodes.size;
  }

  /** The last event that was folded. */
  get seq(): number {
    return this.#parts.state.seq;
  }

  /** How many nodes a snapshot would hold whole. */
  get open(): number {
    let open = 0;
    for (const node of this.#parts.state.nodes.values()) if (node.alive) open += 1;
    return open;
  }

  see(event: TraceEvent): void {
    this.#view.see(event);
    this.#events.see(event);
  }

  /** The snapshot after the last event; what has ended is forgotten here. */
  cut(): Cut {
    const { ended, attempts } = this.link();
    const { state, book } = this.#parts;
    return { ended, open: openPart(state, book, this.#events.open(state)), attempts };
  }

  /** The same without what is open. */
  link(): Link {
    const { state, book, rollups, children } = this.#parts;
    const begun = [...state.nodes.keys()].slice(this.#known);
    const settled: SettledRecord[] = [];
    for (const node of state.nodes.values()) if (!node.alive) settled.push(recordOf(node));
    const isAtRest = (path: string): boolean =>
      state.nodes.get(path)?.alive !== true && !state.inFlight.has(path);
    const attempts = book.takeAtRest(isAtRest);
    const late = attempts.flatMap(([path]) => (state.nodes.has(path) ? [] : [path]));
    const [sums, fruitful] = [[...state.sums], [...state.fruitful]];
    const ended = { begun, settled, fruitful, sums, rollups: [...rollups], late };
    for (const { path } of settled) if (!state.inFlight.has(path)) state.nodes.delete(path);
    this.#events.open(state);
    state.sums.clear();
    state.fruitful.length = 0;
    rollups.clear();
    children.clear();
    this.#known = state.nodes.size;
    return { ended, attempts };
  }
}

function partsOf({ first, open }: FoldStart, parts: RunViewParts): RunViewParts {
  for (const [path, attempts] of open.attempts) parts.book.put(path, revive(attempts));
  return { ...parts, state: restoreState(first, [], open) };
}

function openPart(state: RunState, book: AttemptBook, events: readonly TraceEvent[]): OpenPart {
  const { plan: _plan, started: _started, ...rest } = state;
  const { nodes, inFlight, trees, waiting, unsettled, ...others } = rest;
  const { sums: _sums, fruitful: _fruitful, ...run } = others;
  return {
    run,
    live: [...nodes.values()].flatMap((node) => (node.alive ? [liveRecord(node)] : [])),
    ending: [...nodes.values()].flatMap((node) => (node.alive ? [] : [recordOf(node)])),
    inFlight: [...inFlight.values()].map(({ calls, ...flight }) => ({
      ...flight,
      calls: [...calls],
    })),
    waiting: [...waiting],
    trees: [...trees],
    unsettled: [...unsettled],
    attempts: book.own().map(([path, attempts]) => [path, [...attempts]]),
    events,
  };
}

function recordOf({ alive: _alive, plan: _plan, ...record }: Settled): SettledRecord {
  return record;
}

function liveRecord(live: Extract<ReturnType<RunState['nodes']['get']>, { alive: true }>) {
  const { alive: _alive, plan: _plan, parent: _parent, open: _open, ...rest } = live;
  const { next: _next, round: _round, instance: _instance, ...others } = rest;
  const { fruitfulBefore: _fruitfulBefore, ...record } = others;
  return record;
}
