/**
 * A run that several terminals steer at once, in a world of one seed: the real loop over a simulated
 * store, leaves that ask a person in the middle of their work, drivers that die, and words of every kind
 * about everything and nothing. Each word carries a name of its own, by which the trace is asked
 * whether it was heard once.
 */
import { drive } from '../../src/engine/drive.ts';
import { replay } from '../../src/engine/replay.ts';
import { startRun } from '../../src/engine/start-run.ts';
import type { LeafRunner, RunnerTable } from '../../src/leaf/leaf-runner.ts';
import { pause } from '../../src/model/pause.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { type SimulatedSystem, simulatedSystem } from '../../src/system/simulated-system.ts';
import { RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import type { Command, TraceStore } from '../../src/trace/trace-store.ts';
import type { LeafTask } from '../../src/workflow/task.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { noneWorkspace } from '../../src/workspace/none/none-workspace.ts';
import { type Dice, dice, seedOf } from '../engine/chance.ts';
import { checkEnds } from '../engine/invariants.ts';
import { type LeafFaults, simulatedRunners } from './simulated-leaves.ts';
import { emptyLedger, simulatedStore } from './simulated-store.ts';

export interface SteeredEnd {
  readonly events: readonly TraceEvent[];
  /** Name of each word that was sent → its type. */
  readonly sent: ReadonlyMap<string, Command['type']>;
  /** Names of words that nobody has heard. */
  readonly unheard: ReadonlySet<string>;
  readonly drivers: number;
  readonly wrongs: readonly string[];
}

const RUN = 'steered';
const HOLDER = { pid: 1, host: 'simulated', bootId: 'boot' };
const TERMINALS = 3;
const MAX_WORDS = 6;
const MAX_TURNS = 500;
const MAX_FATAL_DRIVERS = 20;
const LEAVES: LeafFaults = { failPercent: 12, flaky: 20, maxLatencyMs: 400 };
const NEVER = new AbortController().signal;

export function steerRun(spec: WorkflowSpec, seed: number): Promise<SteeredEnd> {
  const system = simulatedSystem(seed);
  return system.until(new World(system, seed).run(spec));
}

class World {
  readonly #system: SimulatedSystem;
  readonly #seed: number;
  readonly #dice: Dice;
  readonly #store: TraceStore = memoryStore();
  readonly #ledger = emptyLedger();
  readonly #sent = new Map<string, Command['type']>();
  readonly #ids = new Map<number, string>();
  readonly #wrongs: string[] = [];
  #driving: Promise<void> | undefined;
  #drivers = 0;

  constructor(system: SimulatedSystem, seed: number) {
    this.#system = system;
    this.#seed = seed;
    this.#dice = dice(seedOf(seed, 'steered'));
  }

  async run(spec: WorkflowSpec): Promise<SteeredEnd> {
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
    this.#wake();
    const terminals = Array.from({ length: TERMINALS }, (_, at) => this.#terminal(`t${at + 1}`));
    await Promise.all(terminals);
    await this.#bringToItsEnd();
    return this.#end();
  }

  /** Somebody at a keyboard: says this and that, and starts a driver now and then. */
  async #terminal(name: string): Promise<void> {
    const words = this.#dice.below(MAX_WORDS + 1);
    for (let at = 1; at <= words; at += 1) {
      await this.#rest(1_500);
      await this.#say(`${name}-${at}`, this.#anyWord());
      if (this.#dice.once(2)) this.#wake();
    }
  }

  #anyWord(): Command {
    const state = foldRun(this.#store, RUN);
    const paths = [...state.nodes.keys(), ...state.waiting, ...state.waiting, 'nothing/here'];
    const path = this.#dice.of(paths);
    const [asked = path] = state.waiting;
    const words: Command[] = [
      { type: 'pause' },
      { type: 'resume' },
      { type: 'retry', path },
      { type: 'skip', path },
      { type: 'cancel', path },
      { type: 'answer', path: asked, approved: this.#dice.once(2) },
      { type: 'answer', path, approved: true, reason: 'so' },
      { type: 'budget', budget: { maxLeaves: 1 + this.#dice.below(9) } },
    ];
    return this.#dice.once(60) ? { type: 'cancel' } : this.#dice.of(words);
  }

  async #say(by: string, command: Command): Promise<void> {
    this.#sent.set(by, command.type);
    this.#ids.set(await this.#store.send(RUN, by, this.#system.clock.now(), command), by);
  }

  /** When all have left, one stays who answers, raises and resumes until it is over. */
  async #bringToItsEnd(): Promise<void> {
    for (let turn = 1; ; turn += 1) {
      // A driver whose leaf asks stays until it is answered.
      await Promise.race([this.#driving, pause(5_000, this.#system.timers, NEVER)]);
      await this.#rest(100);
      const state = foldRun(this.#store, RUN);
      if (state.finished !== undefined) return;
      if (turn > MAX_TURNS) throw new Error(`no end: ${this.#store.run(RUN)?.state}`);
      const name = `last-${turn}`;
      if (state.paused) await this.#say(`${name}-resume`, { type: 'resume' });
      if (state.stopped?.because === 'budget') {
        const budget = { maxLeaves: 1e6, maxSteps: 1e9, maxMs: 1e12, maxTokens: 1e12 };
        await this.#say(`${name}-budget`, { type: 'budget', budget });
      }
      for (const path of state.waiting) {
        await this.#say(`${name}-${path}`, { type: 'answer', path, approved: true });
      }
      this.#wake();
    }
  }

  #rest(limitMs: number): Promise<void> {
    return pause(this.#dice.below(limitMs), this.#system.timers, NEVER);
  }

  #wake(): void {
    this.#driving ??= this.#drive().finally(() => {
      this.#driving = undefined;
    });
  }

  /** One driver, until it ends or dies. */
  async #drive(): Promise<void> {
    this.#drivers += 1;
    const { clock } = this.#system;
    const process = this.#system.spawn();
    const over = Promise.withResolvers<void>();
    const die = (): void => {
      process.kill();
      over.resolve();
    };
    const options = { now: clock.now(), staleMs: 0, isAlive: () => false };
    const { epoch } = await this.#store.acquire(RUN, HOLDER, options);
    const { timers } = process;
    const isMortal = this.#drivers < MAX_FATAL_DRIVERS && this.#seed % 3 === 0;
    const faults = { full: 0, busy: 0, death: isMortal ? 30 : 0, maxLatencyMs: 4 };
    const parts = { process, dice: this.#dice, ledger: this.#ledger };
    const store = simulatedStore({ ...parts, die, store: this.#store, faults });
    const runners = simulatedRunners({
      ...parts,
      seed: this.#seed,
      system: this.#system,
      faults: LEAVES,
      complain: (what) => this.#wrongs.push(what),
      isOwner: () => true,
    });
    const workspace = noneWorkspace({ folder: '/nowhere' });
    const sandbox = noneSandbox({ clock, timers });
    const world = { runners: asking(runners, this.#dice), workspace, sandbox };
    const driver = { pid: epoch, host: HOLDER.host, versions: {}, mark: `driver${epoch}` };
    drive({ run: RUN, epoch, driver, store, clock, timers, world }, NEVER).then(
      () => over.resolve(),
      (error: unknown) => {
        this.#wrongs.push(`a driver ended with ${String(error)}`);
        over.resolve();
      },
    );
    await over.promise;
    process.kill();
  }

  #end(): SteeredEnd {
    const events = this.#store.read(RUN, 0);
    const wrongs = [...this.#wrongs];
    const replayed = replay(events);
    if (replayed.verdict !== 'identical') wrongs.push(`replay: ${JSON.stringify(replayed)}`);
    checkEnds(events);
    const left = this.#store.commands(RUN).map(({ id }) => this.#ids.get(id) ?? '');
    return { events, sent: this.#sent, unheard: new Set(left), drivers: this.#drivers, wrongs };
  }
}

/** Runners that ask before they begin, some of them with a limit. */
function asking(runners: RunnerTable, chance: Dice): RunnerTable {
  const table = Object.entries(runners).map(([type, runner]) => {
    const inner = runner as LeafRunner<LeafTask>;
    const asker: LeafRunner<LeafTask> = {
      ...inner,
      async run(job, world, signal) {
        if (chance.once(6)) {
          const limit = chance.once(2) ? { timeoutMs: chance.below(2_000) } : {};
          await world.host.ask({ message: `may ${job.path} go on?`, ...limit });
        }
        return inner.run(job, world, signal);
      },
    };
    return [type, asker];
  });
  return Object.fromEntries(table) as RunnerTable;
}
