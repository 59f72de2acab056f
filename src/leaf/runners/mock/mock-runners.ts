/**
 * The wiring of `--mock`: a runner for every type of task that answers without touching the world.
 * Whatever asks a model goes through the real call chain, so that records, usage and budgets look as they
 * would; the rest answers at once with the least that a success is. A fixture overrides all of it.
 */
import type { Json } from '../../../base/json.ts';
import { type MockFixture, type MockRule, mockRuleFor } from '../../../model/mock-rule.ts';
import type { ModelProvider, ModelRoute } from '../../../model/model-provider.ts';
import { pause } from '../../../model/pause.ts';
import type { Chance } from '../../../system/chance.ts';
import type { Clock, Timers } from '../../../system/clock.ts';
import type { ModelPolicy } from '../../../workflow/limits.ts';
import { DEFAULT_ROLE } from '../../../workflow/route-key.ts';
import type {
  CommandTask,
  LeafTask,
  MemoryTask,
  ModelTask,
  SearchTask,
} from '../../../workflow/task.ts';
import type { CallMemo } from '../../call/call-memo.ts';
import { failure } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerTable } from '../../leaf-runner.ts';
import { commandArgv } from '../command-argv.ts';
import { commandReport } from '../command-output.ts';
import { modelRunner } from '../model-runner.ts';
import { argumentOf } from '../prompt.ts';

export interface MockRunnerParts {
  /** The mock model, with the same fixture. */
  readonly provider: ModelProvider;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly chance: Chance;
  readonly memo?: CallMemo;
}

/** Failures that look like a provider’s come through the provider; every other comes from the leaf. */
const PROVIDER_KINDS: readonly string[] = ['provider', 'timeout', 'refused', 'schema'];

export function mockRunners(fixture: MockFixture, parts: MockRunnerParts): RunnerTable {
  const model = modelRunner({
    ...parts,
    route: ({ modelPolicy }) => mockRoute(parts.provider, modelPolicy),
  });
  const timers = parts.timers;
  const answer = <Task extends LeafTask>(plain: Plain<Task>) => plainRunner(fixture, timers, plain);
  return {
    model: asking(fixture, model, (task) => task),
    agent: asking(fixture, model, ({ prompt, system }) => modelTask(prompt, system)),
    external: asking(fixture, model, ({ prompt }) => modelTask(prompt)),
    rlm: asking(fixture, model, ({ prompt }) => modelTask(prompt)),
    command: answer(mockCommand),
    search: answer(mockSearch),
    memory: answer(mockMemory),
    merge: answer(() => ({ status: 'succeeded', output: { merged: [], conflicts: [] } })),
    harvest: answer(() => ({ status: 'succeeded', output: { tests: [], files: [] } })),
  };
}

function mockRoute(provider: ModelProvider, policy: ModelPolicy): ModelRoute {
  const model = policy.model ?? `mock-${policy.role ?? DEFAULT_ROLE}`;
  return { provider, model, estimateCost: () => 0 };
}

function modelTask(prompt: string, system?: string): ModelTask {
  return { type: 'model', prompt, ...(system === undefined ? {} : { system }) };
}

/** Anything that asks a model, as one completion. */
function asking<Task extends LeafTask>(
  fixture: MockFixture,
  model: LeafRunner<ModelTask>,
  toTask: (task: Task) => ModelTask,
): LeafRunner<Task> {
  const asModel = (job: LeafJob<Task>): LeafJob<ModelTask> => ({
    ...job,
    node: { ...job.node, task: toTask(job.node.task) },
  });
  return {
    worksOnFiles: false,
    continues: false,
    recordsFirst: true,
    async run(job, world, signal) {
      const fail = mockRuleFor(fixture, job)?.fail;
      if (fail !== undefined && !PROVIDER_KINDS.includes(fail.kind)) {
        return { status: 'failed', failure: failure(fail.kind, fail.message) };
      }
      return model.run(asModel(job), world, signal);
    },
    route: (job) => model.route?.(asModel(job)),
  };
}

type Plain<Task extends LeafTask> = (
  job: LeafJob<Task>,
  rule: MockRule | undefined,
) => RunnerReport;

/** Anything else: waits as long as the fixture says, then answers. */
function plainRunner<Task extends LeafTask>(
  fixture: MockFixture,
  timers: Timers,
  answer: Plain<Task>,
): LeafRunner<Task> {
  return {
    worksOnFiles: false,
    continues: false,
    recordsFirst: true,
    async run(job, _world, signal) {
      const rule = mockRuleFor(fixture, job);
      if (rule?.latencyMs !== undefined) await pause(rule.latencyMs, timers, signal);
      if (signal.aborted)
        return { status: 'failed', failure: failure('lost', 'ended before it had answered') };
      if (rule?.fail !== undefined) {
        return { status: 'failed', failure: failure(rule.fail.kind, rule.fail.message) };
      }
      if (rule?.json !== undefined) return { status: 'succeeded', output: rule.json };
      return answer(job, rule);
    },
  };
}

function mockCommand(job: LeafJob<CommandTask>, rule: MockRule | undefined): RunnerReport {
  const argv = commandArgv(job);
  return commandReport(job, argv.shown, {
    exitCode: rule?.exit ?? 0,
    signal: null,
    timedOut: false,
    aborted: false,
    stdout: rule?.stdout ?? 'mock',
    stderr: '',
  });
}

function mockSearch(job: LeafJob<SearchTask>, rule: MockRule | undefined): RunnerReport {
  const text = argumentOf(job.node.task.query, job);
  const matches = rule?.matches ?? [{ path: 'mock.txt', line: 1, column: 1, text }];
  const files = [...new Set(matches.map(({ path }) => path))].sort();
  const output: Json = {
    matches: matches.map((match) => ({ ...match })),
    files,
    count: matches.length,
    truncated: false,
  };
  return { status: 'succeeded', output };
}

function mockMemory(job: LeafJob<MemoryTask>): RunnerReport {
  const output: Json = job.node.task.action === 'read' ? { entries: [] } : { written: true };
  return { status: 'succeeded', output };
}
