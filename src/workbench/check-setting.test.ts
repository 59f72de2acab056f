import { expect, test } from 'vitest';
import { checkSetting } from './check-setting.ts';

test.each([
  ['concurrency.model', '4', 4],
  ['concurrency.model', 4, 4],
  ['ceilings.max_tokens', '1e6', 1_000_000],
  ['ceilings.max_usd', '0.25', 0.25],
  ['ceilings.max_minutes', '0.07', 0.07],
] as const)('%s takes %j', (key, value, read) => {
  expect(checkSetting(key, value, 'flag')).toBe(read);
});

test.each([
  ['concurrency.model', '2.5', 'a whole number from 1 to 1000'],
  ['ceilings.max_tokens', 1000.5, 'a whole number from 0 to 1000000000000'],
  ['ceilings.max_leaves', '0.5', 'a whole number from 0 to 10000000'],
  ['ceilings.max_usd', '', 'a number from 0 to 1000000'],
  ['ceilings.max_usd', ' ', 'a number from 0 to 1000000'],
  ['ceilings.max_usd', 'NaN', 'a number from 0 to 1000000'],
  ['ceilings.max_usd', Number.NaN, 'a number from 0 to 1000000'],
] as const)('%s refuses %j', (key, value, hint) => {
  expect(() => checkSetting(key, value, 'flag')).toThrow(
    expect.objectContaining({ code: 'WF2007', hint: `it is ${hint}` }),
  );
});
