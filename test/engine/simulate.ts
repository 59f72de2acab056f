/**
 * A world without leaves, stores and time: drives a `Decider` over random answers, orders of completion,
 * timers, people, cancels and crashes, and collects the trace. One seed is one world.
 */

import { Decider } from '../../src/engine/decide.ts';
import { branchFan } from '../../src/engine/rules/branch-set.ts';
import { expandFan } from '../../src/engine/rules/expand.ts';
import { type Amounts, addAmounts, NO_AMOUNTS } from '../../src/trace/amounts.ts';
import { apply } from '../../src/trace/apply.ts';
import {
  type EventBody,
  type Fact,
  RULES_VERSION,
  type TraceEvent,
} from '../../src/trace/events.ts';
import { emptyRunState, type Live, type RunState, triesOf } from '../../src/trace/run-state.ts';
import { NO_TOKENS } from '../../src/trace/usage.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { type Answers, answerOf, keep, type LeafFinished, type LeafRequested } from './answers.ts';
import { type Dice, dice, seedOf } from './chance.ts';

export interface Chaos {
  /** Each of these happens once in so many steps; never where absent. */
  readonly crash?: number;
  readonly cancelRun?: number;
  readonly cancelLeaf?: number;
  readonly skip?: number;
  readonly restart?: number;
  /** Leaves that ask a person in the middle of their work. */
  readonly ask?: number;
  readonly pause?: number;
  readonly stop?: number;
  /** Leaves whose provider refuses its key. */
  readonly refuse?: number;
  /** Reports of attempts that hold no slot any more. */
  readonly stale?: number;
  /** Aborted leaves that are given up. */
  readonly giveUp?: number;
}

export interface WorldRequest {
  readonly spec: WorkflowSpec;
  readonly seed: number;
  /** Seed of what happens when; the seed where absent. */
  readonly order?: number;
  readonly failPercent?: number;
  readonly chaos?: Chaos;
  readonly concurrency?: { readonly model: number; readonly command: number };
  /** Requests that one fact may bring; no limit where absent. */
  readonly atOnce?: number | undefined;
  /** Commits at whose boundary the driver dies, by number from 0; the fact after it is lost. */
  readonly crashAt?: (commit: number) => boolean;
  readonly see?: (step: SimulationStep) => void;
}

/** One commit of the simulated driver. */
export interface SimulationStep {
  readonly decider: Decider;
  readonly fact: Fact;
  readonly at: number;
  /** The fact and its decisions. */
  readonly events: readonly EventBody[];
  readonly trace: readonly TraceEvent[];
  readonly answers: Answers;
}

export interface Simulation {
  readonly trace: readonly TraceEvent[];
  readonly state: RunState;
  readonly answers: Answers;
  readonly commits: number;
}

const MAX_COMMITS = 20_000;
const AMOUNTS = ['tokens', 'costMicroUsd', 'steps'] as const;

/** Runs a world until its run is finished, or nothing can happen any more. */
export function simulate(request: WorldRequest): Simulation {
  return new World(request).run();
}

/** Folds a trace as every reader does, through JSON. */
export function foldTrace(trace: readonly TraceEvent[]): RunState {
  const state = emptyRunState();
  for (const event of trace) {
    const read = JSON.parse(JSON.stringify(event)) as TraceEvent;
    apply(state, read, read.at);
    state.seq = read.seq;
  }
  return state;
}

/** How far an attempt in flight has come in this process. */
interface Running {
  readonly request: LeafRequested;
  readonly report: LeafFinished;
  step: 'requested' | 'started';
  isAborted: boolean;
  readonly calls: { count: number; isLost: boolean };
  readonly spent: { amounts: Amounts };
}

/** Leaves that wait for admission and that the engine may not have made yet. */
function waitingBelow(state: RunState, { plan, path }: Live): readonly string[] {
  const { node } = plan;
  if (node.kind !== 'branch_set' && node.kind !== 'expand') return [];
  if (node.maxParallel !== undefined) return [];
  const fan = node.kind === 'expand' ? expandFan(state, { plan, path }, undefined) : undefined;
  const { at, count } = fan ?? branchFan({ plan, path }, undefined);
  const children = Array.from({ length: count }, (_, index) => at(index));
  return children
    .filter((child) => child.plan.node.kind === 'leaf' && !state.nodes.has(child.path))
    .map((child) => child.path);
}

class World {
  readonly #request: WorldRequest;
  readonly #answers: Answers;
  readonly #chance: Dice;
  readonly #trace: TraceEvent[] = [];
  readonly #running = new Map<string, Running>();
  readonly #timers = new Map<string, string>();
  readonly #requests = new Map<string, LeafRequested>();
  readonly #reported: LeafFinished[] = [];
  #decider: Decider = new Decider(emptyRunState());
  #at = 1_000;
  #commits = 0;
  #epoch = 1;

  constructor(request: WorldRequest) {
    const { seed, order = seed, failPercent = 15 } = request;
    this.#request = request;
    this.#answers = { seed, failPercent, contents: new Map() };
    this.#chance = dice(seedOf(order, 'world'));
  }

  run(): Simulation {
    const { spec, seed, concurrency = { model: 3, command: 2 }, atOnce } = this.#request;
    const most = atOnce === undefined ? {} : { atOnce };
    const base = { commit: 'base', head: 'base', uncommitted: 0 };
    this.#commit({
      type: 'run.started',
      spec,
      params: {},
      seed,
      config: { concurrency, wiring: 'mock', sandbox: 'none', routes: {}, ...most },
      base,
      consent: { by: 'library', commands: [] },
      lineage: { mode: 'live' },
      rulesVersion: RULES_VERSION,
    });
    this.#commit({ type: 'run.driven', epoch: 1, pid: 1, host: 'here', versions: {} });
    while (this.#decider.state.finished === undefined && this.#commits < MAX_COMMITS) {
      if (!this.#step()) break;
    }
    const { state } = this.#decider;
    return { trace: this.#trace, state, answers: this.#answers, commits: this.#commits };
  }

  /** Lets one thing happen; false when nothing can. */
  #step(): boolean {
    const { crashAt } = this.#request;
    if (crashAt?.(this.#commits)) this.#crash();
    if (this.#misfortune()) return true;
    const { state } = this.#decider;
    const running = [...this.#running.values()];
    const timers = [...this.#timers];
    const waiting = [...state.waiting];
    const count = running.length + timers.length + waiting.length;
    if (count === 0) return this.#wakeUp();
    const pick = this.#chance.below(count);
    const leaf = running[pick];
    const timer = timers[pick - running.length];
    const asked = waiting[pick - running.length - timers.length];
    if (leaf !== undefined) this.#goOn(leaf);
    else if (timer !== undefined) {
      this.#timers.delete(timer[0]);
      this.#commit({ type: 'timer.fired', path: timer[0], timer: timer[1] });
    } else if (asked !== undefined) {
      const approved = dice(seedOf(this.#answers.seed, asked, 'person')).below(3) > 0;
      this.#commit({ type: 'approval.answered', path: asked, approved, by: 'ada' });
    }
    return true;
  }

  /** A run that rests is taken up again: a budget is raised, a pause ends, a driver comes back. */
  #wakeUp(): boolean {
    const { state } = this.#decider;
    if (state.stopped?.because === 'budget') {
      const budget = { maxLeaves: 1e6, maxSteps: 1e9, maxTokens: 1e12, maxCostMicroUsd: 1e12 };
      this.#commit({ type: 'budget.raised', budget: { ...budget, maxMs: 1e12 } });
    } else if (state.stopped !== undefined) this.#crash();
    else if (state.paused) this.#commit({ type: 'run.resumed', by: 'ada' });
    else return false;
    return true;
  }

  #goOn(leaf: Running): void {
    const { request, report } = leaf;
    const { path, attempt } = request;
    if (leaf.isAborted) {
      const isGivenUp = this.#happens(this.#request.chaos?.giveUp);
      this.#running.delete(path);
      this.#reported.push(report);
      if (isGivenUp) this.#commit({ type: 'leaf.lost', path, attempt, maybeRepeated: true });
      else if (this.#happens(this.#request.chaos?.refuse)) {
        this.#commit({ ...this.#refusal(path, attempt), late: true });
      } else this.#commit({ ...report, late: true });
    } else if (leaf.step === 'requested') {
      leaf.step = 'started';
      this.#commit({ type: 'leaf.started', path, attempt });
    } else if (leaf.step === 'started' && this.#happens(this.#request.chaos?.ask)) {
      this.#commit({ type: 'approval.asked', path, message: 'may I?' });
    } else if (this.#happens(this.#request.chaos?.refuse)) {
      this.#running.delete(path);
      this.#commit(this.#refusal(path, attempt));
    } else if (!leaf.calls.isLost && this.#chance.once(3)) {
      this.#call(leaf);
    } else {
      this.#leaveMarks(request, report);
      this.#running.delete(path);
      this.#reported.push(report);
      this.#commit(report);
    }
  }

  /** The provider of a leaf refuses its key. */
  #refusal(path: string, attempt: number): LeafFinished {
    const failure = { kind: 'refused', message: 'the key is refused' } as const;
    const result = { status: 'failed', failure } as const;
    return { type: 'leaf.finished', path, attempt, result, stop: 'credentials' };
  }

  /** A merge with conflicts says where their marks are before it ends. */
  #leaveMarks({ path, tree }: LeafRequested, { result }: LeafFinished): void {
    const isConflict = result.status === 'failed' && result.failure.kind === 'merge_conflict';
    if (!isConflict || tree === undefined) return;
    const into = { key: tree.key, commit: `${tree.commit}!` };
    this.#commit({ type: 'tree.merged', path, into, sources: [], conflicts: ['file'] });
  }

  /** Asks the model once more, or says that the slice is too small for it; false when nothing came of it. */
  #call({ request: { path, attempt, slice = {} }, spent, calls }: Running): boolean {
    const route = { provider: 'mock', model: 'mock' };
    const call = { path, attempt, call: calls.count + 1, try: 1, route };
    const reserved = { costMicroUsd: this.#chance.below(30), tokens: 1 + this.#chance.below(300) };
    const needed = addAmounts(spent.amounts, { ...reserved, steps: 1 });
    const short = AMOUNTS.filter((name) => needed[name] > (slice[name] ?? Infinity));
    if (short.length > 0) {
      this.#running.delete(path);
      const failure = { kind: 'budget', message: 'short' } as const;
      const missing = Object.fromEntries(short.map((name) => [name, needed[name]]));
      const result = { status: 'failed', failure } as const;
      this.#commit({ type: 'leaf.finished', path, attempt, result, short: missing });
      return false;
    }
    calls.count += 1;
    this.#commit({ type: 'model.requested', ...call, digest: 'd', reserved });
    if (!this.#running.has(path)) return false;
    if (this.#chance.once(20)) {
      // It never comes back, and nothing is asked after it.
      calls.isLost = true;
      return false;
    }
    const tokens = { ...NO_TOKENS, uncached: this.#share(reserved.tokens), output: 2 };
    const costMicroUsd = this.#share(reserved.costMicroUsd);
    const used = { costMicroUsd, tokens: tokens.uncached + tokens.output, steps: 1 };
    spent.amounts = addAmounts(spent.amounts, used);
    this.#commit({
      type: 'model.called',
      ...call,
      request: keep(this.#answers, 'request'),
      usage: { tokens, costMicroUsd, costStatus: 'exact' },
      memo: 'miss',
      latencyMs: 1,
    });
    return true;
  }

  /** Mostly less than what was set aside, sometimes more. */
  #share(most: number): number {
    return Math.floor(most * this.#chance.next() * (this.#chance.once(6) ? 3 : 1));
  }

  /** What nobody wished for; true when something happened. */
  #misfortune(): boolean {
    const { chaos = {} } = this.#request;
    const { state } = this.#decider;
    const alive = [...state.nodes.values()].filter((node) => node.alive);
    const below = alive.flatMap((node) => [node.path, ...waitingBelow(state, node)]);
    const paths = below.filter((each) => each !== '');
    const path = paths.length === 0 ? undefined : this.#chance.of(paths);
    const flying = [...state.inFlight.keys()];
    if (this.#happens(chaos.crash)) this.#crash();
    else if (this.#happens(chaos.cancelRun)) this.#commit({ type: 'run.cancelled', by: 'ada' });
    else if (path !== undefined && this.#happens(chaos.cancelLeaf)) {
      this.#commit({ type: 'leaf.cancelled', path, by: 'ada' });
    } else if (path !== undefined && this.#happens(chaos.skip)) {
      this.#commit({ type: 'leaf.skipped', path, by: 'ada' });
    } else if (flying.length > 0 && this.#happens(chaos.restart)) {
      this.#commit({ type: 'leaf.restarted', path: this.#chance.of(flying), by: 'ada' });
    } else if (this.#happens(chaos.pause)) {
      this.#commit({ type: state.paused ? 'run.resumed' : 'run.paused', by: 'ada' });
    } else if (state.stopped === undefined && this.#happens(chaos.stop)) {
      this.#commit({ type: 'run.stopped', because: 'interrupted' });
    } else if (this.#reported.length > 0 && this.#happens(chaos.stale)) {
      this.#commit(this.#chance.of(this.#reported));
    } else return false;
    return true;
  }

  #happens(times: number | undefined): boolean {
    return times !== undefined && this.#chance.once(times);
  }

  /** The driver dies: what it had decided is in the trace, what it was about to hear is lost. */
  #crash(): void {
    this.#running.clear();
    this.#timers.clear();
    this.#decider = new Decider(foldTrace(this.#trace));
    const { state } = this.#decider;
    const flights = [...state.inFlight.values()];
    const timers = [...state.nodes.values()].flatMap((node) =>
      node.alive && node.timer !== undefined ? [[node.path, node.timer] as const] : [],
    );
    for (const [path, timer] of timers) this.#timers.set(path, timer);
    this.#epoch += 1;
    this.#commit({ type: 'run.driven', epoch: this.#epoch, pid: 1, host: 'here', versions: {} });
    for (const { path, attempt, started, aborted } of flights) {
      const request = this.#requests.get(path);
      if (started || aborted || request === undefined) {
        this.#commit({ type: 'leaf.lost', path, attempt, maybeRepeated: true });
      } else this.#launch(request);
    }
  }

  #launch(request: LeafRequested): void {
    const live = this.#decider.state.nodes.get(request.path) as Live;
    const nth = live.alive ? triesOf(live) : 0;
    const report = answerOf(this.#answers, live.plan, request, nth);
    this.#running.set(request.path, {
      request,
      report,
      step: 'requested',
      isAborted: false,
      calls: { count: 0, isLost: false },
      spent: { amounts: NO_AMOUNTS },
    });
  }

  #commit(fact: Fact): void {
    this.#at += this.#chance.below(50);
    const at = this.#at;
    const events = this.#decider.advance(fact, at);
    for (const event of events) {
      this.#trace.push({ ...event, seq: this.#trace.length + 1, at });
    }
    this.#decider.state.seq = this.#trace.length;
    this.#commits += 1;
    for (const event of events) this.#perform(event);
    const { decider } = { decider: this.#decider };
    const { see } = this.#request;
    see?.({ decider, fact, at, events, trace: this.#trace, answers: this.#answers });
  }

  #perform(event: EventBody): void {
    if (event.type === 'leaf.requested') {
      this.#requests.set(event.path, event);
      this.#launch(event);
    } else if (event.type === 'leaf.aborted') {
      const running = this.#running.get(event.path);
      if (running !== undefined) running.isAborted = true;
    } else if (event.type === 'timer.requested') this.#timers.set(event.path, event.timer);
    else if (event.type === 'timer.cancelled') this.#timers.delete(event.path);
  }
}
