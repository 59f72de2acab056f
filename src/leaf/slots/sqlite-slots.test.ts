import { spawn } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Timers } from '../../system/clock.ts';
import { nodeTimers } from '../../system/node/node-clock.ts';
import type { MachineSlots } from '../machine-slots.ts';
import { heldPlaces } from './held-places.ts';
import { type SqliteSlotsParts, sqliteSlots } from './sqlite-slots.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-slots-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const never = new AbortController().signal;

function slots(limit: number, parts: Partial<SqliteSlotsParts> = {}): MachineSlots {
  return sqliteSlots({
    file: join(folder, 'user', 'slots.db'),
    lane: 'command',
    limit,
    holder: { pid: process.pid, bootId: 'boot', start: 'now' },
    isAlive: () => true,
    timers: nodeTimers,
    complain: () => {},
    ...parts,
  });
}

test('whoever finds no place says that it waits, and goes on when one is given back', async () => {
  const [here, there] = [slots(1), slots(1)];
  const leave = await here.enter(never, () => {});
  const said = Promise.withResolvers<void>();
  const entered = there.enter(never, said.resolve);
  await said.promise;
  leave();
  (await entered)();
});

test('places of one kind are none of another', async () => {
  const refuse = (): void => {
    throw new Error('waits for a place of another kind');
  };
  await slots(1).enter(never, refuse);
  await slots(1, { lane: 'model lab' }).enter(never, refuse);
  await slots(1, { lane: 'model field' }).enter(never, refuse);
  const stop = new AbortController();
  let waits = 0;
  await slots(1, { lane: 'model lab' }).enter(stop.signal, () => {
    waits += 1;
    stop.abort();
  });
  expect(waits).toBe(1);
});

test('a file that breaks while places are held ends the waiting, and is complained of once', async () => {
  const said: string[] = [];
  const pending = new Set<object>();
  const timers: Timers = {
    ...nodeTimers,
    after(delayMs, action) {
      const one = {};
      pending.add(one);
      return nodeTimers.after(delayMs, () => {
        pending.delete(one);
        action();
      });
    },
  };
  const here = slots(2, { timers, complain: (text) => said.push(text) });
  const places = [await here.enter(never, () => {}), await here.enter(never, () => {})];
  const waiting = Promise.withResolvers<void>();
  const entered = here.enter(never, waiting.resolve);
  await waiting.promise;
  using other = new DatabaseSync(join(folder, 'user', 'slots.db'));
  other.exec('DROP TABLE places');
  for (const leave of places) leave();
  (await entered)();
  expect(said).toEqual([expect.stringContaining('no machine-wide limit of commands')]);
  await expect.poll(() => pending.size, { timeout: 60_000 }).toBe(0);
});

test('who looks sees what the living hold, by kind, and makes no file', async () => {
  const file = join(folder, 'user', 'slots.db');
  expect(heldPlaces(file, () => true)).toEqual(new Map());
  expect(existsSync(file)).toBe(false);
  const leave = await slots(2).enter(never, () => {});
  await slots(2, { lane: 'model lab' }).enter(never, () => {});
  await slots(2, { holder: { pid: 1, bootId: 'boot', start: 'then' } }).enter(never, () => {});
  const isAlive = ({ start }: { readonly start: string }): boolean => start === 'now';
  expect([...heldPlaces(file, isAlive)]).toEqual([
    ['command', 1],
    ['model lab', 1],
  ]);
  leave();
  expect([...heldPlaces(file, isAlive)]).toEqual([['model lab', 1]]);
});

test('the places of the dead are free, those of the living are not', async () => {
  const dead = { pid: 1, bootId: 'boot', start: 'then' };
  await slots(1, { holder: dead }).enter(never, () => {});
  const isAlive = ({ start }: typeof dead): boolean => start === 'now';
  const mine = slots(1, { isAlive });
  await mine.enter(never, () => {
    throw new Error('waits for a dead one');
  });
  const stop = new AbortController();
  let waits = 0;
  const second = mine.enter(stop.signal, () => {
    waits += 1;
    stop.abort();
  });
  (await second)();
  expect(waits).toBe(1);
});

test('a file that cannot be used is told of once, and holds nobody up', async () => {
  writeFileSync(join(folder, 'user'), 'no folder');
  const said: string[] = [];
  const open = slots(1, { complain: (message) => said.push(message) });
  await open.enter(never, () => {});
  await open.enter(never, () => {});
  expect(said).toHaveLength(1);
});

/** A process that runs commands under the limit, each of them two lines in the log. */
function program(commands: number, holdMs: number): string {
  const source = join(import.meta.dirname, 'sqlite-slots.ts');
  const clock = join(import.meta.dirname, '../../system/node/node-clock.ts');
  return `
    import { appendFileSync } from 'node:fs';
    import { sqliteSlots } from ${JSON.stringify(source)};
    import { nodeTimers } from ${JSON.stringify(clock)};
    const isAlive = ({ pid }) => { try { process.kill(pid, 0); return true; } catch { return false; } };
    const slots = sqliteSlots({
      file: ${JSON.stringify(join(folder, 'slots.db'))}, lane: 'command', limit: 2, isAlive, timers: nodeTimers,
      holder: { pid: process.pid, bootId: 'boot', start: '' }, complain: (text) => { throw new Error(text); },
    });
    const log = (line) => appendFileSync(${JSON.stringify(join(folder, 'log'))}, line + '\\n');
    await Promise.all(Array.from({ length: ${commands} }, async () => {
      const leave = await slots.enter(new AbortController().signal, () => {});
      log('+');
      await new Promise((resolve) => setTimeout(resolve, ${holdMs}));
      log('-');
      leave();
    }));`;
}

const logged = (): string => readFileSync(join(folder, 'log'), 'utf8');
const run = (commands: number, holdMs: number) =>
  spawn(process.execPath, ['--input-type=module', '-e', program(commands, holdMs)], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
const ended = (child: ReturnType<typeof run>): Promise<number | null> =>
  new Promise((resolve) => child.once('exit', resolve));

function mostAtOnce(): number {
  let [now, most] = [0, 0];
  for (const sign of logged().replaceAll('\n', '')) {
    now += sign === '+' ? 1 : -1;
    most = Math.max(most, now);
  }
  return most;
}

test('two processes never have more than two commands at once, and use both places', async () => {
  const codes = await Promise.all([ended(run(12, 20)), ended(run(12, 20))]);
  expect(codes).toEqual([0, 0]);
  expect(logged().match(/\+/g)).toHaveLength(24);
  expect(mostAtOnce()).toBe(2);
});

test('a process that is killed gives its places back', async () => {
  appendFileSync(join(folder, 'log'), '');
  const holder = run(2, 600_000);
  const gone = ended(holder);
  await expect.poll(logged).toBe('+\n+\n');
  const other = ended(run(2, 1));
  holder.kill('SIGKILL');
  await gone;
  expect(await other).toBe(0);
});
