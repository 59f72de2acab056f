/** A run that is long enough for snapshots: its driver makes them, readers and `verify` use them. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { beforeAll, expect, test } from 'vitest';
import type { ModelProvider } from '../../src/model/model-provider.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { foldRun, viewRun } from '../../src/trace/read-run.ts';
import { RunView } from '../../src/trace/run-view.ts';
import { FOLD_VERSION, SNAPSHOT_EVENTS } from '../../src/trace/snapshot.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import type { TraceStore } from '../../src/trace/trace-store.ts';
import { runWorkflow } from '../../src/workbench/run-workflow.ts';

const LEAVES = 4_500;
const folder = mkdtempSync(join(tmpdir(), 'whaleflow-snapshots-'));
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
let run = '';

beforeAll(async () => {
  const children = Array.from({ length: LEAVES }, (_, n) => {
    const task = { type: 'model', prompt: `${n}` } as const;
    return { kind: 'leaf', id: `l${n}`, task } as const;
  });
  const ended = await runWorkflow(
    {
      id: 'long',
      goal: 'to be long',
      budget: { maxLeaves: 1e6, maxTokens: 1e9 },
      nodes: [{ kind: 'branch_set', id: 'all', children }],
    },
    { provider, stateFolder: folder, parallel: 500 },
  );
  expect(ended.outcome?.status).toBe('succeeded');
  run = ended.run;
  return () => rmSync(folder, { recursive: true });
});

/** The store, which says from where events were read. */
function reader(reads: number[] = []): TraceStore {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  const store = openStore({ stateFolder: folder, mode: 'read', ...world });
  return {
    ...store,
    read(id, after, limit) {
      if (limit !== 1) reads.push(after);
      return store.read(id, after, limit);
    },
  };
}

function viewFromStart(store: TraceStore): RunView {
  const view = new RunView();
  for (const event of store.read(run, 0)) view.see(event);
  return view;
}

test('a long run has its snapshots when it ends, and readers begin at the last', () => {
  const reads: number[] = [];
  using store = reader(reads);
  const seq = store.run(run)?.seq ?? 0;
  expect(seq).toBeGreaterThan(2 * SNAPSHOT_EVENTS);
  const last = Math.floor(seq / SNAPSHOT_EVENTS) * SNAPSHOT_EVENTS;
  expect(foldRun(store, run).seq).toBe(seq);
  const view = viewRun(store, run);
  expect(reads.every((after) => after >= last)).toBe(true);
  const whole = viewFromStart(store);
  expect([...view.state.nodes.keys()]).toEqual([...whole.state.nodes.keys()]);
  expect(view.rollup('')).toEqual(whole.rollup(''));
  expect(view.attempt('all/l7')).toEqual(whole.attempt('all/l7'));
  expect(view.allAttempts()).toEqual(whole.allAttempts());
});

test('verify names a snapshot that its events do not fold to, and one that does not fit', () => {
  using store = reader();
  expect(store.verify(run)).toEqual([]);
  const db = new DatabaseSync(join(folder, 'whaleflow.db'));
  db.exec(`UPDATE snapshot SET attempts = x'00' WHERE key = (SELECT min(key) FROM snapshot)`);
  expect(store.verify(run)).toMatchObject([{ run, seq: SNAPSHOT_EVENTS }]);
  // Attempts of a damaged part are folded again, from the events.
  expect(viewRun(store, run).attempt('all/l7')).toEqual(viewFromStart(store).attempt('all/l7'));
  db.exec(`UPDATE snapshot SET version = ${FOLD_VERSION + 1}`);
  expect(store.verify(run)).toEqual([]);
  expect(viewRun(store, run).rollup('')).toEqual(viewFromStart(store).rollup(''));
  db.close();
});
