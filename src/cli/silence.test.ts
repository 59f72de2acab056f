/** A driver that lives and says nothing: seen as such, with what to type; and one that is told to stop. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { startTicks } from '../sandbox/none/process-table.ts';
import { nodeClock } from '../system/node/node-clock.ts';
import type { LeaseHolder } from '../trace/trace-store.ts';
import { leaseOptions, STALE_MS, thisProcess } from '../workbench/driver-process.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { pickFiles, type TestHost, testHost } from './test-host.ts';

const slow = ['run', 'pick.yaml', '--mock=slow.yaml', '-y', '-d'];

/** A process that holds the lease of every run and never beats. */
function silentDriver(
  holder: { host?: TestHost },
  who: Required<Pick<LeaseHolder, 'pid' | 'start'>>,
) {
  return async ({ clock }: Workbench, run: string): Promise<void> => {
    const store = holder.host?.store;
    if (store === undefined) throw new Error('no host');
    await store.release(run, store.lease(run)?.epoch ?? 0);
    const options = { now: clock.now() - 2 * STALE_MS, staleMs: STALE_MS, isAlive: () => false };
    await store.acquire(run, { ...thisProcess(), ...who }, options);
  };
}

async function sleeper(): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

/** The child, as it would call itself. */
function itself({ pid = 0 }: ChildProcess): Required<Pick<LeaseHolder, 'pid' | 'start'>> {
  return { pid, start: startTicks(pid) ?? '' };
}

const stateOf = (pid: number): string =>
  /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[1] ?? '';

describe('a driver that is not heard of', () => {
  test.each([
    ['stopped', 'its process is stopped: kill -CONT PID'],
    ['silent', 'its process lives: wait, or kill PID and whaleflow resume'],
  ])('%s: ls, status, show and JSON say so', async (what, offer) => {
    const child = await sleeper();
    const held: { host?: TestHost } = {};
    using host = testHost({ files: pickFiles, startDriver: silentDriver(held, itself(child)) });
    held.host = host;
    try {
      if (what === 'stopped') {
        child.kill('SIGSTOP');
        await expect.poll(() => stateOf(child.pid ?? 0)).toBe('T');
      }
      await host.run(...slow);
      const wanted = offer.replace('PID', String(child.pid));
      for (const words of [['ls'], ['status'], ['show', '@last']]) {
        const { out } = await host.run(...words);
        expect(out).toMatch(/driver not heard of for 1\ds/);
        expect(out).toContain(wanted);
      }
      expect((await host.run('ls')).out).toContain(`⚠ driver ${what}`);
      const { runs } = JSON.parse((await host.run('ls', '--json', 'liveness,state')).out);
      expect(runs).toEqual([{ state: 'running', liveness: `driver ${what}` }]);
    } finally {
      child.kill('SIGKILL');
    }
  });
});

test.skipIf(process.platform !== 'linux')(
  'a run whose driver has died is lost, also where another process lives under its pid',
  async () => {
    const child = await sleeper();
    const held: { host?: TestHost } = {};
    const dead = { pid: child.pid ?? 0, start: '1' };
    using host = testHost({ files: pickFiles, startDriver: silentDriver(held, dead) });
    held.host = host;
    try {
      await host.run(...slow);
      const [row] = host.store.runs();
      const { runs } = JSON.parse((await host.run('ls', '--json', 'liveness,state')).out);
      expect(runs).toEqual([{ state: 'lost', liveness: 'lost' }]);
      await host.store.acquire(row?.run ?? '', thisProcess(), leaseOptions(nodeClock));
      expect(host.store.lease(row?.run ?? '')).toMatchObject(thisProcess());
    } finally {
      child.kill('SIGKILL');
    }
  },
);

describe('a lost run tells what its driver said last', () => {
  const disk = 'error[WF7009]: the disk of /state failed: disk I/O error\nhelp: look after it\n';
  const heap = 'FATAL ERROR: Reached heap limit - JavaScript heap out of memory\n 1: 0xdead\n';
  test.each([
    [
      'an error of ours',
      disk,
      0,
      'the disk of /state failed: disk I/O error (WF7009); 0 leaves kept',
    ],
    ['no memory left', heap, 0, 'its driver ran out of memory'],
    ['nothing', '', 0, 'its driver died'],
    ['an error of an earlier driver', disk, -60_000, 'its driver died'],
  ])('%s', async (_what, words, laterMs, told) => {
    const held: { host?: TestHost } = {};
    const dead = { pid: process.pid, start: '1' };
    using host = testHost({ files: pickFiles, startDriver: silentDriver(held, dead) });
    held.host = host;
    await host.run(...slow);
    const [row] = host.store.runs();
    const logs = join(host.folder, '.whaleflow/state/logs');
    const log = join(logs, `${row?.run}.log`);
    mkdirSync(logs, { recursive: true });
    writeFileSync(log, words);
    const at = ((row?.updatedAt ?? 0) + laterMs + 1_000) / 1_000;
    utimesSync(log, at, at);
    expect((await host.run('show', '@last')).out).toContain(told);
  });
});

describe('a driver that is told to stop says by which signal', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: %i', async (signal, exit) => {
    const giveBack = async (_workbench: Workbench, run: string): Promise<void> => {
      await host.store.release(run, host.store.lease(run)?.epoch ?? 0);
    };
    using host: TestHost = testHost({ files: pickFiles, startDriver: giveBack });
    await host.run(...slow);
    const driving = host.run('drive', '@last');
    await expect.poll(() => host.store.runs()[0]?.inFlight ?? 0).toBe(1);
    await expect.poll(() => host.isListening(signal)).toBe(true);
    host.signal(signal);
    expect((await driving).exit).toBe(exit);
  });
});
