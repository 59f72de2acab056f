/** Ceilings of leaves: what is built in yields to a person, what a config says does not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const many = JSON.stringify({
  id: 'many',
  goal: 'More leaves than the built-in ceiling',
  budget: { maxLeaves: 1_200 },
  nodes: [
    {
      kind: 'branch_set',
      id: 'all',
      children: Array.from({ length: 1_200 }, (_, index) => ({
        kind: 'leaf',
        id: `l${index}`,
        task: { type: 'search', query: 'x' },
      })),
    },
  ],
});

let shell: Shell;
beforeEach(() => {
  shell = openShell({ 'many.json': many });
});
afterEach(() => shell[Symbol.dispose]());

test('without a flag the run is warned of, and stops at the built-in ceiling', () => {
  const said = shell.whaleflow('run', 'many.json', '--mock', '--yes');
  expect(said.err).toContain('raise it with --max-leaves 1200');
  expect(said.exit).toBe(6);
});

test('a person may go over the built-in ceiling', () => {
  const said = shell.whaleflow('run', 'many.json', '--mock', '--yes', '--max-leaves', '1200');
  expect(said.exit).toBe(0);
});

test('a ceiling of the user’s config binds a flag too', () => {
  shell.env['WHALEFLOW_CEILINGS_MAX_LEAVES'] = '50';
  const said = shell.whaleflow('run', 'many.json', '--mock', '--yes', '--max-leaves', '1200');
  expect(said.exit).toBe(6);
  const rows = shell.json('ls', '--json') as { runs: readonly { done: number }[] };
  expect(rows.runs[0]?.done).toBe(50);
});

test('a folder that is not there is said to be missing', () => {
  const said = shell.whaleflow('-C', '/nowhere', 'ls');
  expect(said.exit).toBe(2);
  expect(said.err).toContain('WF2003');
});
