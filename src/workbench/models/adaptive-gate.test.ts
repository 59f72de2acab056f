import { expect, test } from 'vitest';
import type { Leave } from '../../leaf/call/provider-gate.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import { adaptiveGate } from './adaptive-gate.ts';

const ANSWERED = { type: 'answered' } as const;
const BUSY = { type: 'busy' } as const;

interface Hands {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly pending: number;
  advance(byMs: number): void;
}

/** Time that stands still until it is moved by hand. */
function hands(): Hands {
  let now = 0;
  const armed = new Map<object, { readonly dueMs: number; readonly action: () => void }>();
  return {
    clock: { now: () => now, monotonic: () => now },
    timers: {
      after(delayMs, action) {
        const key = {};
        armed.set(key, { dueMs: now + delayMs, action });
        return { cancel: () => void armed.delete(key) };
      },
      nextTurn: (action) => action(),
    },
    get pending() {
      return armed.size;
    },
    advance(byMs) {
      now += byMs;
      for (const [key, { dueMs, action }] of armed) {
        if (dueMs > now) continue;
        armed.delete(key);
        action();
      }
    },
  };
}

interface Crowd {
  readonly system: Hands;
  /** Calls that were let in and have not left, in their order. */
  readonly inside: { readonly name: number; readonly leave: Leave }[];
  /** Calls that were told that they have to wait. */
  readonly waits: readonly number[];
  /** For how long, where that was known. */
  readonly delays: (number | undefined)[];
  come(count: number, signal?: AbortSignal, provider?: string): Promise<void>;
  /** Lets happen what happens by itself. */
  settle(): Promise<void>;
}

function crowd(): Crowd {
  const system = hands();
  const gate = adaptiveGate(system);
  const inside: { name: number; leave: Leave }[] = [];
  const waits: number[] = [];
  const delays: (number | undefined)[] = [];
  let name = 0;
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  };
  return {
    system,
    inside,
    waits,
    delays,
    settle,
    async come(count, signal = new AbortController().signal, provider = 'p') {
      for (let index = 0; index < count; index += 1) {
        const own = ++name;
        const waiting = (forMs?: number): void => {
          waits.push(own);
          delays.push(forMs);
        };
        void gate
          .enter(provider, signal, waiting)
          .then((leave) => inside.push({ name: own, leave }));
      }
      await settle();
    },
  };
}

test('it begins with few, and lets in one more after each round of answers', async () => {
  const { inside, waits, come, settle } = crowd();
  await come(40);
  expect(waits.length).toBe(36);
  const sizes = [inside.length];
  for (let round = 0; round < 4; round += 1) {
    for (const { leave } of inside.splice(0)) leave(ANSWERED);
    await settle();
    sizes.push(inside.length);
  }
  expect(sizes).toEqual([4, 4, 5, 6, 7]);
  expect(inside.map(({ name }) => name)).toEqual([20, 21, 22, 23, 24, 25, 26]);
});

test('a crowd of refusals halves it once; nobody is let in until the provider may be asked again', async () => {
  const { system, inside, delays, come, settle } = crowd();
  await come(10);
  expect(delays).toEqual(Array.from({ length: 6 }, () => undefined));
  const news = inside.splice(0).map(({ leave }) => leave({ ...BUSY, retryAfterMs: 5_000 }));
  expect(news).toEqual([{ type: 'suspended', forMs: 5_000 }, undefined, undefined, undefined]);
  expect(delays.splice(6)).toEqual(Array.from({ length: 6 }, () => 5_000));
  await settle();
  system.advance(4_999);
  await settle();
  expect(inside).toEqual([]);
  system.advance(1);
  await settle();
  expect(inside.map(({ name }) => name)).toEqual([5, 6]);
  expect(inside.splice(0).map(({ leave }) => leave(ANSWERED))).toEqual([
    { type: 'resumed' },
    undefined,
  ]);
});

test('it never falls below one, and other providers go on', async () => {
  const { system, inside, come, settle } = crowd();
  await come(12);
  for (let round = 0; round < 5; round += 1) {
    for (const { leave } of inside.splice(0)) leave(BUSY);
    system.advance(60_000);
    await settle();
  }
  expect(inside).toHaveLength(1);
  await come(3, undefined, 'q');
  expect(inside).toHaveLength(4);
});

test('who gives up leaves the queue and takes no place', async () => {
  const { system, inside, come, settle } = crowd();
  const controller = new AbortController();
  await come(4);
  await come(2, controller.signal);
  await come(1);
  for (const { leave } of inside.splice(0, 4)) leave({ ...BUSY, retryAfterMs: 1_000 });
  controller.abort();
  await settle();
  expect(inside.splice(0).map(({ name }) => name)).toEqual([5, 6]);
  system.advance(1_000);
  await settle();
  expect(inside.map(({ name }) => name)).toEqual([7]);
});

test('a wait without end is cut at a minute, and a queue that is gone leaves no timer behind', async () => {
  const { system, inside, come, settle } = crowd();
  const controller = new AbortController();
  await come(1);
  await come(4, controller.signal);
  for (const { leave } of inside.splice(0)) leave({ ...BUSY, retryAfterMs: 1e12 });
  controller.abort();
  await settle();
  expect(system.pending).toBe(0);
  inside.splice(0);
  await come(1);
  system.advance(60_000);
  await settle();
  expect(inside).toHaveLength(1);
});
