import { expect, test } from 'vitest';
import { simulatedSystem } from '../system/simulated-system.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import { LiveBoard } from './live-board.ts';

const rowOf = (path: string, text: string): LiveRow => ({
  run: 'r',
  path,
  attempt: 1,
  kind: 'text',
  startedAt: 0,
  lastActivityAt: 0,
  text,
});

function board() {
  const system = simulatedSystem(1);
  const store = memoryStore();
  const writes: string[][] = [];
  const live = new LiveBoard(
    {
      putLive(rows) {
        writes.push(rows.map(({ path, text }) => `${path}: ${text}`));
        store.putLive(rows);
      },
      clearLive(run, path) {
        writes.push([`- ${path}`]);
        store.clearLive(run, path);
      },
    },
    system.timers,
  );
  const wait = (ms: number): Promise<void> =>
    system.until(new Promise((resolve) => system.timers.after(ms, resolve)));
  return { live, store, writes, wait };
}

test('what leaves do within a quarter of a second is written once, as it is then', async () => {
  const { live, store, writes, wait } = board();
  live.show('a', () => rowOf('a', 'one'));
  live.show('b', () => rowOf('b', 'other'));
  live.show('a', () => rowOf('a', 'two'));
  expect(writes).toEqual([]);
  await wait(260);
  live.show('b', () => rowOf('b', 'more'));
  await wait(260);
  expect(writes).toEqual([['a: two', 'b: other'], ['b: more']]);
  expect(store.live('r').map(({ text }) => text)).toEqual(['two', 'more']);
});

test('a leaf that ends before its turn is neither written nor cleared, one that was written is', async () => {
  const { live, store, writes, wait } = board();
  live.show('short', () => rowOf('short', 'x'));
  live.show('long', () => rowOf('long', 'x'));
  live.clear('r', 'short');
  await wait(260);
  live.clear('r', 'long');
  expect(writes).toEqual([['long: x'], ['- long']]);
  expect(store.live('r')).toEqual([]);
});

test('a board that stopped writes no more', async () => {
  const { live, writes, wait } = board();
  live.show('a', () => rowOf('a', 'x'));
  live.stop();
  live.show('b', () => rowOf('b', 'x'));
  await wait(1_000);
  expect(writes).toEqual([]);
});
