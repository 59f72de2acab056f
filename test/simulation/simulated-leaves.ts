/**
 * Models and programs of a simulated world. What they say depends on the seed, the leaf and how many of
 * its attempts have settled, never on time or order; when they say it, and how often a model has to be
 * asked within an attempt, is left to chance.
 */
import type { Json, JsonObject } from '../../src/base/json.ts';
import type { LeafJob } from '../../src/leaf/leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerTable } from '../../src/leaf/leaf-runner.ts';
import { mockRunners } from '../../src/leaf/runners/mock/mock-runners.ts';
import { mockProvider } from '../../src/model/mock/mock-provider.ts';
import { EMPTY_FIXTURE } from '../../src/model/mock-rule.ts';
import type { ModelEvent, ModelProvider, ModelRequest } from '../../src/model/model-provider.ts';
import { pause } from '../../src/model/pause.ts';
import type { SimulatedProcess, SimulatedSystem } from '../../src/system/simulated-system.ts';
import type { LeafTask } from '../../src/workflow/task.ts';
import { type Dice, dice, seedOf } from '../engine/chance.ts';
import { happens, type Ledger } from './simulated-store.ts';

export interface LeafFaults {
  /** Of 100 attempts so many fail. */
  readonly failPercent: number;
  /** Once in so many sendings the model cannot be reached, or breaks off; 0 for never. */
  readonly flaky: number;
  readonly maxLatencyMs: number;
}

interface Parts {
  readonly seed: number;
  readonly system: SimulatedSystem;
  readonly process: SimulatedProcess;
  readonly dice: Dice;
  readonly faults: LeafFaults;
  readonly ledger: Ledger;
  /** Told of what must not happen. */
  readonly complain: (what: string) => void;
  /** A process that was overtaken cannot know what has happened since. */
  readonly isOwner: () => boolean;
}

export function simulatedRunners(parts: Parts): RunnerTable {
  const { system, process } = parts;
  const { timers } = process;
  const provider = simulatedProvider(parts);
  const { clock, chance } = system;
  const table = mockRunners(EMPTY_FIXTURE, { provider, clock, timers, chance });
  const watched = Object.entries(table).map(([type, runner]) => [
    type,
    watch(parts, type, runner as LeafRunner<LeafTask>),
  ]);
  return Object.fromEntries(watched) as RunnerTable;
}

/** Sees that nothing settled is done again, and gives programs their waits and failures. */
function watch(parts: Parts, type: string, runner: LeafRunner<LeafTask>): LeafRunner<LeafTask> {
  const { ledger, isOwner, complain, process, dice: luck, faults } = parts;
  const asksModel = ['model', 'agent', 'external', 'rlm'].includes(type);
  return {
    ...runner,
    async run(job, world, signal) {
      const { path, attempt } = job;
      const settled = ledger.settled.get(path);
      // One that was overtaken before it launched what it had committed starts it all the same; its
      // records are refused.
      if (isOwner() && [...(settled ?? [])].some((other) => other >= attempt)) {
        complain(`${path}#${attempt} runs though it or a later attempt has ended`);
      }
      if (asksModel) return runner.run(job, world, signal);
      await pause(luck.next() * faults.maxLatencyMs, process.timers, signal);
      return fate(parts, path).isFailed && !signal.aborted
        ? failed(job)
        : runner.run(job, world, signal);
    },
  };
}

const failed = ({ path }: LeafJob): RunnerReport => ({
  status: 'failed',
  failure: { kind: 'exit', message: `said no at ${path}` },
});

function simulatedProvider(parts: Parts): ModelProvider {
  const { process, dice: luck, faults, ledger, complain } = parts;
  const mock = mockProvider({ timers: process.timers });
  const tries = new Map<string, number>();
  return {
    name: 'simulated',
    async *call(request, origin, signal) {
      const { path, attempt, call } = origin;
      const name = `${path}#${attempt} ${call}`;
      const tryNumber = (tries.get(name) ?? 0) + 1;
      tries.set(name, tryNumber);
      if (!ledger.requested.has(`${name}.${tryNumber}`)) complain(`${name} is sent unrecorded`);
      await pause(luck.next() * faults.maxLatencyMs, process.timers, signal);
      const isFlaky = tryNumber < 3 && happens(luck, faults.flaky);
      if (signal.aborted) yield unreachable('aborted', false);
      // The words of a refusal count the tries, so that it comes at once.
      else if (fate(parts, path).isFailed) yield refused;
      else if (isFlaky) yield* broken(luck);
      else yield* answer(parts, mock, request, origin, signal);
    },
  };
}

async function* answer(
  parts: Parts,
  mock: ModelProvider,
  request: ModelRequest,
  origin: Parameters<ModelProvider['call']>[1],
  signal: AbortSignal,
): AsyncIterable<ModelEvent> {
  const { sample: _, ...asked } = request;
  const value = saidBy(fate(parts, origin.path).dice, request);
  for await (const event of mock.call(asked, origin, signal)) {
    if (event.type !== 'finished' || value === undefined) yield event;
    else yield { ...event, text: JSON.stringify(value), value };
  }
}

/** Values that conditions, lists and scores mean something to; undefined for any other schema. */
function saidBy(chance: Dice, { output }: ModelRequest): Json | undefined {
  const properties = (output as JsonObject | undefined)?.['properties'];
  const has = (name: string): boolean =>
    typeof properties === 'object' && properties !== null && name in properties;
  if (has('holds')) return { holds: chance.once(2), evidence: 'seen' };
  // A teacher is told how many attempts there were, crashes and all.
  if (has('lessons')) return { lessons: [] };
  if (!has('score') || !has('items')) return undefined;
  const items = Array.from({ length: chance.below(4) }, (_, index) => `i${index}`);
  const score = chance.below(5) / 4;
  return { text: `t${chance.below(100)}`, score, done: chance.once(3), items };
}

/** What becomes of the try of a leaf that is to settle next. */
function fate({ seed, ledger, faults }: Parts, path: string): { isFailed: boolean; dice: Dice } {
  const nth = (ledger.settled.get(path)?.size ?? 0) + 1;
  const chance = dice(seedOf(seed, path, nth));
  return { isFailed: chance.below(100) < faults.failPercent, dice: chance };
}

const refused: ModelEvent = {
  type: 'failed',
  kind: 'refused',
  message: 'said no',
  retryable: false,
};

const unreachable = (message: string, retryable: boolean): ModelEvent => ({
  type: 'failed',
  kind: 'provider',
  message,
  retryable,
});

/** A provider that cannot be reached, is too busy, or breaks off amid its answer. */
function* broken(luck: Dice): Iterable<ModelEvent> {
  const kind = luck.below(3);
  if (kind === 0) yield { type: 'text', text: 'half an ans' };
  if (kind < 2) yield unreachable('reset by peer', true);
  else yield { ...unreachable('busy', true), retryAfterMs: luck.below(90_000) } as ModelEvent;
}
