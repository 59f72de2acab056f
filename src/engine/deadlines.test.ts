import { expect, test } from 'vitest';
import { simulatedSystem } from '../system/simulated-system.ts';
import { type Deadlines, deadlines } from './deadlines.ts';

function setting(): { readonly due: Deadlines; wait(ms: number): Promise<readonly string[]> } {
  const system = simulatedSystem(1);
  const over: string[] = [];
  const due = deadlines(system, (key) =>
    over.push(`${key} ${Math.round(system.clock.monotonic() / 10) * 10}`),
  );
  return {
    due,
    wait(ms) {
      const waited = new Promise<void>((resolve) => system.timers.after(ms, resolve));
      return system.until(waited).then(() => over.splice(0));
    },
  };
}

test('each key is over at its time, whoever was set first', async () => {
  const { due, wait } = setting();
  due.set('late', 300);
  due.set('soon', 100);
  expect(await wait(200)).toEqual(['soon 100']);
  expect(await wait(200)).toEqual(['late 300']);
});

test('what was cleared, or set again, is not over then', async () => {
  const { due, wait } = setting();
  due.set('a', 100);
  due.set('c', 100);
  due.clear('a');
  due.set('c', 250);
  expect(await wait(200)).toEqual([]);
  expect(await wait(200)).toEqual(['c 250']);
});

test('nothing is over after the end', async () => {
  const { due, wait } = setting();
  due.set('a', 100);
  due.close();
  expect(await wait(200)).toEqual([]);
});

test('days are waited for, longer than a timer can', async () => {
  const { due, wait } = setting();
  const days = 40 * 86_400_000;
  due.set('a', days);
  expect(await wait(days + 1)).toEqual([`a ${days}`]);
});
