/** Whether the process that took a lease is still there, held against real processes. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, onTestFinished, test } from 'vitest';
import { isProcessAlive, pidHere, thisProcess } from './driver-process.ts';

async function sleeper(): Promise<ChildProcess> {
  const child = spawn('sleep', ['60'], { stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(child, 'spawn');
  return child;
}

test('this process is itself, and so is one of which only the pid is known', () => {
  const { start: _, ...older } = thisProcess();
  expect(isProcessAlive(thisProcess())).toBe(true);
  expect(isProcessAlive(older)).toBe(true);
});

test.skipIf(process.platform !== 'linux')(
  'a process that lives under the pid of a dead one is not the dead one',
  async () => {
    const { pid = 0 } = await sleeper();
    const gone = { ...thisProcess(), pid };
    expect(isProcessAlive({ pid })).toBe(true);
    expect(isProcessAlive(gone)).toBe(false);
    expect(isProcessAlive({ ...gone, start: '1' })).toBe(false);
    const lease = { run: 'r', epoch: 1, heartbeatAt: 0 };
    expect(pidHere({ ...lease, ...gone }, thisProcess())).toBeUndefined();
    expect(pidHere({ ...lease, ...thisProcess() }, thisProcess())).toBe(process.pid);
    const elsewhere = { ...thisProcess(), bootId: 'another namespace' };
    expect(pidHere({ ...lease, ...thisProcess() }, elsewhere)).toBeUndefined();
  },
);

test('a process that has ended is gone', async () => {
  const child = await sleeper();
  const { pid = 0 } = child;
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(isProcessAlive({ pid })).toBe(false);
});
