/**
 * A run from its first fact to its end in a world of one seed: the real loop, leaf chain and call chain
 * over a simulated store, with drivers that die, stall and are overtaken, clocks that jump, people that
 * interfere. What must never happen is thrown.
 */
import { hash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import type { Json } from '../../src/base/json.ts';
import { type DriveEnd, drive } from '../../src/engine/drive.ts';
import { outputValue } from '../../src/engine/outputs.ts';
import { replay } from '../../src/engine/replay.ts';
import { runRowOf } from '../../src/engine/run-row-of.ts';
import { startRun } from '../../src/engine/start-run.ts';
import { pause } from '../../src/model/pause.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { type SimulatedSystem, simulatedSystem } from '../../src/system/simulated-system.ts';
import { type Fact, RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import type { RunState } from '../../src/trace/run-state.ts';
import type { Command, TraceStore } from '../../src/trace/trace-store.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { noneWorkspace } from '../../src/workspace/none/none-workspace.ts';
import { workflowDocuments } from '../arbitrary/workflow-document.ts';
import { type Dice, dice, seedOf } from '../engine/chance.ts';
import { checkEnds } from '../engine/invariants.ts';
import { enrichedSpec, orderFree } from '../engine/spec-of.ts';
import { type LeafFaults, simulatedRunners } from './simulated-leaves.ts';
import { emptyLedger, happens, type StoreFaults, simulatedStore } from './simulated-store.ts';

/** Each happens once in so many lives of a driver; 0 for never. */
interface DriverFaults {
  readonly death: number;
  readonly overtaken: number;
  readonly interrupt: number;
  /** Clock jumps and words of people, in a life. */
  readonly jump: number;
  readonly word: number;
}

export interface Weather {
  readonly store: StoreFaults;
  readonly leaves: LeafFaults;
  readonly driver: DriverFaults;
}

export interface SimulatedEnd {
  /** sha256 of the whole trace. */
  readonly hash: string;
  readonly events: readonly TraceEvent[];
  readonly outcome: unknown;
  readonly output: Json;
  /** Drivers that the run needed, and how each of them ended. */
  readonly lives: readonly string[];
  readonly simulatedMs: number;
}

const CALM_DRIVER = { death: 0, overtaken: 0, interrupt: 0, jump: 0, word: 0 };
export const calm = (leaves: LeafFaults): Weather => ({
  store: { full: 0, busy: 0, death: 0, maxLatencyMs: 2 },
  leaves: { ...leaves, flaky: 0 },
  driver: CALM_DRIVER,
});

/** Faults of every kind; `seed` says how many of each. */
export function storm(seed: number): Weather {
  const chance = dice(seedOf(seed, 'weather'));
  const often = (...rates: readonly number[]): number => chance.of(rates);
  return {
    store: {
      full: often(0, 20, 60),
      busy: often(0, 20, 60),
      death: often(0, 12, 40),
      maxLatencyMs: often(1, 5, 50),
    },
    leaves: {
      failPercent: often(0, 5, 15, 40),
      flaky: often(0, 3, 20),
      maxLatencyMs: often(10, 500, 8_000),
    },
    driver: {
      death: often(0, 2, 3),
      overtaken: often(0, 3, 6),
      interrupt: often(0, 2, 3),
      jump: often(0, 2),
      word: often(0, 1, 2),
    },
  };
}

/** A generated workflow; `isOrderFree`: its outcome depends on no order. */
export function specOfSeed(seed: number, isOrderFree: boolean): WorkflowSpec {
  for (let tries = 0; ; tries += 1) {
    const size = { maxDepth: 3, maxChildren: 3, maxRepeat: 3, hasApprovals: !isOrderFree };
    const arbitrary = workflowDocuments(size);
    const [document] = fc.sample(arbitrary, { seed: seedOf(seed, tries), numRuns: 1 });
    if (document === undefined) continue;
    if (!isOrderFree) {
      const spec = enrichedSpec(document, seed);
      if (spec !== undefined) return spec;
    } else {
      const parsed = parseWorkflow({ ...document, nodes: document.nodes.map(orderFree) });
      if ('spec' in parsed) return parsed.spec;
    }
  }
}

const RUN = 'simulated';
const HOLDER = { pid: 1, host: 'simulated', bootId: 'boot' };
/** Past this many lives the world grows calm, so that every run ends. */
const MAX_STORMY_LIVES = 25;
const MAX_LIVES = 200;
/** What befalls a driver does so while it waits for its first leaves. */
const WAITS_OF_A_LIFE = 6;

export function simulateRun(
  spec: WorkflowSpec,
  weather: Weather,
  seed: number,
): Promise<SimulatedEnd> {
  const system = simulatedSystem(seed);
  return system.until(new World(system, weather, seed).run(spec));
}

class World {
  readonly #system: SimulatedSystem;
  readonly #weather: Weather;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #store: TraceStore = memoryStore();
  readonly #ledger = emptyLedger();
  readonly #wrongs: string[] = [];
  readonly #lives: string[] = [];

  constructor(system: SimulatedSystem, weather: Weather, seed: number) {
    this.#system = system;
    this.#weather = weather;
    this.#seed = seed;
    this.#dice = dice(seedOf(seed, 'fate'));
  }

  async run(spec: WorkflowSpec): Promise<SimulatedEnd> {
    await this.#start(spec);
    for (;;) {
      if (this.#lives.length === MAX_LIVES) throw new Error(`no end: ${this.#lives.join(' ')}`);
      const first = this.#lives.length === 0 ? [] : this.#wakingFacts();
      const end = await this.#live(first);
      this.#lives.push(end);
      if (end === 'finished') return this.#result();
      // A process that hangs may wake up meanwhile.
      await pause(this.#dice.below(5_000), this.#system.timers, new AbortController().signal);
    }
  }

  async #start(spec: WorkflowSpec): Promise<void> {
    const concurrency = { model: 1 + (this.#seed % 4), command: 1 + (this.#seed % 3) };
    const started = {
      type: 'run.started',
      spec,
      params: {},
      seed: this.#seed,
      config: { concurrency, wiring: 'test', sandbox: 'none', routes: {} },
      consent: { by: 'library', commands: ['*'] },
      lineage: { mode: 'live' },
      rulesVersion: RULES_VERSION,
    } as const;
    await startRun(this.#store, { run: RUN, started, holder: HOLDER }, this.#system.clock);
  }

  /** One driver process, until it ends, dies or is overtaken. */
  async #live(first: readonly Fact[]): Promise<string> {
    const { clock } = this.#system;
    const isStormy = this.#lives.length < MAX_STORMY_LIVES;
    const faults = isStormy ? this.#weather.driver : CALM_DRIVER;
    const process = this.#system.spawn();
    const over = Promise.withResolvers<string>();
    const die = (): void => {
      process.kill();
      over.resolve('died');
    };
    const { epoch } = await this.#acquire();
    const isOwner = (): boolean => this.#store.lease(RUN)?.epoch === epoch;
    const stop = new AbortController();
    const { timers } = process;
    const parts = { process, dice: this.#dice, ledger: this.#ledger };
    const store = simulatedStore({
      ...parts,
      die,
      store: this.#store,
      faults: isStormy ? this.#weather.store : calm(this.#weather.leaves).store,
    });
    const runners = simulatedRunners({
      ...parts,
      seed: this.#seed,
      system: this.#system,
      faults: this.#weather.leaves,
      complain: (what) => this.#wrongs.push(what),
      isOwner,
    });
    const overtake = (): void => over.resolve('overtaken');
    this.#plan(faults.death, die);
    this.#plan(faults.overtaken, overtake);
    this.#plan(faults.interrupt, () => process.isDead || stop.abort());
    this.#plan(faults.jump, () => this.#system.jump((this.#dice.next() - 0.5) * 172_800_000));
    this.#plan(faults.word, () => void this.#say());
    const workspace = noneWorkspace({ folder: '/nowhere' });
    const sandbox = noneSandbox({ clock, timers });
    const driven = drive(
      {
        run: RUN,
        epoch,
        driver: { pid: epoch, host: HOLDER.host, versions: {}, mark: `driver${epoch}` },
        store,
        clock,
        timers,
        world: { runners, workspace, sandbox },
        first,
      },
      stop.signal,
    );
    driven.then(
      (end: DriveEnd) => over.resolve(end),
      (error: unknown) => over.resolve(this.#explain(error, isOwner())),
    );
    const end = await over.promise;
    // What has ended by itself takes its leaves along; what is overtaken goes on until it notices.
    if (end !== 'overtaken') process.kill();
    return end;
  }

  #acquire() {
    const now = this.#system.clock.now();
    return this.#store.acquire(RUN, HOLDER, { now, staleMs: 0, isAlive: () => false });
  }

  #plan(times: number, action: () => void): void {
    if (happens(this.#dice, times)) {
      const withinMs = this.#weather.leaves.maxLatencyMs * WAITS_OF_A_LIFE;
      this.#system.timers.after(this.#dice.next() ** 2 * withinMs, action);
    }
  }

  /** Only a store that refuses, or a newer driver, may end a driver. */
  #explain(error: unknown, isOwner: boolean): string {
    const code = (error as { code?: string }).code ?? 'none';
    const expected = isOwner ? ['WF7004', 'WF7005'] : ['WF7004', 'WF7005', 'WF7006'];
    if (!expected.includes(code)) this.#wrongs.push(`a driver ended with ${String(error)}`);
    return code;
  }

  async #say(): Promise<void> {
    const flying = [...foldRun(this.#store, RUN).inFlight.keys()];
    const path = flying.length === 0 ? undefined : this.#dice.of(flying);
    const words: Command[] = [{ type: 'pause' }, { type: 'resume' }];
    if (path !== undefined) words.push({ type: 'retry', path }, { type: 'cancel', path });
    if (this.#dice.once(8)) words.push({ type: 'cancel' });
    await this.#store.send(RUN, 'ada', this.#system.clock.now(), this.#dice.of(words));
  }

  /** What a person says to a run that rests. */
  #wakingFacts(): readonly Fact[] {
    const state = foldRun(this.#store, RUN);
    const facts: Fact[] = [];
    if (state.paused) facts.push({ type: 'run.resumed', by: 'ada' });
    if (state.stopped?.because === 'budget') {
      const budget = { maxLeaves: 1e6, maxSteps: 1e9, maxMs: 1e12, maxTokens: 1e12 };
      facts.push({ type: 'budget.raised', budget });
    }
    for (const path of state.waiting) {
      const approved = dice(seedOf(this.#seed, path, 'person')).below(3) > 0;
      facts.push({ type: 'approval.answered', path, approved, by: 'ada' });
    }
    return facts;
  }

  #result(): SimulatedEnd {
    const events = this.#store.read(RUN, 0);
    const state = foldRun(this.#store, RUN);
    this.#check(events, state);
    const readContent = (ref: { readonly digest: string }): Uint8Array => {
      const data = this.#store.blob(ref.digest);
      if (data === undefined) throw new Error(`content ${ref.digest} is missing`);
      return data;
    };
    return {
      hash: hash('sha256', JSON.stringify(events)),
      events,
      outcome: state.finished?.outcome,
      output: outputValue(state, '', readContent),
      lives: this.#lives,
      simulatedMs: this.#system.clock.monotonic(),
    };
  }

  #check(events: readonly TraceEvent[], state: RunState): void {
    const wrongs = [...this.#wrongs];
    for (const [index, { seq }] of events.entries()) {
      if (seq !== index + 1) wrongs.push(`seq ${seq} stands at ${index + 1}`);
    }
    for (const [seq, type] of this.#ledger.acknowledged) {
      if (events[seq - 1]?.type !== type) wrongs.push(`acknowledged ${type} ${seq} is lost`);
    }
    const row = JSON.parse(JSON.stringify(runRowOf(RUN, state, state.seq))) as unknown;
    if (!isDeepStrictEqual(row, this.#store.run(RUN))) wrongs.push('the row is another');
    if (state.activeMs < 0) wrongs.push('time went back');
    // However wall time jumps: no driver counts more than 100 ms that did not pass.
    const passedMs = this.#system.clock.monotonic() + 100 * (this.#lives.length + 1);
    if (state.activeMs > passedMs) wrongs.push(`${state.activeMs} ms counted, ${passedMs} passed`);
    const replayed = replay(events);
    if (replayed.verdict !== 'identical') wrongs.push(`replay: ${JSON.stringify(replayed)}`);
    checkEnds(events);
    if (wrongs.length > 0) throw new Error(wrongs.join('\n'));
  }
}
