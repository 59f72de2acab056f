/** What is printed to be typed can be typed, however we were started. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { testHost } from './test-host.ts';
import { calledAs, typable, typed } from './typed.ts';

const own = { program: () => 'whaleflow', place: '', names: ['run', 'show', 'ls'] };
const npx = { ...own, program: () => 'npx whaleflow' };
afterEach(() => calledAs(own));

test.each([
  ['see it: whaleflow show 7f3a', 'see it: npx whaleflow show 7f3a'],
  ['`whaleflow ls`, or whaleflow --help', '`npx whaleflow ls`, or npx whaleflow --help'],
  ['whaleflow needs Node 24', 'whaleflow needs Node 24'],
  ['whaleflow runs', 'whaleflow runs'],
  [
    './whaleflow run, bin/whaleflow run, npx-whaleflow run',
    './whaleflow run, bin/whaleflow run, npx-whaleflow run',
  ],
])('%s', (text, shown) => {
  calledAs(npx);
  expect(typable(text)).toBe(shown);
});

test('where a command worked is part of the next one, once', () => {
  calledAs({ ...own, place: '-C shop' });
  expect(typed('show 7f3a')).toBe('whaleflow -C shop show 7f3a');
  expect(typable('whaleflow -C shop ls\nwhaleflow ls')).toBe(
    'whaleflow -C shop ls\nwhaleflow -C shop ls',
  );
  expect(typable('whaleflow run x -C shop -y')).toBe('whaleflow run x -C shop -y');
});

const files = {
  'one.yaml': 'id: one\ngoal: g\nnodes:\n  - {id: a, kind: leaf, task: {type: model, prompt: A}}\n',
};
const BARE = /(?<!npx )whaleflow (?:[a-z]+ |--|ls$)/m;

test('screens, errors and JSON errors say npx where that is what there is', async () => {
  using host = testHost({ files, program: 'npx whaleflow' });
  for (const words of [
    [],
    ['run', 'one.yaml', '--mock', '-y'],
    ['run', 'one.yaml'],
    ['show'],
    ['status'],
    ['ls'],
    ['resume', '@last'],
    ['show', '@9'],
    ['show', '@9', '--json'],
    ['shwo'],
    ['pin', '@last'],
    ['init', '-y'],
    ['doctor'],
    ['approvals'],
    ['config', 'path'],
  ]) {
    const { out, err } = await host.run(...words);
    expect(`${words.join(' ')}\n${out}${err}`).not.toMatch(BARE);
  }
  expect((await host.run('show')).out).toContain('npx whaleflow replay ');
  expect((await host.run('status')).out).toContain('npx whaleflow show ');
  const { err } = await host.run('show', '@9', '--json');
  expect(JSON.parse(err).error.help.join()).toContain('npx whaleflow ');
});

test('help says how the program is called here', async () => {
  using host = testHost({ program: 'npx whaleflow' });
  for (const words of [['--help'], ['run', '-h'], ['help', 'exit-codes']]) {
    expect((await host.run(...words)).out).not.toMatch(BARE);
  }
});

test('what was done in another folder is gone on with from here', async () => {
  using host = testHost();
  mkdirSync(join(host.folder, 'a shop'));
  const { out } = await host.run('-C', 'a shop', 'run', 'diagnose', '--mock', '-y');
  expect(out).toContain("whaleflow -C 'a shop' replay ");
});
