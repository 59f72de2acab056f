import { expect, test } from 'vitest';
import { type ModelProvider, runWorkflow } from '../../src/index.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import type { AppendRequest, TraceStore } from '../../src/trace/trace-store.ts';

const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' } as const;

/** Answers calls in crowds: all of one in the same turn of the event loop. */
function crowdProvider(size: number): ModelProvider {
  let crowd: (() => void)[] = [];
  return {
    name: 'crowd',
    async *call() {
      await new Promise<void>((answer) => {
        crowd.push(answer);
        if (crowd.length < size) return;
        for (const one of crowd) one();
        crowd = [];
      });
      yield { type: 'finished', text: 'done', usage, model: 'crowd' };
    },
  };
}

/** How many leaves ended in each commit, where that was any, and the events of the run. */
async function endsOf(leaves: number, crowd: number) {
  const appends: AppendRequest[] = [];
  const inMemory = memoryStore();
  const store: TraceStore = {
    ...inMemory,
    append(request) {
      appends.push(request);
      return inMemory.append(request);
    },
  };
  const { run, outcome } = await runWorkflow(
    {
      id: 'crowds',
      goal: 'Crowds of leaves.',
      budget: { maxLeaves: 2 * leaves, maxTokens: 1e9 },
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
    },
    { store, provider: crowdProvider(crowd), parallel: crowd },
  );
  expect(outcome?.status).toBe('succeeded');
  const ends = appends.map(({ events }) => events.filter(({ type }) => type === 'leaf.finished'));
  const counts = ends.map(({ length }) => length).filter((count) => count > 0);
  return { counts, events: store.read(run, 0) };
}

test('a crowd ends a few at a time while others wait for its slots, and else at once', async () => {
  const size = 40;
  const { counts, events } = await endsOf(2 * size, size);
  expect(counts).toEqual([16, 16, 8, 16, 24]);
  const started = events.find(
    (event) => event.type === 'leaf.started' && event.path === 'all/leaf-40',
  );
  const finished = events.filter((event) => event.type === 'leaf.finished');
  expect(started?.seq).toBeLessThan(finished[size - 1]?.seq ?? 0);
});

test('a rest of a few is no group of its own', async () => {
  const { counts } = await endsOf(78, 39);
  expect(counts).toEqual([16, 23, 16, 23]);
});

test('a crowd that nobody waits for ends some hundreds at a time, in the order of their answers', async () => {
  const { counts, events } = await endsOf(1_100, 1_100);
  expect(counts).toEqual([16, 500, 500, 84]);
  const ended = events.flatMap((event) => (event.type === 'leaf.finished' ? [event.path] : []));
  expect(ended).toEqual(Array.from({ length: 1_100 }, (_, index) => `all/leaf-${index}`));
});
