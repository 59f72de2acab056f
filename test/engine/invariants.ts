/** What must hold after every commit of every run. Each check throws with what it saw. */
import { Decider } from '../../src/engine/decide.ts';
import { compareWritten } from '../../src/engine/ready-queue.ts';
import type { EventBody } from '../../src/trace/events.ts';
import { emptySums, type Live, type RunState } from '../../src/trace/run-state.ts';
import { foldTrace, type SimulationStep } from './simulate.ts';

/** All of a state that decisions depend on, without hints, in an order of its own. */
function normalise(state: RunState): unknown {
  const nodes = [...state.nodes.values()].map((node) => {
    if (!node.alive) return { ...node, plan: node.plan.node.id };
    if (node.plan.node.kind === 'leaf' && node.attempt === 0) return { path: node.path };
    const { next: _next, round: _round, instance: _instance, ...others } = node;
    const { fruitfulBefore: _fruitfulBefore, ...rest } = others;
    // Leaves that wait for admission are hints: that they are there is compared by themselves.
    return {
      ...rest,
      plan: node.plan.node.id,
      parent: node.parent?.path ?? null,
      open: [...node.open].map(({ path }) => path).sort(),
    };
  });
  const byPath = (a: { path: string }, b: { path: string }): number => (a.path < b.path ? -1 : 1);
  return JSON.parse(
    JSON.stringify({
      ...state,
      plan: null,
      started: null,
      stopped: state.stopped?.because ?? null,
      nodes: nodes.sort(byPath),
      inFlight: [...state.inFlight.values()]
        .map((flight) => ({ ...flight, calls: [...flight.calls] }))
        .sort(byPath),
      trees: [...state.trees].sort(),
      unsettled: [...state.unsettled].sort(),
      sums: [...state.sums].sort(),
      waiting: [...state.waiting].sort(),
      ready: readyIn(state).map(({ path }) => path),
    }),
  );
}

/** Leaves that wait for admission, in the order in which they would be admitted. */
function readyIn(state: RunState): readonly Live[] {
  return [...state.nodes.values()]
    .filter((node): node is Live => node.alive)
    .filter(({ plan, stage }) => plan.node.kind === 'leaf' && stage === 'ready')
    .sort(compareWritten);
}

/** The fold of the trace is the state that decided it, and decides on as it would. */
export function checkFold({ decider, trace }: SimulationStep): void {
  const folded = new Decider(foldTrace(trace)).state;
  same(normalise(folded), normalise(decider.state), 'the fold is another state');
}

/** The same fact again has nothing to say, unless the next leaves of a crowd have their turn with it. */
export function checkRepetition({ fact, at, events, trace }: SimulationStep): void {
  const again = new Decider(foldTrace(trace));
  if (fact.type === 'run.driven') return;
  const { atOnce } = again.state.started?.config ?? {};
  if (requestsIn(events) === atOnce) return;
  const { length } = again.advance(fact, at);
  if (length !== 1) throw new Error(`${fact.type} twice decides ${length - 1} more`);
}

const requestsIn = (events: readonly EventBody[]): number =>
  events.filter(({ type }) => type === 'leaf.requested').length;

/** A run that is not over has something to wait for. */
export function checkLiveness({ decider: { state } }: SimulationStep): void {
  if (state.finished !== undefined) return;
  const hasTimer = [...state.nodes.values()].some((node) => node.alive && node.timer !== undefined);
  const isResting = state.paused || state.stopped !== undefined || state.waiting.size > 0;
  if (state.inFlight.size === 0 && !hasTimer && !isResting) throw new Error('the run is stuck');
}

/** Slots are held by attempts from their request to their report, and there are only so many. */
export function checkSlots({ decider: { state } }: SimulationStep): void {
  const held = { model: 0, command: 0 };
  for (const { slot } of state.inFlight.values()) held[slot] += 1;
  same(held, state.busy, 'slots are miscounted');
  const limits = state.started?.config.concurrency ?? held;
  if (held.model > limits.model || held.command > limits.command) throw new Error('too many slots');
}

/** Nothing below an ended node is alive; whatever is alive hangs on its parent. */
export function checkTree({ decider: { state } }: SimulationStep): void {
  for (const node of state.nodes.values()) {
    if (!node.alive || node.parent === undefined) continue;
    const isHung = state.nodes.get(node.parent.path) === node.parent && node.parent.open.has(node);
    if (!isHung) throw new Error(`${node.path} is open below an ended node`);
  }
  for (const path of state.waiting) {
    if (state.nodes.get(path)?.alive !== true) throw new Error(`${path} waits but is not alive`);
  }
}

/** Starts and ends of each node, counted over the trace. */
export function checkEnds(trace: SimulationStep['trace']): void {
  const started = new Set<string>();
  const ended = new Set<string>();
  for (const event of trace) {
    if (event.type === 'node.started') once(started, event.path, 'started');
    else if (event.type === 'node.finished') once(ended, event.path, 'ended');
  }
  const last = trace.at(-1);
  if (last?.type !== 'run.finished') return;
  for (const path of started) if (!ended.has(path)) throw new Error(`${path} never ended`);
}

/** What a report without a slot may change; as any fact it may be the turn of the next leaves of a crowd. */
export function checkStale(before: RunState, step: SimulationStep): void {
  const { fact, decider, events } = step;
  if (fact.type !== 'leaf.finished' && fact.type !== 'leaf.lost') return;
  if (before.inFlight.get(fact.path)?.attempt === fact.attempt) return;
  const rest = (state: RunState): unknown => {
    const { sums: _sums, totals: _totals, ...other } = normalise(state) as Record<string, unknown>;
    return { ...other, seq: 0, at: 0, activeMs: 0, restMs: 0, totals: emptySums() };
  };
  const isTurn = decider.state.started?.config.atOnce !== undefined;
  if (isTurn && events.length > 1) return;
  if (events.length > 1) throw new Error(`a report without a slot decides ${events[1]?.type}`);
  same(rest(decider.state), rest(before), 'a report without a slot changes the state');
}

function once(seen: Set<string>, path: string, what: string): void {
  if (seen.has(path)) throw new Error(`${path} ${what} twice`);
  seen.add(path);
}

function same(actual: unknown, expected: unknown, what: string): void {
  const [left, right] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (left === right) return;
  let at = 0;
  while (left[at] === right[at]) at += 1;
  const from = Math.max(0, at - 120);
  throw new Error(`${what}:\n${left.slice(from, at + 80)}\n${right.slice(from, at + 80)}`);
}
