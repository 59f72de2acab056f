import { expect, test } from 'vitest';
import { drive } from '../../src/engine/drive.ts';
import { replay } from '../../src/engine/replay.ts';
import { startRun } from '../../src/engine/start-run.ts';
import { type ModelProvider, runWorkflow, type WorkflowDocument } from '../../src/index.ts';
import { mockRunners } from '../../src/leaf/runners/mock/mock-runners.ts';
import { mockProvider } from '../../src/model/mock/mock-provider.ts';
import { EMPTY_FIXTURE } from '../../src/model/mock-rule.ts';
import { noneSandbox } from '../../src/sandbox/none/none-sandbox.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { RULES_VERSION } from '../../src/trace/events.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import type { AppendRequest, TraceStore } from '../../src/trace/trace-store.ts';
import type { NodeDocument } from '../../src/workflow/document.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { noneWorkspace } from '../../src/workspace/none/none-workspace.ts';

const RUN = 'early';
const LEAVES = 4;
const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' } as const;

const chain = {
  id: 'chain',
  goal: 'One leaf after the other.',
  nodes: Array.from({ length: LEAVES }, (_, index) => ({
    kind: 'leaf',
    id: `leaf-${index}`,
    task: { type: 'model', prompt: `Leaf ${index}.` },
    ...(index === 0 ? {} : { inputs: [`leaf-${index - 1}`] }),
  })),
} as WorkflowDocument;

const never = new AbortController().signal;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A store whose appends take some turns of the event loop, and of which the nth fails. */
function slowStore(failsAt = 0): { readonly store: TraceStore; readonly appends: AppendRequest[] } {
  const inMemory = memoryStore();
  const appends: AppendRequest[] = [];
  const store: TraceStore = {
    ...inMemory,
    async append(request) {
      appends.push(request);
      for (let turns = 0; turns < 5; turns += 1) await turn();
      if (appends.length >= failsAt && failsAt > 0) throw new Error('the disk is gone');
      return inMemory.append(request);
    },
  };
  return { store, appends };
}

const called = ({ store }: { readonly store: TraceStore }): readonly string[] =>
  store.read(RUN, 0).flatMap((event) => (event.type === 'model.requested' ? [event.path] : []));

/** Counts its calls, and those that came before their request was in the store. */
function watchfulProvider(store: TraceStore): ModelProvider & { calls: number; early: string[] } {
  const provider = {
    name: 'watchful',
    calls: 0,
    early: [] as string[],
    async *call(_request: unknown, { path }: { readonly path: string }) {
      provider.calls += 1;
      if (!called({ store }).includes(path)) provider.early.push(path);
      yield { type: 'finished', text: `from ${path}`, usage, model: 'm' } as const;
    },
  };
  return provider;
}

test('a model leaf begins in the commit that ends the one before it, and takes one commit', async () => {
  const { store, appends } = slowStore();
  const provider = watchfulProvider(store);
  const { outcome } = await runWorkflow(chain, { store, provider, run: RUN });
  expect(outcome?.status).toBe('succeeded');
  expect(appends.map(({ events }) => events.map(({ type }) => type))).toEqual([
    ['run.driven', 'leaf.started', 'model.requested'],
    ...Array.from({ length: LEAVES - 1 }, () => [
      'model.called',
      'leaf.finished',
      'leaf.requested',
      'leaf.started',
      'model.requested',
    ]),
    ['model.called', 'leaf.finished', 'node.finished', 'run.finished'],
  ]);
  expect(provider.early).toEqual([]);
});

/** What the appends of a run under mocks hold, after its first. */
async function mocked(nodes: readonly NodeDocument[]): Promise<readonly (readonly string[])[]> {
  const { store, appends } = slowStore();
  const [clock, timers] = [nodeClock, nodeTimers];
  const parsed = parseWorkflow({ id: 'mocked', goal: 'Touch nothing.', nodes });
  if (!('spec' in parsed)) throw new Error('no workflow');
  const holder = { pid: 1, host: 'here', bootId: 'boot' };
  const started = {
    type: 'run.started',
    spec: parsed.spec,
    params: {},
    seed: 1,
    config: {
      concurrency: { model: 4, command: 4 },
      wiring: 'mock',
      sandbox: 'in-process',
      routes: {},
    },
    consent: { by: 'library', commands: ['*'] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  } as const;
  await startRun(store, { run: RUN, started, holder }, clock);
  const provider = mockProvider({ timers, fixture: EMPTY_FIXTURE });
  const runners = mockRunners(EMPTY_FIXTURE, { provider, clock, timers, chance: nodeChance });
  const workspace = noneWorkspace({ folder: '/nowhere' });
  const sandbox = noneSandbox({ clock, timers });
  const driver = { pid: 1, host: 'here', versions: {}, mark: 'driver' };
  const world = { runners, workspace, sandbox };
  await drive({ run: RUN, epoch: 1, driver, store, clock, timers, world }, never);
  expect(replay(store.read(RUN, 0)).verdict).toBe('identical');
  return appends.map(({ events }) => events.map(({ type }) => type));
}

test('leaves that are mocked take one commit each at most, whatever their task is', async () => {
  const tasks = [
    { type: 'agent', prompt: 'Mend it.' },
    { type: 'command', purpose: 'test', argv: ['npm', 'test'] },
    { type: 'search', query: 'whale' },
    { type: 'model', prompt: 'Say it.' },
  ] as const;
  const nodes = tasks.map((task) => ({ kind: 'leaf', id: task.type, task }) as NodeDocument);
  const appends = await mocked(nodes);
  expect(appends.length).toBeLessThanOrEqual(nodes.length + 1);
});

test('no call is sent whose request is not in the store, whichever append fails', async () => {
  for (let failsAt = 1; failsAt <= LEAVES + 1; failsAt += 1) {
    const { store } = slowStore(failsAt);
    const provider = watchfulProvider(store);
    const end = runWorkflow(chain, { store, provider, run: RUN });
    await expect(end).rejects.toThrow('the disk is gone');
    expect(provider.early).toEqual([]);
    expect(provider.calls).toBe(called({ store }).length);
    expect(provider.calls).toBe(failsAt - 1);
  }
});

test('a leaf that is ended while its request is recorded sends nothing and spends nothing', async () => {
  const { store } = slowStore();
  const stop = new AbortController();
  const provider = watchfulProvider(store);
  const stopping: TraceStore = {
    ...store,
    append(request) {
      if (request.events.some(({ type }) => type === 'model.requested')) stop.abort();
      return store.append(request);
    },
  };
  await runWorkflow(chain, { store: stopping, provider, run: RUN, signal: stop.signal });
  expect(provider.calls).toBe(0);
  const { costStatus, tokens: spent } = store.run(RUN) ?? {};
  expect({ costStatus, spent }).toEqual({ costStatus: 'exact', spent: 0 });
});
