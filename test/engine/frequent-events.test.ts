import { expect, test } from 'vitest';
import { runWorkflow } from '../../src/index.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { formText } from '../../src/trace/sqlite/event-forms.ts';

test('what a leaf with one model call records is written in the short way', async () => {
  const store = memoryStore();
  const tokens = { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
  const usage = { tokens, costMicroUsd: 0, costStatus: 'exact' } as const;
  const { run } = await runWorkflow(
    {
      id: 'one-leaf',
      goal: 'Record the events of one leaf.',
      nodes: [{ kind: 'leaf', id: 'one', task: { type: 'model', prompt: 'Say one.' } }],
    },
    {
      store,
      provider: {
        name: 'test',
        async *call() {
          yield { type: 'finished', text: 'one', usage, model: 'test' };
        },
      },
    },
  );
  const ofLeaf = store.read(run, 0).filter((event) => /^(leaf|model)\./.test(event.type));
  const short = ofLeaf.map(({ seq: _, ...event }) => [event.type, formText(event) !== undefined]);
  expect(short).toEqual([
    ['leaf.requested', true],
    ['leaf.started', true],
    ['model.requested', true],
    ['model.called', true],
    ['leaf.finished', true],
  ]);
});
