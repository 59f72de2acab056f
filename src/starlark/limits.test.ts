import { expect, test } from 'vitest';
import type { Limits } from './limits.ts';
import { exec } from './starlark.ts';

function failure(source: string, limits: Partial<Limits> = {}): string {
  const sources = new Map([['hostile.star', source]]);
  const result = exec({ file: 'hostile.star', sources, limits });
  return result.ok ? 'ok' : result.errors.map(({ message }) => message).join('\n');
}

const doubled = (start: string, step: string, times: number): string =>
  `x = ${start}\nfor i in range(${times}):\n    x = ${step}\n`;

test.each([
  ['an endless loop', 'for i in range(1000000000):\n    pass\n', 'too many steps'],
  ['nested comprehensions', 'x = [1 for a in range(9999) for b in range(9999)]\n', 'too m'],
  ['a long string', 'x = "x" * (1 << 30)\n', 'excessive repeat (1 * 1073741824 elements)'],
  ['repeats within bounds', 'x = ["x" * 100000000 for i in range(9)]\n', 'too m'],
  ['a long list', 'x = [0] * 200000000\n', 'too much memory'],
  ['many small lists', 'x = [[i] for i in range(9000000)]\n', 'too much memory'],
  ['many functions', 'x = [lambda: i for i in range(9000000)]\n', 'too much memory'],
  ['a large dict', 'x = {i: i for i in range(9000000)}\n', 'too much memory'],
  ['a large set', 'x = set(range(100000000))\n', 'too much memory'],
  [
    'many named arguments',
    'x = {str(i): i for i in range(99999)}\ny = [dict(**x) for i in range(999)]\n',
    'too m',
  ],
  ['a long range', 'x = list(range(2000000000))\n', 'excessive sequence'],
  ['a doubled string', doubled('"ab"', 'x + x', 60), 'too m'],
  ['a doubled list', doubled('[1]', 'x + x', 60), 'too m'],
  ['a squared int', doubled('7', 'x * x', 60), 'too m'],
  ['a huge shift', 'x = 1 << 100000\n', 'shift count too large: 100000'],
  ['a joined string', 'x = ("y" * 100000).join(["z"] * 100000)\n', 'excessive string'],
  ['a replaced string', 'x = ("a" * 100000).replace("a", "b" * 100000)\n', 'excessive string'],
  ['texts of bytes', 'b = b"x" * 1000000\nx = [str(b) for i in range(999)]\n', 'too much memory'],
  ['a formatted string', 'y = "y" * 10000000\nx = "%s" * 100 % ((y,) * 100)\n', 'too m'],
  ['shared parts as text', `${doubled('[1]', '[x, x]', 60)}y = str(x)\n`, 'too m'],
  ['shared parts compared', `${doubled('[1]', '[x, x]', 60)}y = x == [x, x]\n`, 'ok'],
  ['shared parts as key', `${doubled('(1,)', '(x, x)', 60)}y = {x: 1}\n`, 'too large to be a key'],
  ['endless recursion', 'def f(): return f()\nf()\n', 'Starlark stack overflow'],
  ['recursion through a built-in', 'def f(x): return sorted([1, 2], key=f)\nf(1)\n', 'overflow'],
  ['deep data', doubled('[]', '[x]', 100000), 'ok'],
  ['deep data as text', `${doubled('[]', '[x]', 100000)}y = str(x)\n`, 'nested too deeply'],
  ['deep data compared', `${doubled('[]', '[x]', 9999)}y = x == [x]\n`, 'maximum recursion depth'],
  ['many brackets', `x = ${'('.repeat(20000)}1${')'.repeat(20000)}\n`, 'nesting is deeper'],
  ['many lists', `x = ${'['.repeat(20000)}\n`, 'nesting is deeper'],
  ['many minus signs', `x = ${'-'.repeat(20000)}1\n`, 'nesting is deeper'],
  ['many nots', `x = ${'not '.repeat(20000)}1\n`, 'nesting is deeper'],
  ['many lambdas', `x = ${'lambda: '.repeat(20000)}1\n`, 'nesting is deeper'],
  ['many operators', `x = 1${' + 1'.repeat(20000)}\n`, 'more than 1000 operators'],
  ['many calls', `x = f${'()'.repeat(20000)}\n`, 'more than 1000 operators'],
  ['many conditions', `x = ${'1 if 1 else '.repeat(20000)}1\n`, 'nesting is deeper'],
  ['many elifs', `if 1: pass\n${'elif 1: pass\n'.repeat(20000)}`, 'more than 1000 operators'],
  ['chains in brackets', chainsInBrackets(100), 'nested too deeply'],
  ['deep blocks', deepBlocks(500), 'nesting is deeper'],
])('%s ends with a message', (_name, source, message) => {
  expect(failure(source)).toContain(message);
});

function chainsInBrackets(depth: number): string {
  let expression = '1';
  for (let level = 0; level < depth; level++) expression = `(${expression}${' + 1'.repeat(900)})`;
  return `x = ${expression}\n`;
}

function deepBlocks(depth: number): string {
  const lines = Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}if 1:`);
  return `${lines.join('\n')}\n${' '.repeat(depth)}pass\n`;
}

test('a quadratic comparison is stopped by steps', () => {
  const x = doubled('[1]', '[x, x]', 40);
  const source = `${x}${x.replaceAll('x', 'y')}z = x == y\n`;
  expect(failure(source)).toBe('too many steps');
});

test('a file may not be too long', () => {
  expect(failure('x = 1\n'.repeat(10), { sourceUnits: 20 })).toBe(
    'file is longer than 20 characters',
  );
});

test('a host can stop an evaluation', () => {
  let looks = 0;
  const signal = {
    get aborted(): boolean {
      looks++;
      return looks > 3;
    },
    reason: 'too late',
  };
  const sources = new Map([['a.star', 'for i in range(10000000):\n    pass\n']]);
  const result = exec({ file: 'a.star', sources, signal });
  expect(result.ok ? [] : result.errors.map(({ message }) => message)).toEqual([
    'evaluation cancelled: too late',
  ]);
  expect(result.steps).toBeLessThan(20_000);
});

test('steps are the same each time', () => {
  const sources = new Map([['a.star', 'x = sorted([str(i) for i in range(1000)])\n']]);
  const steps = [1, 2].map(() => exec({ file: 'a.star', sources }).steps);
  expect(steps[0]).toBe(steps[1]);
});

test('wall time ends a program where the host gives a clock', () => {
  let nowMs = 0;
  const result = exec({
    file: 'slow.star',
    sources: new Map([
      ['slow.star', 'def f():\n    for i in range(1 << 30):\n        pass\n\nf()\n'],
    ]),
    limits: { wallMs: 50, steps: 1e9 },
    now: () => nowMs++,
  });
  expect(result.ok ? [] : result.errors).toMatchObject([{ message: 'too much time', line: 2 }]);
});
