/** What a loser left, from a real check in a real tree to the screen, the record and the next run. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const name = 'parallel-fix.star';
const source = readFileSync(join(import.meta.dirname, '..', '..', 'examples', name), 'utf8');

let shell: Shell;
let run: string;

beforeAll(() => {
  shell = openShell({ [name]: source });
  run = started('run', name, '--allow', '*', '--yes');
});
afterAll(() => shell[Symbol.dispose]());

function started(...words: string[]): string {
  const { run: id } = shell.json(...words, '--json') as { run: string };
  shell.whaleflow('wait', id);
  return id;
}

interface Shown {
  readonly type: string;
  readonly title: string;
  readonly leaf: string;
  readonly harvested_for: string | null;
  readonly value: unknown;
}

const fruitOf = (address: string): readonly Shown[] =>
  (shell.json('show', address, '--fruit', '--json') as { fruit: readonly Shown[] }).fruit;

test('the loser’s test really ran on the winner, is fruit, and is kept as a patch', () => {
  const tests = fruitOf(`${run}/best`);
  expect(tests).toMatchObject([
    {
      type: 'test',
      title: 'tests/hasty.sh of attempts/hasty passes on attempts/careful',
      leaf: `${run}/best/$harvest[hasty]#1`,
      harvested_for: 'attempts/hasty',
      value: { file: 'tests/hasty.sh', exitCode: 0 },
    },
  ]);
  const listed = shell.whaleflow('show', run, '--fruit').out;
  expect(listed).toContain('tests/hasty.sh of attempts/hasty passes on attempts/careful');
  const leaf = shell.json('show', `${run}/best/$harvest[hasty]`, '--json') as { patch: object };
  expect(leaf.patch).toMatchObject({ files: 1, added: 1, removed: 0 });
  const { output } = shell.json('show', run, '--json') as { output: { fruit: readonly object[] } };
  expect(output.fruit).toContainEqual(
    expect.objectContaining({ from: 'best/$harvest[hasty]', type: 'test' }),
  );
});

test('replay and export know it; nothing runs for either', () => {
  const { exit, out } = shell.whaleflow('replay', run);
  expect([exit, out]).toEqual([0, expect.stringContaining('0 provider calls, 0 processes')]);
  const exported = JSON.parse(shell.whaleflow('export', 'run', run, '--format', 'json').out) as {
    steps: readonly { path?: string; fruit?: readonly object[] }[];
  };
  const step = exported.steps.find(({ path }) => path === 'best/$harvest[hasty]');
  expect(step?.fruit).toMatchObject([{ type: 'test' }]);
});

test('a fork at the tournament harvests again, and does nothing else again', () => {
  const forked = started('fork', run, '--at', 'best', '--yes');
  expect(fruitOf(`${forked}/best`)).toMatchObject([{ type: 'test' }]);
  const { leaves } = shell.json('show', forked, '--json') as {
    leaves: readonly { leaf: string; reused_from: object | null }[];
  };
  const live = leaves.filter(({ reused_from }) => reused_from === null);
  expect(live.map(({ leaf }) => leaf)).toEqual([`${forked}/best/$harvest[hasty]#1`]);
  expect(shell.whaleflow('replay', forked).exit).toBe(0);
});

test('a check that fails is a finding; the run is none the worse for it', () => {
  shell.write('strict.star', source.replace('|| exit 1; done"', '|| exit 1; done; exit 7"'));
  const strict = started('run', 'strict.star', '--allow', '*', '--yes');
  expect(fruitOf(`${strict}/best`)).toMatchObject([
    {
      type: 'finding',
      title: 'tests/hasty.sh of attempts/hasty: exit status 7 on attempts/careful',
      value: { files: ['tests/hasty.sh'], exitCode: 7 },
    },
  ]);
  const { state } = shell.json('show', strict, '--json') as { state: string };
  expect(state).toBe('succeeded');
});
