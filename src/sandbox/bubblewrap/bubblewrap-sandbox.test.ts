import { mkdir, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { canConfine } from '../../../test/sandbox/can-confine.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { noneSandbox } from '../none/none-sandbox.ts';
import { GRACES_MS, sandboxSuite } from '../sandbox.suite.ts';
import type { Sandbox } from '../sandbox.ts';
import { type Opened, type OpenParts, openBubblewrap } from './open-bubblewrap.ts';

let count = 0;
const partsFor = (folder: string, graceMs: number): OpenParts => ({
  plain: noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs }),
  folder,
  platform: process.platform,
  machine: process.arch,
  isRoot: process.getuid?.() === 0,
  home: '/nowhere',
  path: process.env['PATH'] ?? '',
  programs: [process.execPath],
  readable: [],
  bootId: 'this boot',
  newName: () => `test-${process.pid}-${++count}`,
});

function sandboxOf(opened: Opened): Sandbox {
  if ('sandbox' in opened) return opened.sandbox;
  throw new Error(`${opened.why}: ${opened.hint}`);
}

describe.skipIf(!canConfine)('where bubblewrap is installed', () => {
  sandboxSuite('bubblewrap', async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
    const folder = join(base, 'tree');
    await mkdir(folder);
    const byGrace = new Map<number, Sandbox>();
    for (const graceMs of GRACES_MS) {
      const opened = await openBubblewrap(partsFor(join(base, 'cache'), graceMs));
      byGrace.set(graceMs, sandboxOf(opened));
    }
    return {
      folder,
      sandbox: (graceMs) => byGrace.get(graceMs) as Sandbox,
      read: (name) => readFile(join(folder, name), 'utf8').catch(() => undefined),
      close: () => rm(base, { recursive: true, force: true }),
    };
  });

  test('the running Node and its npm work inside, in a folder of the tree', async () => {
    const base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
    const sandbox = sandboxOf(await openBubblewrap(partsFor(join(base, 'cache'), 200)));
    const report = await sandbox.run(
      {
        argv: [process.execPath, '-p', 'process.cwd() + require("node:os").hostname()'],
        root: base,
        cwd: base,
        env: { PATH: process.env['PATH'] ?? '' },
        timeoutMs: 20_000,
        maxOutputBytes: 10_000,
        writable: [],
        scratch: [],
        network: false,
      },
      new AbortController().signal,
    );
    expect(Buffer.from(report.stdout.head).toString()).toBe(`${base}leaf\n`);
    await rm(base, { recursive: true, force: true });
  });
});

test.skipIf(!canConfine)('the tree is also where models are told that it is', async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
  const sandbox = sandboxOf(await openBubblewrap(partsFor(join(base, 'cache'), 200)));
  const report = await sandbox.run(
    {
      argv: ['sh', '-c', 'cd /workspace && echo new > made && pwd -P'],
      root: base,
      cwd: base,
      env: { PATH: process.env['PATH'] ?? '' },
      timeoutMs: 20_000,
      maxOutputBytes: 10_000,
      writable: [base],
      scratch: [],
      network: false,
    },
    new AbortController().signal,
  );
  expect(report.exitCode, Buffer.from(report.stderr.head).toString()).toBe(0);
  expect(await readFile(join(base, 'made'), 'utf8')).toBe('new\n');
  await rm(base, { recursive: true });
});

test('a machine that cannot confine is told apart, with what to do', async () => {
  const base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-sandbox-')));
  const parts = partsFor(base, 200);
  expect(await openBubblewrap({ ...parts, platform: 'darwin' })).toMatchObject({
    why: 'no sandbox for darwin yet',
  });
  expect(await openBubblewrap({ ...parts, path: base })).toEqual({
    why: 'bwrap is not installed',
    hint: 'apt install bubblewrap     or go without, at your own risk: --sandbox off',
  });
  await rm(base, { recursive: true, force: true });
});
