import { expect, test } from 'vitest';
import { nodeTimers } from '../system/node/node-clock.ts';
import { parseWorkflow } from '../workflow/parse-workflow.ts';
import { type EventBody, RULES_VERSION } from './events.ts';
import { memoryStore } from './memory/memory-store.ts';
import { foldRun, viewRun } from './read-run.ts';
import { RunView } from './run-view.ts';
import { FOLD_VERSION } from './snapshot.ts';
import { SnapshotWriter } from './snapshot-writer.ts';
import { rowOf } from './trace-store.suite.ts';
import type { TraceStore } from './trace-store.ts';

const RUN = 'r';
const timers = nodeTimers;

test('a snapshot holds thousands of open leaves; of more it is a link to the next that does', async () => {
  const isWhole = async (count: number, ended = 0): Promise<readonly boolean[]> =>
    read(await storeWith(count, ended)).map((head) => head.isWhole);
  expect(await isWhole(4_990)).toEqual([true]);
  expect(await isWhole(5_010)).toEqual([false]);
  expect(await isWhole(5_010, 5_000)).toEqual([false, true]);
});

test('folds begin behind a link as they would at the first event', async () => {
  const store = await storeWith(5_010, 5_000);
  const events = store.read(RUN, 0);
  const whole = new RunView();
  for (const event of events) whole.see(event);
  const seen: number[] = [];
  const folded = foldRun(store, RUN, ({ seq }) => seen.push(seq));
  expect(Math.min(...seen.filter((seq) => seq > 20_000))).toBe(20_001);
  const view = viewRun(store, RUN);
  for (const state of [folded, view.state]) {
    expect([...state.nodes.keys()]).toEqual([...whole.state.nodes.keys()]);
    expect(state.leavesDone).toBe(5_000);
    expect(state.inFlight.size).toBe(10);
  }
  expect(view.allAttempts()).toEqual(whole.allAttempts());
  expect(view.rollup('all')).toEqual(whole.rollup('all'));
});

test('while a crowd is in flight none is made, and when it is over those that are due', async () => {
  const { store, spec, last } = await filled(5_010, 5_000);
  let count = 5_001;
  const writer = new SnapshotWriter({ store, run: RUN, timers, spec, inFlight: () => count });
  writer.advance(last);
  await writer.settled();
  expect(read(store)).toEqual([]);
  count = 5_000;
  writer.advance(last);
  // Another crowd comes while the events are folded.
  count = 5_001;
  await writer.settled();
  expect(read(store)).toEqual([]);
  count = 10;
  writer.advance(last);
  await writer.settled();
  expect(read(store).map(({ isWhole }) => isWhole)).toEqual([false, true]);
});

test('a writer that goes on behind a link makes what another would have made', async () => {
  const once = await storeWith(5_010, 5_000);
  const again = await storeWith(5_010, 5_000, 10_500);
  expect(read(again)).toEqual(read(once));
});

/** A store with the snapshots of such a run; those up to `first` were made by another writer. */
async function storeWith(count: number, ended = 0, first = 0): Promise<TraceStore> {
  const { store, spec, last } = await filled(count, ended);
  for (const seq of first === 0 ? [last] : [first, last]) {
    const writer = new SnapshotWriter({ store, run: RUN, timers, spec, inFlight: () => 10 });
    writer.advance(seq);
    await writer.settled();
  }
  return store;
}

/** A store with a run in which so many leaves are in flight, and then so many end. */
async function filled(count: number, ended: number) {
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
  const output = { digest: 'd'.repeat(64), bytes: 1, type: 'text' } as const;
  const result = { status: 'succeeded', output } as const;
  const paths = leaves.map((id) => `all/${id}`);
  const events: readonly EventBody[] = [
    started,
    { type: 'node.started', path: 'all' },
    ...paths.map((path): EventBody => ({ type: 'leaf.requested', path, attempt: 1, digest: 'd' })),
    ...paths.map((path): EventBody => ({ type: 'leaf.started', path, attempt: 1 })),
    ...paths.map((path): EventBody => ({ type: 'timer.cancelled', path, timer: 'none' })),
    ...paths.slice(0, ended).map((path): EventBody => {
      return { type: 'leaf.finished', path, attempt: 1, result };
    }),
  ];
  const store = memoryStore();
  const holder = { pid: 1, host: 'here', bootId: 'boot' };
  const stamped = events.map((event) => ({ ...event, at: 1 }));
  await store.create({ run: RUN, events: stamped, row: rowOf(RUN, events.length), holder });
  const spec = () => parsed.spec;
  return { store, spec, last: events.length };
}

const read = (store: TraceStore) => store.snapshots(RUN, FOLD_VERSION);
