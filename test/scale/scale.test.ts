/**
 * Size: wide, deep and joined workflows of 10,000 nodes, and a store of very many events. Limits of CPU time
 * are generous in each change, where other work shares the machine; soak holds the stated figures.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { memoryStore } from '../../src/trace/memory/memory-store.ts';
import { foldRun } from '../../src/trace/read-run.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { rowOf } from '../../src/trace/trace-store.suite.ts';
import type { NewEvent } from '../../src/trace/trace-store.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';
import type { NodeDocument, WorkflowDocument } from '../../src/workflow/document.ts';
import { parseWorkflow } from '../../src/workflow/parse-workflow.ts';
import { cpuWatch } from '../cpu-watch.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const NODES = IS_SOAK ? 10_000 : 2_000;
const EVENTS = IS_SOAK ? 1_000_000 : 50_000;
const SLACK = IS_SOAK ? 1 : 4;
const TIMEOUT_MS = 600_000;

const usage = {
  tokens: { uncached: 3, cacheRead: 0, cacheWrite: 0, output: 2, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;
const provider: ModelProvider = {
  name: 'instant',
  async *call() {
    yield { type: 'finished', text: 'done', usage, model: 'instant' };
  },
};

const leaf = (id: string, inputs: readonly string[] = []): NodeDocument => ({
  kind: 'leaf',
  id,
  inputs,
  task: { type: 'model', prompt: id },
});
const many = <T>(make: (index: number) => T): T[] =>
  Array.from({ length: NODES }, (_, index) => make(index));
const branches: NodeDocument = {
  kind: 'branch_set',
  id: 'wide',
  children: many((index) => leaf(`w${index}`)),
};
const budget = { maxLeaves: 1_000_000, maxTokens: 1e9 };
const workflowOf = (nodes: readonly NodeDocument[]): WorkflowDocument => {
  return { id: 'large', goal: 'to be large', budget, nodes };
};

test.each([
  ['wide', workflowOf([branches])],
  ['deep', workflowOf(many((i) => leaf(`d${i}`, i === 0 ? [] : [`d${i - 1}`])))],
  ['joined', workflowOf([leaf('first'), branches, leaf('last', ['first', 'w0', 'wide'])])],
])(
  `${NODES} nodes, %s: compiled in 2 s, driven in 2 ms a node`,
  async (_, document) => {
    const compiled = spent(() => expect('spec' in parseWorkflow(document)).toBe(true));
    expect(compiled).toBeLessThan(2_000 * SLACK);
    const store = memoryStore();
    const spentMs = cpuWatch();
    const { run, outcome } = await runWorkflow(document, { provider, store, parallel: 64 });
    expect(outcome?.status).toBe('succeeded');
    expect(spentMs() / NODES).toBeLessThan(2 * SLACK);
    expect(foldRun(store, run).finished).toBeDefined();
  },
  TIMEOUT_MS,
);

test(
  `a store of ${EVENTS} events: tails, runs and counts at once`,
  async () => {
    const stateFolder = mkdtempSync(join(tmpdir(), 'whaleflow-scale-'));
    const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
    const store = openStore({ stateFolder, mode: 'create', ...world });
    const holder = { pid: 1, host: 'here', bootId: 'boot' };
    const batch = many(
      (index): NewEvent => ({ type: 'timer.fired', path: 'a', timer: `${index}`, at: 1 }),
    );
    await store.create({ run: 'r', holder, events: batch.slice(0, 1), row: rowOf('r', 1) });
    let after = 1;
    while (after < EVENTS) {
      const row = rowOf('r', after + batch.length);
      after = await store.append({ run: 'r', epoch: 1, after, events: batch, row });
    }
    store[Symbol.dispose]();
    using reader = openStore({ stateFolder, mode: 'read', ...world });
    reader.runs();
    expect(spent(() => expect(reader.read('r', after - 100)).toHaveLength(100))).toBeLessThan(
      5 * SLACK,
    );
    expect(spent(() => expect(reader.runs()).toHaveLength(1))).toBeLessThan(100 * SLACK);
    expect(spent(() => expect(reader.run('r')?.seq).toBe(after))).toBeLessThan(50 * SLACK);
    rmSync(stateFolder, { recursive: true });
  },
  TIMEOUT_MS,
);

function spent(action: () => void): number {
  const spentMs = cpuWatch();
  action();
  return spentMs();
}
