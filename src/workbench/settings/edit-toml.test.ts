import fc from 'fast-check';
import { parse, stringify } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import type { SettingValue } from '../check-setting.ts';
import { setToml, tomlKey } from './edit-toml.ts';

const FILE = `# mine
# second line

[ceilings]   # money
max_usd = 5   # five
max_tokens = 2_000_000

# who answers
[roles]
default = "openai:gpt-5"   # best
judge = ["a:b",  # first
  "c:d"]

[providers.lab]   # ours
base_url = "http://x/v1"

[models]
"lab:small" = { tools = "yes" }   # tried
other.base = 1
[models."lab:a.b"]
tools = "yes"
# the end
`;

describe('in a file with comments', () => {
  test.each<readonly [string, readonly string[], SettingValue, string, string]>([
    ['a value in its place', ['ceilings', 'max_usd'], 2.5, 'max_usd = 5 ', 'max_usd = 2.5 '],
    [
      'a text in place of a list over lines',
      ['roles', 'judge'],
      'x:y',
      'judge = ["a:b",  # first\n  "c:d"]',
      'judge = "x:y"',
    ],
    [
      'a new value at the end of its table',
      ['ceilings', 'max_leaves'],
      9,
      '2_000_000\n',
      '2_000_000\nmax_leaves = 9\n',
    ],
    [
      'a new value beside one of an inline table',
      ['models', 'lab:small', 'vision'],
      'no',
      '{ tools = "yes" }',
      '{ tools = "yes", vision = "no" }',
    ],
    [
      'a new value beside a dotted one',
      ['models', 'other', 'more'],
      true,
      'other.base = 1\n',
      'other.base = 1\nother.more = true\n',
    ],
    [
      'a new table after those of its section',
      ['providers', 'new', 'base_url'],
      'http://y/v1',
      'base_url = "http://x/v1"\n',
      'base_url = "http://x/v1"\n\n[providers.new]\nbase_url = "http://y/v1"\n',
    ],
    [
      'a table of a new section at the end',
      ['sandbox', 'read'],
      ['/a', '~/b'],
      '# the end\n',
      '# the end\n\n[sandbox]\nread = ["/a", "~/b"]\n',
    ],
  ])('%s: all else stays byte for byte', (_name, key, value, before, after) => {
    const edited = setToml(FILE, key, value);
    expect(FILE.split(before)).toHaveLength(2);
    expect(edited).toBe(FILE.replace(before, after));
  });
});

test('an empty file, one of comments only, one without a last line end, one with CRLF', () => {
  const key = ['ceilings', 'max_usd'];
  expect(setToml('', key, 3)).toBe('[ceilings]\nmax_usd = 3\n');
  expect(setToml('# only this\n', key, 3)).toBe('# only this\n\n[ceilings]\nmax_usd = 3\n');
  expect(setToml('[ceilings]', key, 3)).toBe('[ceilings]\nmax_usd = 3\n');
  expect(setToml('[ceilings]\r\na = 1\r\n', key, 3)).toBe('[ceilings]\r\na = 1\r\nmax_usd = 3\r\n');
});

test('what is no table takes no members, and the file is left alone', () => {
  expect(setToml('ceilings = 3\n', ['ceilings', 'max_usd'], 3)).toBeUndefined();
  expect(setToml('[[ceilings]]\n', ['ceilings', 'max_usd'], 3)).toBeUndefined();
});

const name = fc.constantFrom('a', 'b', 'c', 'd e', 'x:y.z', '"', 'é');
const scalar: fc.Arbitrary<SettingValue> = fc.oneof(
  fc.integer(),
  fc.boolean(),
  fc.string({ unit: 'binary' }).map((text) => text.toWellFormed()),
  fc.array(fc.string(), { maxLength: 3 }),
);
const table = fc.letrec((tie) => ({
  table: fc.dictionary(name, fc.oneof({ depthSize: 'small' }, scalar, tie('table')), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
})).table as fc.Arbitrary<Record<string, unknown>>;

test('whatever the file: either just this value changes, or nothing', () => {
  fc.assert(
    fc.property(
      table,
      fc.array(name, { minLength: 1, maxLength: 3 }),
      scalar,
      (data, key, value) => {
        const text = stringify(data).replaceAll(/\n(?=.)/g, '   # said\n');
        const edited = setToml(text, key, value);
        const before = key.map((_, index) => key.slice(0, index + 1).reduce<unknown>(inner, data));
        const isFree =
          before.slice(0, -1).every((at) => at === undefined || isTable(at)) &&
          !isTable(before.at(-1));
        expect(edited !== undefined, `${text} ${tomlKey(key)}`).toBe(isFree);
        if (edited === undefined) return;
        expect(key.reduce<unknown>(inner, parse(edited))).toEqual(value);
        expect(edited.split('# said').length).toBe(text.split('# said').length);
        const lines = new Set(edited.split('\n'));
        expect(text.split('\n').filter((line) => !lines.has(line)).length).toBeLessThan(2);
      },
    ),
    { numRuns: 300 },
  );
});

const isTable = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const inner = (at: unknown, next: string): unknown =>
  isTable(at) && Object.hasOwn(at as object, next)
    ? (at as Record<string, unknown>)[next]
    : undefined;
