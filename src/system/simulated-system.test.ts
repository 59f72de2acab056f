import { expect, test } from 'vitest';
import { pause } from '../model/pause.ts';
import { type SimulatedSystem, simulatedSystem } from './simulated-system.ts';

const never = new AbortController().signal;

/** Five tasks that wait at random: who is when where. */
async function story(system: SimulatedSystem): Promise<readonly string[]> {
  const lines: string[] = [];
  const task = async (name: string): Promise<void> => {
    for (let step = 0; step < 5; step += 1) {
      await pause((system.chance.bytes(1)[0] ?? 0) * 10, system.timers, never);
      lines.push(`${name}${step} ${system.clock.monotonic()} ${system.clock.now()}`);
    }
  };
  await system.until(Promise.all(['a', 'b', 'c', 'd', 'e'].map(task)));
  return lines;
}

test('a seed tells one story, another seed another one', async () => {
  const first = await story(simulatedSystem(7));
  expect(await story(simulatedSystem(7))).toEqual(first);
  expect(await story(simulatedSystem(8))).not.toEqual(first);
  const times = first.map((line) => Number(line.split(' ')[1]));
  expect(times.toSorted((a, b) => a - b)).toEqual(times);
});

test('hours pass in no time, timers are never early, cancelled ones never come', async () => {
  const system = simulatedSystem(1);
  const seen: number[] = [];
  const late = system.timers.after(10, () => seen.push(-1));
  late.cancel();
  await system.until(pause(3_600_000, system.timers, never));
  expect(seen).toEqual([]);
  expect(system.clock.monotonic()).toBeGreaterThanOrEqual(3_600_000);
});

test('turns of the loop come in their order', async () => {
  const system = simulatedSystem(3);
  const seen: number[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  for (let turn = 0; turn < 50; turn += 1) system.timers.nextTurn(() => seen.push(turn));
  system.timers.nextTurn(resolve);
  await system.until(promise);
  expect(seen).toEqual(Array.from({ length: 50 }, (_, turn) => turn));
});

test('a dead process hears nothing more, and a world without events says so', async () => {
  const system = simulatedSystem(5);
  const process = system.spawn();
  const waiting = pause(10, process.timers, never);
  system.timers.after(5, () => process.kill());
  await expect(system.until(waiting)).rejects.toThrow('nothing can happen');
  expect(process.isDead).toBe(true);
});

test('wall time jumps, monotonic time does not', async () => {
  const system = simulatedSystem(5);
  const [wall, monotonic] = [system.clock.now(), system.clock.monotonic()];
  system.jump(-3_600_000);
  expect(system.clock.now()).toBe(wall - 3_600_000);
  expect(system.clock.monotonic()).toBe(monotonic);
});
