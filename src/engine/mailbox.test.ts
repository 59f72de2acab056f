import { expect, test } from 'vitest';
import { simulatedSystem } from '../system/simulated-system.ts';
import type { Fact } from '../trace/events.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import { emptyRunState } from '../trace/run-state.ts';
import { Decider } from './decide.ts';
import { Mailbox } from './mailbox.ts';

test('what cannot be decided on leaves nobody waiting who posted along with it', async () => {
  const { clock, timers, until } = simulatedSystem(1);
  const failures: unknown[] = [];
  const decider = new Decider(emptyRunState());
  decider.advance = (fact: Fact) => {
    throw new Error('path' in fact ? `no rule for ${fact.path}` : 'no rule');
  };
  const mailbox = new Mailbox({
    ...{ store: memoryStore(), run: 'r', epoch: 1, after: 0, decider, clock, timers },
    begin: () => [],
    waits: () => false,
    perform: () => {},
    fail: (error) => failures.push(error),
  });
  const ends = ['a', 'b', 'c'].map((path) =>
    mailbox.post({ type: 'timer.fired', path, timer: 'retry' }).catch((error: unknown) => error),
  );
  const told = await until(Promise.all(ends));
  expect(told).toEqual(Array.from(ends, () => new Error('no rule for a')));
  expect(failures).toHaveLength(1);
  expect(mailbox.isIdle).toBe(true);
});
