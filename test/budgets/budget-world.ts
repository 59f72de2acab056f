/**
 * Sixty-four leaves side by side that ask a model which uses what it likes, fails, is slow and hangs,
 * under budgets at several levels, with drivers that die: the real loop over a simulated system.
 */
import { drive } from '../../src/engine/drive.ts';
import { startRun } from '../../src/engine/start-run.ts';
import { modelCalls } from '../../src/leaf/call/call-chain.ts';
import type { LeafJob } from '../../src/leaf/leaf-job.ts';
import type { LeafRunner } from '../../src/leaf/leaf-runner.ts';
import { modelRunner } from '../../src/leaf/runners/model-runner.ts';
import type { ModelEvent, ModelProvider } from '../../src/model/model-provider.ts';
import { pause } from '../../src/model/pause.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { type SimulatedSystem, simulatedSystem } from '../../src/system/simulated-system.ts';
import { type Fact, RULES_VERSION, type TraceEvent } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import { NO_TOKENS } from '../../src/trace/usage.ts';
import type { NodeDocument } from '../../src/workflow/document.ts';
import type { Budget } from '../../src/workflow/limits.ts';
import type { AgentTask } from '../../src/workflow/task.ts';
import { noneWorkspace } from '../../src/workspace/none/none-workspace.ts';
import { type Dice, dice, seedOf } from '../engine/chance.ts';
import { specOf } from '../engine/spec-of.ts';

const RUN = 'budgets';
const HOLDER = { pid: 1, host: 'simulated', bootId: 'boot' };
const LEAVES = 64;
const GROUPS = 8;
const MAX_LIVES = 60;
const HANGS_MS = 1e9;
/** The time that every run has, so that what hangs is broken off. */
const TIME_MS = 60_000;

export interface BudgetRun {
  readonly events: readonly TraceEvent[];
  /** How each driver ended. */
  readonly lives: readonly string[];
}

/** Runs one world until its run has ended, or rests for good. @throws when it does neither. */
export function budgetRun(
  seed: number,
  makeProvider: ProviderMaker = erraticProvider,
): Promise<BudgetRun> {
  const system = simulatedSystem(seed);
  return system.until(runAll(system, seed, makeProvider));
}

/** The model of all leaves of a world, which keeps to its dice and timers. */
export type ProviderMaker = (luck: Dice, timers: Parameters<typeof pause>[1]) => ModelProvider;

async function runAll(
  system: SimulatedSystem,
  seed: number,
  makeProvider: ProviderMaker,
): Promise<BudgetRun> {
  const luck = dice(seedOf(seed, 'budgets'));
  const store = memoryStore();
  const maxLeaves = LEAVES + luck.below(LEAVES * 2);
  const budget = { ...budgetOf(luck, LEAVES, { maxMs: TIME_MS }), maxLeaves };
  const all = { kind: 'branch_set', id: 'all', children: groups(luck, budget) } as const;
  const spec = specOf({ id: 'w', goal: 'to be paid for', budget, nodes: [all] });
  const started = {
    type: 'run.started',
    spec,
    params: {},
    seed,
    config: {
      concurrency: { model: LEAVES, command: 2 },
      wiring: 'test',
      sandbox: 'none',
      routes: {},
    },
    consent: { by: 'library', commands: [] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  } as const;
  await startRun(store, { run: RUN, started, holder: HOLDER }, system.clock);
  const lives: string[] = [];
  const crashes = luck.below(4);
  const raises = luck.below(3);
  for (let raised = 0; ; ) {
    if (lives.length === MAX_LIVES) throw new Error(`no end: ${lives.join(' ')}`);
    const isRaise = lives.at(-1) === 'stopped';
    if (isRaise && raised === raises) break;
    if (isRaise) raised += 1;
    const first: readonly Fact[] = isRaise
      ? [{ type: 'budget.raised', budget: more(spec.budget, raised) }]
      : [];
    const end = await live({
      ...{ system, store, luck, first, makeProvider },
      dies: lives.length < crashes,
    });
    lives.push(end);
    if (end === 'finished') break;
    if (end !== 'stopped' && end !== 'died') throw new Error(`a driver ended as ${end}`);
    if (end === 'stopped' && foldRun(store, RUN).stopped?.because !== 'budget')
      throw new Error('stopped');
  }
  return { events: store.read(RUN, 0), lives };
}

/** Twice, thrice, … as much of everything. */
function more(budget: Budget, raised: number): Record<string, number> {
  const entries = Object.entries(budget) as readonly (readonly [string, number])[];
  return Object.fromEntries(entries.map(([name, most]) => [name, most * (raised + 1)]));
}

function groups(luck: Dice, around: Budget): readonly NodeDocument[] {
  return Array.from({ length: GROUPS }, (_, group): NodeDocument => {
    const size = LEAVES / GROUPS;
    const isDeep = luck.once(2);
    const outer = isDeep && luck.once(2) ? budgetOf(luck, size, around) : around;
    const own = luck.once(2) ? budgetOf(luck, size, outer) : outer;
    const children = Array.from({ length: size }, (__, index) =>
      leafOf(luck, `g${group}l${index}`, own),
    );
    const budgetFrom = (mine: Budget, above: Budget) => (mine === above ? {} : { budget: mine });
    const inner = {
      kind: 'branch_set',
      id: `g${group}`,
      children,
      ...budgetFrom(own, outer),
    } as const;
    if (!isDeep) return inner;
    return { kind: 'sequence', id: `s${group}`, children: [inner], ...budgetFrom(outer, around) };
  });
}

function leafOf(luck: Dice, id: string, around: Budget): NodeDocument {
  const isAgent = luck.once(4);
  const budget = luck.once(8) ? { budget: budgetOf(luck, 1, around) } : {};
  return {
    kind: 'leaf',
    id,
    task: isAgent ? { type: 'agent', prompt: id } : { type: 'model', prompt: id },
    modelPolicy: { maxOutputTokens: 50 + luck.below(400) },
    retry: { maxAttempts: 2, on: ['provider'], backoffMs: 10 },
    ...budget,
  };
}

/** Tight to generous, for so many leaves; never more than what is around it. */
function budgetOf(luck: Dice, leaves: number, around: Budget): Budget {
  const wide = luck.of([0.2, 0.6, 1.5, 4]);
  const of = (each: number): number => 1 + Math.ceil(each * leaves * wide * luck.next() * 2);
  const drawn: Budget = {
    ...(luck.once(2) ? { maxTokens: 300 + of(500) } : {}),
    ...(luck.once(3) ? { maxCostMicroUsd: of(500) } : {}),
    ...(luck.once(3) ? { maxSteps: of(3) } : {}),
    ...(luck.once(4) ? { maxLeaves: of(3) } : {}),
    ...(luck.once(5) ? { maxMs: of(20_000) } : {}),
  };
  const entries = Object.entries(drawn) as readonly (readonly [keyof Budget, number])[];
  const least = entries.map(([name, most]) => [name, Math.min(most, around[name] ?? most)]);
  return { ...around, ...Object.fromEntries(least) };
}

interface Life {
  readonly system: SimulatedSystem;
  readonly store: ReturnType<typeof memoryStore>;
  readonly luck: Dice;
  readonly first: readonly Fact[];
  readonly makeProvider: ProviderMaker;
  readonly dies: boolean;
}

async function live({ system, store, luck, first, makeProvider, dies }: Life): Promise<string> {
  const process = system.spawn();
  const { timers } = process;
  const { clock, chance } = system;
  const now = clock.now();
  const { epoch } = await store.acquire(RUN, HOLDER, { now, staleMs: 0, isAlive: () => false });
  const over = Promise.withResolvers<string>();
  if (dies) {
    system.timers.after(luck.next() * 3_000, () => {
      process.kill();
      over.resolve('died');
    });
  }
  const provider = makeProvider(luck, timers);
  const parts = {
    clock,
    timers,
    chance,
    route: () => ({
      provider,
      model: 'm',
      estimateCost: (input: number, output: number) => input + output,
    }),
  };
  const runners = { model: modelRunner(parts), agent: agentRunner(parts, luck) };
  const workspace = noneWorkspace({ folder: '/nowhere' });
  const world = { runners, workspace, sandbox: noneSandbox({ clock, timers }) };
  const driver = { pid: epoch, host: HOLDER.host, versions: {}, mark: `driver${epoch}` };
  const request = { run: RUN, epoch, driver, store, clock, timers, world, first };
  drive(request, new AbortController().signal).then(over.resolve, over.reject);
  const end = await over.promise;
  process.kill();
  return end;
}

/** Asks a few times, one call after the other, until it has enough or its slice is too small. */
function agentRunner(parts: Parameters<typeof modelCalls>[2], luck: Dice): LeafRunner<AgentTask> {
  return {
    worksOnFiles: false,
    async run(job: LeafJob<AgentTask>, { host }, signal) {
      const calls = modelCalls(job, host, parts);
      const route = parts.route(job.node);
      if (route === undefined) throw new Error('no route');
      for (let turn = luck.below(5); turn >= 0; turn -= 1) {
        const messages = [{ role: 'user', text: 'x'.repeat(luck.below(900)) }] as const;
        const request = { model: 'm', messages, maxOutputTokens: 50 + luck.below(300) };
        const result = await calls.call(request, route, signal);
        if (result.status === 'failed') return result;
      }
      return { status: 'succeeded', output: 'done' };
    },
  };
}

function erraticProvider(luck: Dice, timers: Parameters<typeof pause>[1]): ModelProvider {
  return {
    name: 'erratic',
    async *call({ maxOutputTokens }, _origin, signal): AsyncIterable<ModelEvent> {
      const isHanging = luck.once(150);
      await pause(isHanging ? HANGS_MS : luck.next() * 1_500, timers, signal);
      // Mostly less than was reserved, now and then more.
      const output = Math.floor(maxOutputTokens * luck.next() * (luck.once(6) ? 3 : 1));
      const tokens = { ...NO_TOKENS, uncached: luck.below(60), output };
      const costMicroUsd = tokens.uncached + output;
      const usage = { tokens, costMicroUsd, costStatus: 'exact' } as const;
      const isFailed = signal.aborted || luck.once(7);
      if (!isFailed) yield { type: 'finished', text: 'x', usage, model: 'm' };
      else {
        const paid = luck.once(2) ? { usage } : {};
        const retryable = luck.once(2);
        yield { type: 'failed', kind: 'provider', message: 'busy', retryable, ...paid };
      }
    },
  };
}
