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

test('a crowd ends a few at a time while others wait for its slots, and else at once', async () => {
  const size = 40;
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
      goal: 'Two crowds of leaves.',
      nodes: [
        {
          kind: 'branch_set',
          id: 'all',
          children: Array.from({ length: 2 * size }, (_, index) => ({
            kind: 'leaf' as const,
            id: `leaf-${index}`,
            task: { type: 'model' as const, prompt: `Leaf ${index}.` },
          })),
        },
      ],
    },
    { store, provider: crowdProvider(size), parallel: size },
  );
  expect(outcome?.status).toBe('succeeded');
  const ends = appends.map(({ events }) => events.filter(({ type }) => type === 'leaf.finished'));
  const counts = ends.map(({ length }) => length).filter((count) => count > 0);
  expect(counts).toEqual([16, 16, 8, 16, 24]);
  const events = store.read(run, 0);
  const started = events.find(
    (event) => event.type === 'leaf.started' && event.path === 'all/leaf-40',
  );
  const finished = events.filter((event) => event.type === 'leaf.finished');
  expect(started?.seq).toBeLessThan(finished[size - 1]?.seq ?? 0);
});
