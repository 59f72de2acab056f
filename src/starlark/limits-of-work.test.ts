import { expect, test } from 'vitest';
import type { Limits } from './limits.ts';
import { structBuiltin } from './standard-library.ts';
import { exec } from './starlark.ts';
import { repr } from './values/repr.ts';

function failure(source: string, limits: Partial<Limits> = {}): string {
  const sources = new Map([['hostile.star', source]]);
  const predeclared = { struct: structBuiltin };
  const result = exec({ file: 'hostile.star', sources, predeclared, limits });
  if (result.ok) return 'ok';
  expect(result.errors.every(({ line, column }) => line > 0 && column > 0)).toBe(true);
  return result.errors.map(({ message }) => message).join('\n');
}

/** An int of half a million bits, and another that is equal. */
const longInts = 'b = 1 << 500\nfor i in range(10): b = b * b\nc = b + 1 - 1\n';
const longTexts = 's = "x" * 100000\nt = "x" * 99999 + "x"\n';
const alike = 's = "ab" * 10000\nt = "ab" * 2500 + "b"\n';
const tables =
  'x = {i: i for i in range(9000)}\ny = dict(x)\np = set(x)\nq = set(y)\nr = set(range(9000, 18000))\n';
const fields = 'd = {"f%d" % i: i for i in range(5000)}\nx = struct(**d)\ny = struct(**d)\n';
const wide = `def f():\n    if 0:\n${'abcdefghij'
  .split('')
  .map((letter) => Array.from({ length: 500 }, (_, at) => `        ${letter}${at} = 1\n`).join(''))
  .join('')}    return 0\n`;

test.each([
  ['b + 1', longInts, 1000],
  ['b - 1', longInts, 1000],
  ['-b', longInts, 1000],
  ['~b', longInts, 1000],
  ['abs(-1 * b)', longInts, 1000],
  ['b & c', longInts, 1000],
  ['b >> 1', longInts, 1000],
  ['b // 3', longInts, 1000],
  ['b == c', longInts, 1000],
  ['[b] == [c]', longInts, 1000],
  ['b < c', longInts, 1000],
  ['str(b)', longInts, 50],
  ['str([b])', longInts, 50],
  ['"%d" % b', longInts, 50],
  ['"{}".format(b)', longInts, 50],
  ['s == t', longTexts, 1000],
  ['[s] == [t]', longTexts, 1000],
  ['s < t', longTexts, 1000],
  ['s in {t: 1}', longTexts, 1000],
  ['{t: 1}[s]', longTexts, 1000],
  ['{t: 1}.get(s)', longTexts, 1000],
  ['"x".strip(s + str(i))', longTexts, 1000],
  ['s.startswith((t,) * 9)', longTexts, 1000],
  ['s.isalpha()', longTexts, 20],
  ['s.title()', longTexts, 20],
  ['s.count("x")', longTexts, 20],
  ['t in s', alike, 50],
  ['s.find(t)', alike, 50],
  ['s.rfind(t)', alike, 50],
  ['s.count(t)', alike, 50],
  ['s.replace(t, "")', alike, 50],
  ['s.split(t)', alike, 50],
  ['s.rpartition(t)', alike, 50],
  ['bytes(t) in bytes(s)', alike, 50],
  ['x == y', tables, 50],
  ['p == q', tables, 50],
  ['p.issubset(q)', tables, 50],
  ['p.issuperset(q)', tables, 50],
  ['p.isdisjoint(r)', tables, 50],
  ['p.update(p)', tables, 50],
  ['x == y', fields, 50],
  ['x + y', fields, 1000],
  ['f()', wide, 1000],
])('work on long values is counted: %s', (expression, before, times) => {
  const source = `${before}for i in range(${times}):\n    ${expression}\n`;
  const limits = { steps: 250_000, allocationBytes: 2 ** 40 };
  expect(failure(source, limits)).toBe('too many steps');
});

test('a text that grows costs what is added, and all of it where it is read in between', () => {
  const grow = (step: string): string =>
    `s = ""\nfor i in range(9000):\n    s += "0123456789"\n${step}`;
  const limits = { allocationBytes: 2 ** 25 };
  expect(failure(grow(''), limits)).toBe('ok');
  expect(failure(grow('    s[-1]\n'), limits)).toBe('too much memory');
  expect(failure(grow('    s.endswith("x")\n'), limits)).toBe('too much memory');
});

test('a long text joined with many others is charged each time', () => {
  const source = 'p = "x" * 100000\nx = [p + str(i) for i in range(999)]\n';
  expect(failure(source, { allocationBytes: 2 ** 25 })).toBe('too much memory');
});

test('ints that end in the same 64 bits are keys as quick as others, and as equal', () => {
  const source = `
x = {i << 64: i for i in range(50000)}
if len(x) != 50000 or x[7 << 64] != 7 or x[float(7 << 64)] != 7 or (8 << 64) not in x: fail("lost")
if {(1 << 70,): 1}[(float(1 << 70),)] != 1: fail("not equal")
`;
  expect(failure(source)).toBe('ok');
});

test.each([
  ['{b: 1}', ''],
  ['{(b,): 1}', ''],
  ['set([b])', 'set: '],
  ['{}.get(b)', 'get: '],
])('a very long int is no key: %s', (use, prefix) => {
  expect(failure(`${longInts}x = ${use}\n`)).toBe(`${prefix}int is too large to be a key`);
});

test('a struct with too long a text is no key', () => {
  expect(failure('x = {struct(a = "x" * 2000000): 1}\n')).toBe('struct is too large to be a key');
});

test('names that nobody typed, and names after very many, get no suggestion', () => {
  const long = 'a'.repeat(101);
  expect(failure(`${long}b = 1\n${long}c\n`)).toBe(`undefined: ${long}c`);
  const errors = failure(`name = 1\n${'nam\n'.repeat(60)}`).split('\n');
  expect(errors.filter((line) => line.endsWith('(did you mean name?)'))).toHaveLength(50);
});

test('a long text is quoted as its letters are', () => {
  const text = `x${'😀'.repeat(20_000)}${'\0"é'.repeat(20_000)}`;
  const letters = [...text].map((letter) => repr(letter).slice(1, -1));
  expect(repr(text)).toBe(`"${letters.join('')}"`);
});
