/** Runs of many leaves in one store, their driver killed again and again: nothing is lost, nothing grows. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { replay } from '../../src/engine/replay.ts';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import { openStore } from '../../src/trace/sqlite/sqlite-store.ts';
import { figure } from '../soak/figure.ts';
import { buildDriver } from './build-driver.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const [LENGTH_MS, KILL_MS] = IS_SOAK ? [20 * 60_000, 30_000] : [7_000, 1_400];
const MIN_KILLS = LENGTH_MS / KILL_MS / 4;
/** Of each run: a driver ends several between two kills. */
const LEAVES = IS_SOAK ? 2_000 : 200;
const LOOK_MS = 100;
const MAX_SLOPE_MIB_A_MINUTE = 1;
const MAX_MEMORY_MIB = 512;
const MAX_LOG_MIB = 64;
/** Files that are open now and then: a content, the heads, the board of what is live. */
const MAX_MORE_FILES = 6;
const MIB = 1024 * 1024;

const driver = buildDriver('soaking-driver.ts');

/** A driver as it stood when it was killed. */
interface Look {
  readonly atMinutes: number;
  readonly memoryMib: number;
  readonly files: number;
}

function look(pid: number, begun: number): Look {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const memoryMib = Number(/VmRSS:\s*(\d+) kB/.exec(status)?.[1]) / 1024;
  const files = readdirSync(`/proc/${pid}/fd`).length;
  return { atMinutes: (performance.now() - begun) / 60_000, memoryMib, files };
}

/** Least squares: by how much a minute more goes with. */
function slopeOf(looks: readonly Look[]): number {
  const mean = (of: (one: Look) => number): number =>
    looks.reduce((sum, one) => sum + of(one), 0) / looks.length;
  const [at, memory] = [mean((one) => one.atMinutes), mean((one) => one.memoryMib)];
  const along = mean((one) => (one.atMinutes - at) * (one.memoryMib - memory));
  return along / mean((one) => (one.atMinutes - at) ** 2);
}

const sizeMib = (path: string): number =>
  (statSync(path, { throwIfNoEntry: false })?.size ?? 0) / MIB;

const runsIn = (state: string): number => {
  const path = join(state, 'done');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').length : 0;
};

/** What was committed was done once, and not again; replay decides the same. Gives how many leaves there were. */
function check(folder: string): number {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };
  using store = openStore({ stateFolder: folder, mode: 'read', ...world });
  expect(store.verify()).toEqual([]);
  const executed = readFileSync(join(folder, 'executions'), 'utf8').trim().split('\n');
  const times = new Map<string, number>();
  const lastAttempt = new Map<string, number>();
  for (const line of executed) {
    times.set(line, (times.get(line) ?? 0) + 1);
    const [leaf = '', attempt] = line.split('#');
    lastAttempt.set(leaf, Math.max(lastAttempt.get(leaf) ?? 0, Number(attempt)));
  }
  let leaves = 0;
  for (const { run } of store.runs()) {
    const events = store.read(run, 0);
    expect(replay(events)).toMatchObject({ verdict: 'identical' });
    for (const event of events) {
      if (event.type !== 'leaf.finished') continue;
      const leaf = `${run} ${event.path}`;
      const done = [times.get(`${leaf}#${event.attempt}`), lastAttempt.get(leaf)];
      if (done[0] !== 1 || done[1] !== event.attempt)
        expect(done, leaf).toEqual([1, event.attempt]);
      leaves += 1;
    }
  }
  return leaves;
}

test.skipIf(process.platform !== 'linux')(
  `a store at work for ${LENGTH_MS / 1000} s, its driver killed every ${KILL_MS / 1000} s`,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'whaleflow-soak-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const state = join(folder, 'state');
    const begun = performance.now();
    const looks: Look[] = [];
    let [logMib, isLast] = [0, false];
    const executions = join(state, 'executions');
    while (!isLast) {
      isLast = performance.now() - begun > LENGTH_MS && looks.length >= MIN_KILLS;
      const known = sizeMib(executions);
      const words = [...driver.words, state, `${runsIn(state) + 1}`, `${LEAVES}`];
      if (isLast) words.push('last');
      const child = spawn(process.execPath, words, { env: driver.env, stdio: 'inherit' });
      const ended = once(child, 'exit');
      // From its first leaf on: how long a process takes to start says nothing here.
      let until = Number.POSITIVE_INFINITY;
      while (child.exitCode === null && (isLast || performance.now() < until)) {
        await Promise.race([ended, wait(LOOK_MS)]);
        if (until === Number.POSITIVE_INFINITY && sizeMib(executions) > known)
          until = performance.now() + KILL_MS;
        logMib = Math.max(logMib, sizeMib(join(state, 'whaleflow.db-wal')));
      }
      if (child.exitCode === null) looks.push(look(child.pid ?? 0, begun));
      child.kill('SIGKILL');
      expect(await ended).toEqual(isLast ? [0, null] : [null, 'SIGKILL']);
    }
    const runs = runsIn(state);
    const leaves = check(state);
    const memory = looks.map(({ memoryMib }) => memoryMib);
    const files = looks.map((one) => one.files);
    const slope = slopeOf(looks);
    figure(
      `${leaves} leaves of ${runs} runs, ${looks.length} kills; memory ` +
        `${Math.min(...memory).toFixed(0)} to ${Math.max(...memory).toFixed(0)} MiB, ` +
        `${IS_SOAK ? `${slope.toFixed(2)} MiB a minute; ` : ''}${Math.min(...files)} to ${Math.max(...files)} files; ` +
        `log ${logMib.toFixed(1)} MiB at most`,
    );
    expect(looks.length).toBeGreaterThanOrEqual(MIN_KILLS);
    expect(Math.max(...memory)).toBeLessThan(MAX_MEMORY_MIB);
    // Seconds tell nothing of it.
    if (IS_SOAK) expect(slope).toBeLessThan(MAX_SLOPE_MIB_A_MINUTE);
    expect(Math.max(...files) - Math.min(...files)).toBeLessThanOrEqual(MAX_MORE_FILES);
    expect(logMib).toBeLessThan(MAX_LOG_MIB);
  },
  2 * LENGTH_MS + 120_000,
);
