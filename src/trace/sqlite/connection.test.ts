import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { begin } from '../trace-store.suite.ts';
import { heldTimers, openScratch, scratchFolder } from './scratch-store.suite.ts';

const logBytes = (folder: string): number => statSync(join(folder, 'whaleflow.db-wal')).size;

test('the end of a run does not wait for the log to be moved into the store', async () => {
  const folder = scratchFolder();
  const timers = heldTimers();
  using store = openScratch(folder, 'create', { timers });
  for (const run of ['run-1', 'run-2']) {
    await begin(store, run);
    await store.release(run, 1);
  }
  expect(logBytes(folder)).toBeGreaterThan(0);
  expect(timers.delays.filter((delayMs) => delayMs < 1000)).toEqual([100]);
  timers.fire();
  expect(logBytes(folder)).toBe(0);
});

test('a store that is closed before then moves its log first, whoever else has it open', async () => {
  const folder = scratchFolder();
  using reader = openScratch(folder);
  {
    using store = openScratch(folder, 'create', { timers: heldTimers() });
    await begin(store, 'run-1');
    await store.release('run-1', 1);
    expect(logBytes(folder)).toBeGreaterThan(0);
  }
  expect(logBytes(folder)).toBe(0);
  expect(reader.run('run-1')?.seq).toBe(1);
});
