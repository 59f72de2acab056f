import { expect, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { type ModelProvider, runWorkflow, type WorkflowDocument } from '../../src/index.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import type { AppendRequest, TraceStore } from '../../src/trace/trace-store.ts';

const RUN = 'crowd';
const LEAVES = 230;
const A_TURN = 64;
const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' } as const;

const fan = fanOf(LEAVES);

function fanOf(leaves: number): WorkflowDocument {
  return {
    id: 'fan',
    goal: 'All leaves at once.',
    budget: { maxLeaves: 4 * leaves, maxTokens: 1e9 },
    nodes: [
      {
        kind: 'branch_set',
        id: 'all',
        children: Array.from({ length: leaves }, (_, index) => ({
          kind: 'leaf' as const,
          id: `leaf-${index}`,
          task: { type: 'model' as const, prompt: `Leaf ${index}.` },
        })),
      },
    ],
  };
}

type Watched = TraceStore & { readonly appends: AppendRequest[] };

/** Notes what is appended; the nth append fails. */
function watched(inMemory: TraceStore, failsAt = 0): Watched {
  const appends: AppendRequest[] = [];
  return {
    ...inMemory,
    appends,
    async append(request) {
      appends.push(request);
      if (appends.length === failsAt) throw new Error('the disk is gone');
      return inMemory.append(request);
    },
  };
}

/** Counts the calls of each leaf, and how many were not in the store when they were sent. */
function counting(store: TraceStore): ModelProvider & { calls: string[]; early: number } {
  const provider = {
    name: 'counting',
    calls: [] as string[],
    early: 0,
    async *call(_request: unknown, { path }: { readonly path: string }) {
      provider.calls.push(path);
      const isThere = store
        .read(RUN, 0)
        .some((event) => event.type === 'model.requested' && event.path === path);
      if (!isThere) provider.early += 1;
      yield { type: 'finished', text: path, usage, model: 'm' } as const;
    },
  };
  return provider;
}

const count = ({ events }: AppendRequest, wanted: string): number =>
  events.filter(({ type }) => type === wanted).length;

test('of a crowd some begin in each commit, and the first have ended before the last begin', async () => {
  const store = watched(memoryStore());
  const provider = counting(store);
  const options = { store, provider, run: RUN, parallel: LEAVES };
  const { outcome } = await runWorkflow(fan, options);
  expect(outcome?.status).toBe('succeeded');
  const begun = store.appends.map((append) => count(append, 'model.requested'));
  expect(begun.filter((each) => each > 0)).toEqual([A_TURN, A_TURN, A_TURN, LEAVES - 3 * A_TURN]);
  expect(provider.early).toBe(0);
  expect(new Set(provider.calls).size).toBe(LEAVES);
  const events = store.read(RUN, 0);
  const end = events.findIndex(({ type }) => type === 'leaf.finished');
  expect(end).toBeLessThan(events.findLastIndex(({ type }) => type === 'leaf.started'));
});

test('leaves that waited to begin when their driver died begin with the next one, and once', async () => {
  const inMemory = memoryStore();
  const broken = watched(inMemory, 3);
  const options = { run: RUN, parallel: LEAVES };
  const first = counting(broken);
  const end = runWorkflow(fan, { ...options, store: broken, provider: first });
  await expect(end).rejects.toThrow('the disk is gone');
  const before = inMemory.read(RUN, 0);
  const ended = before.flatMap((event) => (event.type === 'leaf.finished' ? [event.path] : []));
  expect(before.filter(({ type }) => type === 'leaf.started').length).toBeLessThan(LEAVES);
  const second = counting(inMemory);
  let seen = 0;
  const store: TraceStore = {
    ...inMemory,
    read(run, after, limit) {
      const events = inMemory.read(run, after, limit);
      seen += events.length;
      return events;
    },
  };
  const { outcome } = await runWorkflow(fan, { ...options, store, provider: second });
  expect(outcome?.status).toBe('succeeded');
  // However many leaves were lost, the run is folded once; the first event says what it runs.
  expect(seen).toBe(before.length + 1);
  expect(second.early).toBe(0);
  expect(new Set(second.calls).size).toBe(second.calls.length);
  expect(second.calls.filter((path) => ended.includes(path))).toEqual([]);
  expect(new Set([...ended, ...second.calls]).size).toBe(LEAVES);
});

test('of a large crowd some are requested in each commit, whichever driver goes on with it', async () => {
  const leaves = 4_200;
  const inMemory = memoryStore();
  const options = { run: RUN, parallel: leaves };
  const broken = watched(inMemory, 2);
  const first = runWorkflow(fanOf(leaves), { ...options, store: broken, provider: quick });
  await expect(first).rejects.toThrow('the disk is gone');
  const requested = (): number =>
    inMemory.read(RUN, 0).filter(({ type }) => type === 'leaf.requested').length;
  expect(requested()).toBeLessThan(leaves);
  const store = watched(inMemory);
  const { outcome } = await runWorkflow(fanOf(leaves), { ...options, store, provider: quick });
  expect(outcome?.status).toBe('succeeded');
  const events = inMemory.read(RUN, 0);
  const sizes = [...broken.appends, ...store.appends].map((append) => append.events.length);
  expect(Math.max(...sizes)).toBeLessThan(2_100);
  let row = 0;
  const rows = events.map(({ type }) => (row = type === 'leaf.requested' ? row + 1 : 0));
  expect(Math.max(...rows), 'that one fact brought').toBe(1_000);
  const ended = events.flatMap((event) => (event.type === 'leaf.finished' ? [event.path] : []));
  expect(new Set(ended).size).toBe(leaves);
  expect(ended.length).toBe(leaves);
  expect(replay(events)).toMatchObject({ verdict: 'identical' });
});

const quick: ModelProvider = {
  name: 'quick',
  async *call() {
    yield { type: 'finished', text: 'done', usage, model: 'm' };
  },
};

test('an interrupted run does not wait for leaves that have not begun, and goes on later', async () => {
  const inMemory = memoryStore();
  const stop = new AbortController();
  const stopping = watched(inMemory);
  const { append } = stopping;
  const store: TraceStore = {
    ...stopping,
    append(request) {
      if (count(request, 'model.requested') > 0) stop.abort();
      return append(request);
    },
  };
  const provider = counting(inMemory);
  const options = { run: RUN, parallel: LEAVES };
  await runWorkflow(fan, { ...options, store, provider, signal: stop.signal });
  expect(provider.calls).toEqual([]);
  const ends = inMemory.read(RUN, 0).filter(({ type }) => type === 'leaf.finished');
  expect(ends.length).toBe(LEAVES);
  const { outcome } = await runWorkflow(fan, { ...options, store: inMemory, provider });
  expect(outcome?.status).toBe('succeeded');
  expect(new Set(provider.calls).size).toBe(LEAVES);
});
