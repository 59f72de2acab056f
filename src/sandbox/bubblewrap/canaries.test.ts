import { mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { canConfine } from '../../../test/sandbox/can-confine.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { noneSandbox } from '../none/none-sandbox.ts';
import type { Sandbox } from '../sandbox.ts';
import { tryCanaries } from './canaries.ts';
import { openBubblewrap } from './open-bubblewrap.ts';

let folder = '';
let count = 0;
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-canaries-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain = noneSandbox({ clock: nodeClock, timers: nodeTimers });
const path = process.env['PATH'] ?? '';
const newName = (): string => `canary-${process.pid}-${++count}`;

const tried = (sandbox: Sandbox) =>
  tryCanaries({ sandbox, folder, path, pid: process.pid, newName });

describe.skipIf(!canConfine)('where bubblewrap is installed', () => {
  test('all ten are held inside', async () => {
    const opened = await openBubblewrap({
      plain,
      folder,
      platform: process.platform,
      machine: process.arch,
      isRoot: process.getuid?.() === 0,
      home: '/nowhere',
      path,
      programs: [process.execPath],
      readable: [],
      bootId: 'this boot',
      newName,
    });
    if (!('sandbox' in opened)) throw new Error(opened.why);
    const canaries = await tried(opened.sandbox);
    expect(canaries.filter(({ verdict }) => verdict !== 'held')).toEqual([]);
    expect(canaries).toHaveLength(10);
  });
});

test('without a sandbox those that a user can do work, and nothing is left behind', async () => {
  const canaries = await tried({
    level: 'none',
    // What only root can do would change this machine.
    run: ({ argv, ...request }, signal) => {
      const harmless = argv.map((word) => word.replace(/^\( (?:mount|f=).*$/gm, 'true'));
      return plain.run({ ...request, argv: harmless }, signal);
    },
  });
  const open = canaries.filter(({ verdict }) => verdict === 'open').map(({ name }) => name);
  expect(open).toEqual([
    'write outside of its tree',
    'read files outside of its tree',
    'reach other processes',
    'reach the network, or servers on loopback',
    'reach abstract sockets',
    'use io_uring',
    'type into the terminal',
    'see variables that it was not given',
  ]);
  expect(readdirSync(folder).filter((name) => /^canary-canary/.test(name))).toEqual([]);
});

test('a sandbox that starts nothing is no proof', async () => {
  const silent: Sandbox = {
    ...plain,
    run: (request, signal) => plain.run({ ...request, argv: ['false'] }, signal),
  };
  await expect(tried(silent)).rejects.toThrow('nothing runs in it');
});
