import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { add, begin, rowOf } from '../trace-store.suite.ts';
import { HeadsWriter, readHeads } from './heads.ts';
import { heldTimers, openScratch, scratchFolder } from './scratch-store.suite.ts';

test('heads are written a second after the first commit that has none', async () => {
  const folder = scratchFolder();
  const timers = heldTimers();
  using store = openScratch(folder, 'create', { timers });
  await begin(store, 'run-1');
  await add(store, 'run-1', 1, 'a');
  await begin(store, 'run-2');
  expect(existsSync(join(folder, 'heads'))).toBe(false);
  expect(timers.delays).toEqual([1000]);
  timers.fire();
  expect(readHeads(folder).map(({ run, seq }) => `${run} ${seq}`)).toEqual(['run-1 2', 'run-2 1']);
  await add(store, 'run-1', 2, 'b');
  expect(timers.delays).toEqual([1000, 1000]);
});

test.each([
  ['the end of a run', 2],
  ['the release of a lease', 1],
  ['closing the store', 1],
])('heads are written at once at %s', async (moment, seq) => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder, 'create', { timers: heldTimers() });
    await begin(store, 'run-1');
    if (moment === 'the end of a run') {
      const usage = {
        tokens: { uncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 },
        costMicroUsd: 0,
        costStatus: 'exact',
      } as const;
      const totals = { leaves: 1, modelCalls: 0, reused: 0, usage };
      const outcome = { status: 'succeeded', output: { type: 'none' } } as const;
      const row = rowOf('run-1', 2);
      const events = [{ type: 'run.finished', at: 1, outcome, totals } as const];
      await store.append({ run: 'run-1', epoch: 1, after: 1, events, row });
    } else if (moment === 'the release of a lease') {
      await store.release('run-1', 1);
    }
    expect(readHeads(folder)).toHaveLength(moment === 'closing the store' ? 0 : 1);
  }
  expect(readHeads(folder)).toMatchObject([{ run: 'run-1', seq }]);
});

test('a torn line spoils only itself', async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder);
    await begin(store, 'run-1');
  }
  writeFileSync(join(folder, 'heads'), 'run-1 9 0123', { flag: 'a' });
  using store = openScratch(folder);
  await begin(store, 'run-2');
  await store.release('run-2', 1);
  expect(readHeads(folder).map(({ run }) => run)).toEqual(['run-1', 'run-2']);
  expect(store.verify()).toEqual([]);
});

test('a long file is cut down to the last head of each run', () => {
  const folder = scratchFolder();
  const path = join(folder, 'heads');
  const hash = 'a'.repeat(64);
  const lines = Array.from({ length: 20_000 }, (_, n) => `run-${n % 3} ${n + 1} ${hash}`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  new HeadsWriter(folder, heldTimers());
  expect(statSync(path).size).toBeLessThan(1000);
  expect(
    readHeads(folder)
      .map(({ seq }) => seq)
      .toSorted(),
  ).toEqual([19_998, 19_999, 20_000]);
  expect(readFileSync(path, 'utf8')).toContain(hash);
});

test('a removed run is not missed, and one that was lost still is', async () => {
  const folder = scratchFolder();
  const options = { now: 1000, staleMs: 100, isAlive: () => false };
  const holder = { pid: 41, host: 'here', bootId: 'boot-1' };
  {
    using store = openScratch(folder, 'create');
    for (const run of ['run-1', 'run-2']) {
      await begin(store, run);
      await store.release(run, 1);
    }
    await store.remove(['run-1'], holder, options);
    expect(store.verify()).toEqual([]);
  }
  const db = new DatabaseSync(join(folder, 'whaleflow.db'));
  db.exec('DELETE FROM event; DELETE FROM lease; DELETE FROM run');
  db.close();
  using store = openScratch(folder, 'create');
  expect(store.verify().map(({ run }) => run)).toEqual(['run-2']);
});

test('a tombstone without its removal changes nothing', async () => {
  const folder = scratchFolder();
  {
    using store = openScratch(folder, 'create');
    await begin(store, 'run-1');
  }
  new HeadsWriter(folder, heldTimers()).forget(['run-1']);
  using store = openScratch(folder, 'create');
  expect(store.verify()).toEqual([]);
});
