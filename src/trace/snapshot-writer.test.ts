import { expect, test } from 'vitest';
import { nodeTimers } from '../system/node/node-clock.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { type EventBody, RULES_VERSION } from './events.ts';
import { memoryStore } from './memory/memory-store.ts';
import { FOLD_VERSION } from './snapshot.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { rowOf } from './trace-store.suite.ts';
import type { TraceStore } from './trace-store.ts';

const RUN = 'r';

test('a snapshot is made of a run with thousands of open leaves, and of more none', async () => {
  expect((await snapshotsWith(4_990)).length).toBe(1);
  expect((await snapshotsWith(5_010)).length).toBe(0);
});

/** Of a run in which so many leaves are in flight. */
async function snapshotsWith(count: number): Promise<ReturnType<typeof read>> {
  const leaves = Array.from({ length: count }, (_, n) => `l${n}`);
  const parsed = parseWorkflow({
    id: 'w',
    goal: 'g',
    budget: { maxLeaves: 10_000 },
    nodes: [
      {
        kind: 'branch_set',
        id: 'all',
        children: leaves.map((id) => ({
          kind: 'leaf',
          id,
          task: { type: 'model', prompt: id },
        })),
      },
    ],
  });
  if (!('spec' in parsed)) throw new Error(JSON.stringify(parsed.diagnostics));
  const started: EventBody = {
    type: 'run.started',
    spec: parsed.spec,
    params: {},
    seed: 0,
    config: {
      concurrency: { model: count, command: 1 },
      wiring: 'test',
      sandbox: 'none',
      routes: {},
    },
    consent: { by: 'library', commands: [] },
    lineage: { mode: 'live' },
    rulesVersion: RULES_VERSION,
  };
  const paths = leaves.map((id) => `all/${id}`);
  const events: readonly EventBody[] = [
    started,
    { type: 'node.started', path: 'all' },
    ...paths.map((path): EventBody => ({ type: 'leaf.requested', path, attempt: 1, digest: 'd' })),
    ...paths.map((path): EventBody => ({ type: 'leaf.started', path, attempt: 1 })),
    ...paths.map((path): EventBody => ({ type: 'timer.cancelled', path, timer: 'none' })),
  ];
  const store = memoryStore();
  const holder = { pid: 1, host: 'here', bootId: 'boot' };
  const stamped = events.map((event) => ({ ...event, at: 1 }));
  await store.create({ run: RUN, events: stamped, row: rowOf(RUN, events.length), holder });
  const spec = () => parsed.spec;
  const writer = new SnapshotWriter({ store, run: RUN, timers: nodeTimers, spec });
  writer.advance(events.length);
  await writer.settled();
  return read(store);
}

const read = (store: TraceStore) => store.snapshots(RUN, FOLD_VERSION);
