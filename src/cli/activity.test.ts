import { expect, test } from 'vitest';
import { activityText } from './activity.ts';

const START = 1_700_000_000_000;
const row = {
  run: 'r',
  path: 'fix',
  attempt: 1,
  kind: 'text',
  text: 'one\ntwo\n',
  startedAt: START,
  lastActivityAt: START + 1_000,
};
const offer = 'whaleflow retry 7f3a/fix';
const after = (seconds: number, isTool: boolean): string =>
  activityText(row, { now: START + seconds * 1_000, isTool, offer });

test('from active over quiet to no activity, which offers to try again', () => {
  expect([3, 60, 61, 300, 301, 900].map((seconds) => after(seconds, false))).toEqual([
    'active 2s ago · text · two',
    'active 59s ago · text · two',
    'quiet 1m · text · two',
    'quiet 4m · text · two',
    '⚠ no activity 5m · whaleflow retry 7f3a/fix',
    '⚠ no activity 14m · whaleflow retry 7f3a/fix',
  ]);
});

test.each([
  ['run_command {"command":"npm test"}', 'run_command npm test'],
  ['edit_file {"old":"a","path":"src/a.ts"}', 'edit_file src/a.ts'],
  ['search {"text":"TODO"}', 'search TODO'],
  ['git_diff {}', 'git_diff'],
  ['read_file {"path": "a', 'read_file {"path": "a'],
  ['Bash', 'Bash'],
  ['finish null', 'finish'],
])('a tool is shown with what it works on: %s', (text, shown) => {
  const calls = { ...row, kind: 'tool', text };
  const now = START + 3_000;
  expect(activityText(calls, { now, isTool: false, offer })).toBe(`active 2s ago · ${shown}`);
});

test('a process that runs has its own clock and is never quiet', () => {
  expect(after(900, true)).toBe('process 15m00s · text · two');
});
