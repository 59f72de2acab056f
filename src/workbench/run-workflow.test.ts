/** The library’s front door. A provider of a user may break every promise: its leaf fails, the run goes on. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { ModelEvent, ModelProvider } from '../model/model-provider.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { WorkflowDocument } from '../workflow/document.ts';
import { type ParseOptions, parseWorkflow } from '../workflow/parse-workflow.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { openStore } from './open-store.ts';
import { runWorkflow } from './run-workflow.ts';

const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;

const deep = (depth: number): number => deep(depth + 1) + 1;

const faults: Readonly<Record<string, () => AsyncIterable<ModelEvent>>> = {
  'throws at once': () => {
    throw new Error('no key');
  },
  'overflows the stack': () => {
    throw new Error(String(deep(0)));
  },
  async *'rejects later'() {
    await new Promise((resolve) => setImmediate(resolve));
    yield { type: 'text', text: 'half' };
    throw new Error('the line went dead');
  },
  async *'ends without an answer'() {},
  async *'counts what is no number'() {
    const tokens = { ...usage.tokens, output: Number.NaN };
    yield { type: 'finished', text: 'free', usage: { ...usage, tokens }, model: 'own' };
  },
  async *'ends with what is no event'() {
    yield undefined as unknown as ModelEvent;
  },
  'gives what is no stream': () => 7 as unknown as AsyncIterable<ModelEvent>,
};

async function* fine(): AsyncIterable<ModelEvent> {
  yield { type: 'finished', text: 'fine', usage, model: 'own' };
}

const workflow = (ids: readonly string[]): WorkflowDocument => ({
  id: 'two',
  goal: 'Go on',
  nodes: [
    {
      kind: 'branch_set',
      id: 'both',
      join: 'any',
      children: ids.map(
        (id) =>
          ({
            kind: 'leaf',
            id,
            retry: { maxAttempts: 1 },
            task: { type: 'model', prompt: id },
          }) as const,
      ),
    },
  ],
});

test.each(Object.entries(faults))(
  'a provider that %s fails its leaf alone',
  async (_how, fault) => {
    const provider: ModelProvider = {
      name: 'own',
      call: (_request, { path }) => (path === 'both/bad' ? fault() : fine()),
    };
    const store = memoryStore();
    const { run, outcome } = await runWorkflow(workflow(['bad', 'good']), { provider, store });
    expect(outcome?.status).toMatch(/succeeded|degraded/);
    const bad = store
      .read(run, 0)
      .find((event) => event.type === 'leaf.finished' && event.path === 'both/bad');
    expect(bad).toMatchObject({ result: { status: 'failed', failure: { kind: 'provider' } } });
    // What nobody counted is never left to the sums.
    expect(Number.isSafeInteger(store.run(run)?.tokens)).toBe(true);
  },
);

test('a provider that never settles after an abort does not keep the caller', async () => {
  const stop = new AbortController();
  const hung: ModelProvider = {
    name: 'own',
    async *call() {
      stop.abort();
      await new Promise(() => {});
      yield* fine();
    },
  };
  const store = memoryStore();
  const { run, outcome } = await runWorkflow(workflow(['bad']), {
    provider: hung,
    store,
    signal: stop.signal,
  });
  expect(outcome).toBeUndefined();
  const again = await runWorkflow(workflow(['bad']), {
    provider: { name: 'own', call: fine },
    store,
    run,
  });
  expect(again.outcome?.status).toBe('succeeded');
});

const own: ModelProvider = { name: 'own', call: fine };

function specOf(document: WorkflowDocument, options: ParseOptions = {}): WorkflowSpec {
  const parsed = parseWorkflow(document, undefined, options);
  if ('diagnostics' in parsed) throw new Error(parsed.diagnostics[0]?.message);
  return parsed.spec;
}

test('a spec of parseWorkflow runs again and again, as its document does', async () => {
  using store = memoryStore();
  const document = workflow(['one', 'other']);
  const spec = specOf(document);
  for (const one of [document, spec, spec]) {
    const { run, outcome, output } = await runWorkflow(one, { provider: own, store });
    expect(outcome?.status).toBe('succeeded');
    expect(output).toEqual({ one: 'fine', other: 'fine' });
    expect(store.read(run, 0, 1)).toMatchObject([{ type: 'run.started', spec }]);
  }
});

test('a refusal says in its message what is wrong, and what was meant', async () => {
  const [node] = workflow(['one']).nodes;
  const twice = { ...workflow(['one']), nodes: [node, node] } as WorkflowDocument;
  const refusal = runWorkflow(twice, { provider: own });
  await expect(refusal).rejects.toThrow('the id `both` is used twice, and 1 more');
  const slip = { ...workflow(['one']), nodes: [{ kind: 'leef', id: 'a' }] };
  await expect(runWorkflow(slip as never, { provider: own })).rejects.toMatchObject({
    message: expect.stringContaining('unknown node kind `leef`'),
    hint: 'did you mean `leaf`?',
  });
});

test('a spec that parseWorkflow has not given itself is held against the gate', async () => {
  const copy = structuredClone(specOf(workflow(['one', 'other'])));
  await expect(runWorkflow(copy, { provider: own })).rejects.toMatchObject({ code: 'WF1001' });
});

test.each([
  ['nobody limits', {}, {}, 'succeeded'],
  ['the author limits', { maxCostMicroUsd: 5_000_000 }, {}, 'failed'],
  ['the host limits', {}, { budget: { maxCostMicroUsd: 5_000_000 } }, 'failed'],
])(
  'what nobody has priced: runs of a spec whose cost %s',
  async (_who, budget, ceilings, status) => {
    const document = { ...workflow(['one', 'other']), budget };
    const { outcome } = await runWorkflow(specOf(document, { ceilings }), { provider: own });
    expect(outcome?.status).toBe(status);
  },
);

test('one open store takes runs side by side, and has them when it is opened again', async () => {
  const stateFolder = mkdtempSync(join(tmpdir(), 'whaleflow-library-'));
  onTestFinished(() => rmSync(stateFolder, { recursive: true }));
  const spec = specOf(workflow(['one', 'other']));
  const runs = ['first', 'second', 'third'];
  {
    using store = openStore({ stateFolder });
    const options = { provider: own, store };
    await Promise.all(runs.map((run) => runWorkflow(spec, { ...options, run })));
  }
  using again = openStore({ stateFolder });
  expect(runs.map((run) => again.run(run)?.state)).toEqual(runs.map(() => 'succeeded'));
  expect(again.verify()).toEqual([]);
});

test('a run that is driven is not driven again beside it, in this process either', async () => {
  const store = memoryStore();
  const answers = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  let calls = 0;
  const slow: ModelProvider = {
    name: 'own',
    async *call() {
      calls += 1;
      asked.resolve();
      await answers.promise;
      yield* fine();
    },
  };
  const options = { provider: slow, store, run: 'same' };
  const first = runWorkflow(workflow(['one']), options);
  await asked.promise;
  await expect(runWorkflow(workflow(['one']), options)).rejects.toMatchObject({ code: 'WF5005' });
  answers.resolve();
  expect((await first).outcome?.status).toBe('succeeded');
  expect(calls).toBe(1);
  // A call that has ended stands in nobody’s way.
  expect((await runWorkflow(workflow(['one']), options)).outcome?.status).toBe('succeeded');
});

test('a run whose store failed once goes on in the same process', async () => {
  const sound = memoryStore();
  const full: typeof sound = {
    ...sound,
    append: () => Promise.reject(new Error('no space')),
  };
  const options = { provider: own, run: 'same' };
  await expect(runWorkflow(workflow(['one']), { ...options, store: full })).rejects.toThrow();
  expect(sound.lease('same')).toBeDefined();
  const { outcome } = await runWorkflow(workflow(['one']), { ...options, store: sound });
  expect(outcome?.status).toBe('succeeded');
});
