import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('as many run at once as may, the others in the order of their calls', async () => {
  const inTurn = createTurns(2);
  const log: string[] = [];
  const ends: (() => void)[] = [];
  const act = (name: string) =>
    inTurn(async () => {
      log.push(name);
      await new Promise<void>((resolve) => ends.push(resolve));
    });
  const all = ['a', 'b', 'c', 'd'].map(act);
  await Promise.resolve();
  expect(log).toEqual(['a', 'b']);
  ends[1]?.();
  await all[1];
  ends[0]?.();
  await all[0];
  expect(log).toEqual(['a', 'b', 'c', 'd']);
  for (const end of ends) end();
  await Promise.all(all);
});

test('a failure gives its turn on, and what was aborted meanwhile does not act', async () => {
  const inTurn = createTurns(1);
  const controller = new AbortController();
  const failing = inTurn(() => Promise.reject(new Error('no')));
  let hasActed = false;
  const aborted = inTurn(async () => {
    hasActed = true;
  }, controller.signal);
  controller.abort(new Error('enough'));
  await expect(failing).rejects.toThrow('no');
  await expect(aborted).rejects.toThrow('enough');
  expect(hasActed).toBe(false);
  expect(await inTurn(async () => 'on')).toBe('on');
});
