/**
 * The power fails at every moment of a recorded history of the real store, and what the disk still has is
 * opened again: whatever was acknowledged is there, and nothing is damaged.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { dice, seedOf } from '../engine/chance.ts';
import { seedsOf, sliceOf } from '../soak/slice.ts';
import { DiskModel } from './disk-model.ts';
import { canTrace, type DiskCall, recordSyscalls } from './record-syscalls.ts';

const CUTS = 1_000;
/** Other sectors survive in each round. */
const rounds = seedsOf(sliceOf(1, 20));
const TIMEOUT_MS = 3_600_000;

/** Memory where there is any: the thousands of stores need not be durable themselves. */
const memory = '/dev/shm';
const folder = mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'whaleflow-cut-'));
const state = join(folder, 'state');
afterAll(() => rmSync(folder, { recursive: true }));

const writer = join(import.meta.dirname, 'writing-process.ts');
let calls: readonly DiskCall[] = [];
const isTraceable = canTrace();

beforeAll(() => {
  if (!isTraceable) return;
  mkdirSync(state);
  const argv = [process.execPath, '--disable-warning=ExperimentalWarning', writer, state];
  calls = recordSyscalls(argv, state);
});

test.skipIf(!isTraceable).each(['dropped', 'torn'] as const)(
  'at 1,000 power cuts with unsynced writes %s no acknowledged event is lost',
  (kind) => {
    for (const round of rounds) {
      const disk = new DiskModel();
      let acknowledged = 0;
      let cuts = 0;
      for (const [index, call] of calls.entries()) {
        disk.do(call);
        if (call.call === 'said') acknowledged = Number(call.text.slice('ack '.length));
        const isCut = Math.floor((index * CUTS) / calls.length) >= cuts;
        if (!isCut) continue;
        cuts += 1;
        restore(disk.cut(kind, dice(seedOf(kind, index, round))));
        check(acknowledged, `call ${index}, ${call.call}, round ${round}`);
      }
      expect(cuts).toBe(CUTS);
    }
  },
  TIMEOUT_MS,
);

test.skipIf(!isTraceable)('the model sees a commit that is acknowledged before its fsync', () => {
  const synced = calls.findLastIndex((call) => call.call === 'sync' && call.path.endsWith('-wal'));
  const upTo = calls.findLastIndex((call, at) => call.call === 'said' && at < synced);
  const disk = new DiskModel();
  const skipped = calls.findLastIndex(
    (call, at) => call.call === 'sync' && call.path.endsWith('-wal') && at < upTo,
  );
  for (const [index, call] of calls.slice(0, upTo + 1).entries()) {
    if (index !== skipped) disk.do(call);
  }
  restore(disk.cut('dropped', dice(1)));
  const said = calls[upTo];
  const acknowledged = said?.call === 'said' ? Number(said.text.slice('ack '.length)) : 0;
  expect(() => check(acknowledged, 'without the last fsync')).toThrow();
});

function restore(files: ReadonlyMap<string, Buffer>): void {
  rmSync(state, { recursive: true, force: true });
  mkdirSync(state);
  for (const [path, content] of files) {
    // Shared memory is made anew from the log.
    if (path.endsWith('-shm')) continue;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}

function check(acknowledged: number, place: string): void {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  using store = openStore({ stateFolder: state, mode: 'create', ...world });
  const events = store.read('run-1', 0);
  expect(events.length, place).toBeGreaterThanOrEqual(acknowledged);
  expect(events.length, place).toBe(store.run('run-1')?.seq ?? 0);
  expect(store.verify(), place).toEqual([]);
}
