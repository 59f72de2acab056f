import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { WaitingLine } from './waiting-line.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('first come, first taken, without those that are not due', () => {
  const line = new WaitingLine<number>((entry) => entry % 3 !== 0);
  for (let entry = 1; entry <= 10; entry += 1) line.add(entry);
  expect(line.take(3)).toEqual([1, 2, 4]);
  line.add(11);
  expect(line.take(4)).toEqual([5, 7, 8, 10]);
  expect(line.size).toBe(1);
  expect(line.take(4)).toEqual([11]);
  expect(line.take(4)).toEqual([]);
  expect(line.size).toBe(0);
});

test('a line that is never empty lets go of what was taken', () => {
  const line = new WaitingLine<object>(() => true);
  const all: WeakRef<object>[] = [];
  const add = (): void => {
    const entry = { all };
    all.push(new WeakRef(entry));
    line.add(entry);
  };
  add();
  for (let round = 0; round < 1_000; round += 1) {
    add();
    line.take(1);
  }
  expect(line.size).toBe(1);
  return new Promise<void>((resolve) => {
    setImmediate(() => {
      collect();
      expect(all.filter((entry) => entry.deref() !== undefined).length).toBeLessThan(10);
      resolve();
    });
  });
});

test('what is put back has its turn first', () => {
  const line = new WaitingLine<number>(() => true);
  for (let entry = 1; entry <= 6; entry += 1) line.add(entry);
  expect(line.take(3)).toEqual([1, 2, 3]);
  line.putBack([2, 3]);
  expect(line.size).toBe(5);
  expect(line.take(4)).toEqual([2, 3, 4, 5]);
  line.add(7);
  line.putBack([3, 4, 5]);
  expect(line.take(6)).toEqual([3, 4, 5, 6, 7]);
  line.putBack([7]);
  line.putBack([]);
  expect(line.take(6)).toEqual([7]);
  expect(line.size).toBe(0);
});
