/** Workflows by name: listed, shown, saved, run, removed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { pickFiles, testHost } from './test-host.ts';

const hello = `workflow("hello", "Say hello", [ask("say", "Say hello.")])\n`;
const own = (folder: string, name: string): string =>
  join(folder, '.config/whaleflow/workflows', name);
const theirs = (folder: string, name: string): string => join(folder, '.whaleflow/workflows', name);

test('built-in, user and project workflows, and which of a name is run', async () => {
  using host = testHost({
    files: {
      '.whaleflow/workflows/hello.star': hello,
      '.whaleflow/workflows/broken.star': 'workflow(\n',
      '.config/whaleflow/workflows/hello.yaml': 'id: other\ngoal: greet\nnodes: []\n',
      '.config/whaleflow/workflows/notes.txt': 'no workflow',
    },
  });
  const { out, exit } = await host.run('workflows', '--json');
  expect(exit).toBe(0);
  const { workflows } = JSON.parse(out) as { readonly workflows: readonly object[] };
  expect(workflows).toMatchObject([
    { name: 'broken', owner: 'project', goal: null, problem: expect.stringContaining('compile') },
    { name: 'hello', owner: 'project', goal: 'Say hello', shadowed: false },
    { name: 'hello', owner: 'user', shadowed: true },
    { name: 'diagnose', owner: 'built-in', path: 'built-in:diagnose', problem: null },
  ]);
  expect((await host.run('workflows')).out).toContain('user (another one is run)');
  expect((await host.run('run', 'hello', '--mock', '-y')).exit).toBe(0);
});

test('save from a run: its text, under its name or another, for the repository or for oneself', async () => {
  using host = testHost({ files: { 'hello.star': hello } });
  await host.run('run', 'hello.star', '--mock', '-y');
  const saved = await host.run('workflows', 'save', '@last');
  expect(saved.exit, saved.err).toBe(0);
  expect(readFileSync(theirs(host.folder, 'hello.star'), 'utf8')).toBe(hello);
  expect((await host.run('workflows', 'save', '@last', 'hi', '--user')).exit).toBe(0);
  expect(readFileSync(own(host.folder, 'hi.star'), 'utf8')).toBe(hello);
  const again = await host.run('workflows', 'save', '@last');
  expect([again.exit, again.err.includes('--force')]).toEqual([2, true]);
  expect((await host.run('workflows', 'save', '@last', '--force')).exit).toBe(0);
  expect((await host.run('run', 'hi', '--mock', '-y')).exit).toBe(0);
});

describe('what is not saved', () => {
  const files = {
    ...pickFiles,
    'lib.star': 'def greet(): return ask("say", "Hi.")\n',
    'loads.star': 'load("lib.star", "greet")\nworkflow("l", "g", [greet()])\n',
    'broken.star': 'workflow(\n',
    '.whaleflow/workflows/taken.yaml': pickFiles['pick.yaml'] ?? '',
  };
  test.each<readonly [string, readonly string[], string]>([
    ['what does not compile', ['broken.star'], 'nothing was written'],
    ['what would miss its neighbours there', ['loads.star'], 'has to lie beside it'],
    ['under a name that is a path', ['pick.yaml', '../x'], 'is no name for a file'],
    ['a second ending of a name', ['hello.star', 'taken'], 'has the name already'],
    ['a run that is not there', ['7f3a'], 'no run 7f3a'],
  ])('%s', async (_name, words, said) => {
    using host = testHost({ files: { ...files, 'hello.star': hello } });
    const { exit, err } = await host.run('workflows', 'save', ...words);
    expect([exit, err.includes(said)], err).toEqual([2, true]);
    expect(existsSync(theirs(host.folder, `${words[0]}`))).toBe(false);
  });
});

test('rm deletes what is saved after a question, and never what is built in', async () => {
  using host = testHost({ files: { '.whaleflow/workflows/hello.star': hello } });
  const asked = await host.run('workflows', 'rm', 'hello');
  expect([asked.exit, existsSync(theirs(host.folder, 'hello.star'))]).toEqual([5, true]);
  expect((await host.run('workflows', 'rm', 'hello', '-y')).exit).toBe(0);
  expect(existsSync(theirs(host.folder, 'hello.star'))).toBe(false);
  const refused = await host.run('workflows', 'rm', 'diagnose', '-y');
  expect([refused.exit, refused.err.includes('cannot be removed')]).toEqual([2, true]);
  const near = await host.run('workflows', 'show', 'diagnos');
  expect([near.exit, near.err.includes('did you mean `diagnose`')]).toEqual([2, true]);
});

test('a built-in one is planned, run and shown by name; one of the repository takes its place', async () => {
  using host = testHost({ files: {} });
  expect((await host.run('plan', 'diagnose')).out).toContain('rights      write no · shell no');
  const run = await host.run('run', 'diagnose', '--mock', '-y');
  expect(run.exit, run.err).toBe(0);
  const shown = await host.run('workflows', 'show', 'diagnose');
  expect(shown.out).toContain('id = "diagnose"');
  const saved = await host.run('workflows', 'save', '@last');
  expect(saved.exit, saved.err).toBe(0);
  expect(readFileSync(theirs(host.folder, 'diagnose.star'), 'utf8')).toBe(shown.out);
  const list = await host.run('workflows', 'ls', '--json');
  expect(JSON.parse(list.out).workflows).toMatchObject([
    { owner: 'project', shadowed: false },
    { owner: 'built-in', shadowed: true },
  ]);
  expect((await host.run('check', 'built-in:diagnose')).exit).toBe(0);
  expect((await host.run('replay', '@last')).exit).toBe(0);
  const forked = await host.run('fork', '@last', '-y');
  expect(forked.exit, forked.err).toBe(0);
});
