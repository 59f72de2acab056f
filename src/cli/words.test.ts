/** Durations, amounts, ids and colours: what is read and how it is written. */
import { describe, expect, test } from 'vitest';
import type { RunRow } from '../trace/run-row.ts';
import { costText, countText } from './amounts.ts';
import { ageText, durationText, parseDuration, parseMoment } from './duration.ts';
import { splitKeys } from './host.ts';
import { shortIds } from './runs.ts';
import { wantsColor } from './style.ts';
import { cut, padded, widthOf } from './width.ts';

test('durations', () => {
  const read = ['90s', '10m', '1h30m', '7d', '', '5', 'm', '-1s'].map(parseDuration);
  const none = undefined;
  expect(read).toEqual([90_000, 600_000, 5_400_000, 604_800_000, none, none, none, none]);
  expect([420, 12_000, 100_000, 7_500_000, 3 * 86_400_000].map(durationText)).toEqual([
    '0.4s',
    '12s',
    '1m40s',
    '2h05m',
    '3d',
  ]);
  expect([0, 59_000, 61_000, 3_700_000].map(ageText)).toEqual(['0s', '59s', '1m', '1h']);
  expect(parseMoment('10m', 600_000)).toBe(0);
  expect(parseMoment('2026-11-01T10:00:00Z', 0)).toBe(Date.UTC(2026, 10, 1, 10));
  expect(parseMoment('yesterday', 0)).toBeUndefined();
});

test('money says how sure it is; unknown is never zero', () => {
  expect(costText(1_960_000, 'exact')).toBe('$1.96');
  expect(costText(1_960_000, 'partial')).toBe('≥$1.96');
  expect(costText(0, 'unknown')).toBe('$?');
  expect(costText(2_100, 'estimated')).toBe('≈$0.0021');
  expect(costText(100, 'exact')).toBe('$0.0001');
  expect(costText(7, 'exact')).toBe('$0.000007');
  expect([812, 18_240, 430_000, 1_200_000].map(countText)).toEqual([
    '812',
    '18.2k',
    '430k',
    '1.2M',
  ]);
});

test('ids are as short as they are unique, four at least', () => {
  const rows = ['7f3a11', '7f3a22', 'c21e00'].map((run) => ({ run })) as RunRow[];
  expect(rows.map(({ run }) => shortIds(rows)(run))).toEqual(['7f3a1', '7f3a2', 'c21e']);
});

test('keys that are typed fast arrive one by one', () => {
  expect(splitKeys('jj\x1b[Aq\x03')).toEqual(['j', 'j', '\x1b[A', 'q', '\x03']);
});

test('widths count wide characters twice', () => {
  expect(widthOf('日本')).toBe(4);
  expect(cut('日本語', 5)).toBe('日本…');
  expect(padded('ab', 4, 'right')).toBe('  ab');
});

describe('colour: the flag beats the environment', () => {
  const stream = (isTerminal: boolean): Parameters<typeof wantsColor>[0]['stream'] => ({
    isTerminal,
    size: () => undefined,
    write() {},
    onResize: () => ({ [Symbol.dispose]() {} }),
  });
  test.each([
    [{}, true, 'auto', true],
    [{}, false, 'auto', false],
    [{ NO_COLOR: '1' }, true, 'auto', false],
    [{ NO_COLOR: '' }, true, 'auto', true],
    [{ NO_COLOR: '1' }, true, 'always', true],
    [{ FORCE_COLOR: '1' }, false, 'auto', true],
    [{ FORCE_COLOR: '0' }, true, 'auto', false],
    [{ CLICOLOR_FORCE: '1' }, false, 'auto', true],
    [{ TERM: 'dumb' }, true, 'auto', false],
    [{ FORCE_COLOR: '1' }, true, 'never', false],
  ] as const)('%j, terminal %s, %s: %s', (env, isTerminal, color, wanted) => {
    expect(wantsColor({ env, stream: stream(isTerminal), color })).toBe(wanted);
  });
});
