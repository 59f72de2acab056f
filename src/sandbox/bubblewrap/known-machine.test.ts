import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ProcessReport, Sandbox } from '../sandbox.ts';
import { filterFileIn } from './filter-file.ts';
import { type Opened, type OpenParts, openBubblewrap } from './open-bubblewrap.ts';
import { seccompFilter } from './seccomp-filter.ts';

let folder = '';
let path = '';
let runs: string[] = [];
let exitCode = 0;
let count = 0;
const newName = (): string => `name-${++count}`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-known-'));
  path = join(folder, 'bin');
  mkdirSync(path);
  for (const program of ['bwrap', 'bash', 'setpriv', 'prlimit']) {
    writeFileSync(join(path, program), '', { mode: 0o755 });
  }
  runs = [];
  exitCode = 0;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Says what bubblewrap would. */
const plain: Sandbox = {
  level: 'none',
  async run({ argv }): Promise<ProcessReport> {
    runs.push(argv[0] ?? '');
    const said = new TextEncoder().encode(argv[0] === 'bwrap' ? 'bubblewrap 0.9.1\n' : '');
    const none = { head: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0 };
    const stdout = { ...none, head: said, totalBytes: said.length };
    const ended = { exitCode, signal: null, timedOut: false, aborted: false, durationMs: 1 };
    return { pid: 1, ...ended, stdout, stderr: none };
  },
};

const open = (parts: Partial<OpenParts> = {}): Promise<Opened> =>
  openBubblewrap({
    plain,
    folder: join(folder, 'cache'),
    platform: 'linux',
    machine: 'x64',
    isRoot: false,
    home: '/home/ada',
    path,
    programs: [],
    readable: [],
    bootId: 'first boot',
    newName,
    ...parts,
  });

test('a machine that works is tried out once', async () => {
  expect(await open()).toMatchObject({ version: '0.9.1' });
  expect(runs).toEqual(['bwrap', 'setpriv']);
  expect(await open()).toMatchObject({ version: '0.9.1' });
  expect(runs).toHaveLength(2);
});

test('it is tried again after a boot, with another bubblewrap, with more to read, and when asked', async () => {
  await open();
  await open({ bootId: 'second boot' });
  expect(runs).toHaveLength(4);
  await open({ bootId: 'second boot', readable: ['/opt/tools'] });
  expect(runs).toHaveLength(6);
  writeFileSync(join(path, 'bwrap'), 'another');
  await open({ bootId: 'second boot', readable: ['/opt/tools'] });
  expect(runs).toHaveLength(8);
  await open({ bootId: 'second boot', readable: ['/opt/tools'], isTrying: true });
  expect(runs).toHaveLength(10);
});

test('repositories are known side by side, the last of them first', async () => {
  const all = Array.from({ length: 40 }, (_, at) => ({ readable: [`/src/${at}/.git`] }));
  for (const parts of all) await open(parts);
  expect(runs).toHaveLength(80);
  for (const parts of all.slice(-32)) await open(parts);
  expect(runs).toHaveLength(80);
  await open(all[0]);
  expect(runs).toHaveLength(82);
});

test('one that does not work is tried every time', async () => {
  exitCode = 1;
  expect(await open()).toHaveProperty('why');
  expect(await open()).toHaveProperty('why');
  expect(runs).toHaveLength(4);
  exitCode = 0;
  expect(await open()).toMatchObject({ version: '0.9.1' });
});

test('what was remembered and is no longer whole counts for nothing', async () => {
  await open();
  writeFileSync(join(folder, 'cache', 'tried.json'), '{"key":');
  await open();
  expect(runs).toHaveLength(4);
});

test('the filter is always whole: one that was cut off is written anew', () => {
  const file = filterFileIn(folder, 'x64', newName);
  truncateSync(file, 64);
  expect(filterFileIn(folder, 'x64', newName)).toBe(file);
  expect(new Uint8Array(readFileSync(file))).toEqual(seccompFilter('x64'));
});
