/** What a process of a leaf leaves on this machine. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { testHost, testJob } from '../test-host.ts';
import { runInTree } from './tree-process.ts';

test('a process that gets no place leaves no home of its own behind', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-homes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const job = testJob({ type: 'search', query: 'x', maxMatches: 1 });
  const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
  const running = runInTree(
    job,
    { sandbox, host: testHost() },
    {
      environment: {},
      temporaryFolder: folder,
      slots: { enter: () => Promise.reject(new Error('no places here')) },
      argv: ['true'],
      base: folder,
      cwd: folder,
      timeoutMs: 1_000,
    },
    new AbortController().signal,
  );
  await expect(running).rejects.toThrow('no places here');
  expect(readdirSync(folder)).toEqual([]);
});
