/** Nothing that a command starts outlives it, wherever it went. Needs `/proc`. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CONDITION_MS, overWhen } from '../../../test/over-when.ts';
import { sliceOf } from '../../../test/soak/slice.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { ProcessReport, ProcessRequest } from '../sandbox.ts';
import { endLeftovers } from './end-leftovers.ts';
import { noneSandbox } from './none-sandbox.ts';
import { isSameProcess, processStart } from './process-start.ts';
import { hasProcessTable, markedProcesses, startTicks } from './process-table.ts';

const ROUNDS = sliceOf(2, 25).count;
const never = new AbortController().signal;
/** Test files run beside each other: the drivers of this one are its own. */
const [ONE, TWO, THREE] = ['one', 'two', 'three'].map((name) => `${name}-${process.pid}`) as [
  string,
  string,
  string,
];
const timers = overWhen(() => pids().length === 2);
const sandbox = noneSandbox({ clock: nodeClock, timers, graceMs: 100 });
let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-marked-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Deaf to SIGTERM, in a session of its own, an orphan, and still holding the pipe. */
const DAEMON = `(setsid sh -c 'trap "" TERM HUP; echo $$ >>pids; exec sleep 60' &) &`;
const WAIT = 'while [ "$(wc -l <pids)" -lt 2 ]; do sleep 0.01; done';
const LEAVES_TWO = `: >pids; ${DAEMON} ${DAEMON} ${WAIT}`;

function run(
  script: string,
  parts: Partial<ProcessRequest> = {},
  signal: AbortSignal = never,
): Promise<ProcessReport> {
  const request = {
    argv: ['sh', '-c', script],
    root: folder,
    cwd: folder,
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    timeoutMs: 600_000,
    maxOutputBytes: 1024,
    writable: [folder],
    scratch: [],
    network: false,
    mark: { leaf: 'run/leaf#1', driver: ONE },
  };
  return sandbox.run({ ...request, ...parts }, signal);
}

const pids = (): readonly number[] =>
  readFileSync(join(folder, 'pids'), { encoding: 'utf8', flag: 'a+' })
    .trim()
    .split('\n')
    .map(Number);
const alive = (): readonly number[] => pids().filter((pid) => startTicks(pid) !== undefined);

const ends: readonly (readonly [name: string, act: () => Promise<ProcessReport>])[] = [
  ['succeeds', () => run(LEAVES_TWO)],
  ['fails', () => run(`${LEAVES_TWO}; exit 3`)],
  ['times out', () => run(`${LEAVES_TWO}; trap "" TERM; sleep 60`, { timeoutMs: CONDITION_MS })],
  [
    'is cancelled',
    () => {
      const stop = new AbortController();
      const onOutput = (): void => stop.abort();
      return run(`${LEAVES_TWO}; echo on; sleep 60`, { onOutput }, stop.signal);
    },
  ],
];

test.skipIf(!hasProcessTable()).each(ends)(
  'when a command %s, daemons of it that left its group are gone at once',
  async (_name, act) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      rmSync(join(folder, 'pids'), { force: true });
      await act();
      expect(pids()).toHaveLength(2);
      expect(alive()).toEqual([]);
    }
  },
  600_000,
);

test.skipIf(!hasProcessTable())('the search costs a command little', async () => {
  const scans = 200;
  const before = process.cpuUsage();
  for (let scan = 0; scan < scans; scan += 1) markedProcesses(() => false);
  const { user, system } = process.cpuUsage(before);
  const perScanMs = (user + system) / 1000 / scans;
  console.info(`a search for survivors: ${perScanMs.toFixed(2)} ms of CPU`);
  expect(perScanMs).toBeLessThan(50);
});

test.skipIf(!hasProcessTable())('commands of one leaf do not end each other', async () => {
  const long = run('sleep 0.3; echo done');
  await run('true');
  expect(Buffer.from((await long).stdout.head).toString()).toBe('done\n');
});

test.skipIf(!hasProcessTable())(
  'what a dead driver left is ended, by mark and by record; strangers are not',
  async () => {
    const own = run('sleep 60', { mark: { leaf: 'run/leaf#1', driver: THREE } });
    let recorded = { pid: 0, start: '' };
    const onStart = (started: typeof recorded): void => {
      recorded = started;
    };
    const unmarked = run('sleep 60', { mark: { leaf: 'run/leaf#1', driver: TWO }, onStart });
    const left = run(`${LEAVES_TWO}; sleep 60`, { mark: { leaf: 'a b/c#1', driver: ONE } });
    await expect.poll(() => alive().length).toBe(2);
    const parts = { clock: nodeClock, timers: nodeTimers, graceMs: 100 };
    const drivers = new Set([ONE, 'none']);
    const reused = { pid: process.pid, start: recorded.start };
    expect(await endLeftovers({ drivers, processes: [recorded, reused] }, parts)).toBeGreaterThan(
      3,
    );
    expect(await left).toMatchObject({ exitCode: null });
    expect(await unmarked).toMatchObject({ exitCode: null, signal: 'SIGTERM' });
    expect(alive()).toEqual([]);
    expect(markedProcesses((mark) => mark.includes(THREE)).pids.length).toBeGreaterThan(0);
    expect(await endLeftovers({ drivers, processes: [recorded] }, parts)).toBe(0);
    const three = { drivers: new Set([THREE]), processes: [] };
    expect(await endLeftovers({ ...three, leaf: 'run/leaf#2' }, parts)).toBe(0);
    expect(await endLeftovers({ ...three, leaf: 'run/leaf' }, parts)).toBe(0);
    expect(await endLeftovers({ ...three, leaf: 'run/leaf#1' }, parts)).toBe(2);
    await own;
  },
);

test('a process is told from an earlier one with its id', () => {
  const { pid } = process;
  expect(isSameProcess({ pid, start: processStart(pid, 0) })).toBe(true);
  expect(isSameProcess({ pid: process.ppid, start: processStart(pid, 0) })).toBe(false);
  const begun = Date.now() - process.uptime() * 1000;
  expect(isSameProcess({ pid, start: `at:${begun}` })).toBe(true);
  expect(isSameProcess({ pid, start: `at:${begun - 60_000}` })).toBe(false);
});
