/** A store is damaged under a person’s feet: it is said plainly, and what is sound is saved. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell } from './shell.ts';

const workflow = JSON.stringify({
  id: 'small',
  goal: 'Be damaged',
  nodes: [{ kind: 'leaf', id: 'first', task: { type: 'model', prompt: 'First' } }],
});

const PAGE_BYTES = 4096;

test('recover saves the runs of a store whose first page is gone, and leaves a sound one alone', () => {
  using shell = openShell({ 'small.json': workflow });
  const { run } = shell.json('run', 'small.json', '--mock', '--yes', '--json') as { run: string };
  shell.whaleflow('wait', run);
  const whole = shell.whaleflow('logs', run, '--json').out;
  expect(shell.json('recover', '--json')).toMatchObject({ moved_to: null, runs: [] });

  const path = join(shell.root, '.whaleflow', 'state', 'whaleflow.db');
  const bytes = readFileSync(path);
  writeFileSync(path, bytes.fill(0, 0, PAGE_BYTES));
  const said = shell.whaleflow('ls');
  expect(said.exit).toBe(9);
  expect(said.err).toContain('WF7001');
  expect(said.err).toContain('whaleflow recover');
  expect(said.err).not.toMatch(/^\s+at /m);

  const recovered = shell.whaleflow('recover');
  expect(recovered.exit).toBe(0);
  expect(recovered.out).toMatch(new RegExp(`${run}: all \\d+ events`));
  expect(shell.whaleflow('verify').exit).toBe(0);
  expect(shell.whaleflow('logs', run, '--json').out).toBe(whole);
  expect(shell.whaleflow('replay', run).exit).toBe(0);
});
