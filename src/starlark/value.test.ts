import { expect, test } from 'vitest';
import { builtin, type CallPosition, callValue, type NativeCall } from './builtin.ts';
import { diagnosticHeadline } from './diagnostic.ts';
import { StarlarkError } from './error.ts';
import { exec, parse, resolveModuleId, type SyntaxFile, universalNames } from './starlark.ts';
import {
  Builtin,
  Bytes,
  Dict,
  Float,
  freeze,
  isTrue,
  List,
  Module,
  plainConstructor,
  Range,
  repr,
  StarlarkFunction,
  StarlarkSet,
  Struct,
  Tuple,
  typeName,
  type Value,
} from './value.ts';

const values: readonly (readonly [Value, string, string])[] = [
  [null, 'NoneType', 'None'],
  [true, 'bool', 'True'],
  [-3, 'int', '-3'],
  [2n ** 70n, 'int', '1180591620717411303424'],
  [new Float(2), 'float', '2.0'],
  ['a"\n', 'string', '"a\\"\\n"'],
  [new Bytes(Uint8Array.of(97, 255)), 'bytes', 'b"a\\xff"'],
  [new List([1, 'x']), 'list', '[1, "x"]'],
  [new Tuple([1]), 'tuple', '(1,)'],
  [Dict.from([['k', new List([])]]), 'dict', '{"k": []}'],
  [StarlarkSet.from([1, 1, 2]), 'set', 'set([1, 2])'],
  [new Range(0, 6, 2), 'range', 'range(0, 6, 2)'],
  [
    new Struct(plainConstructor, [
      ['b', 1],
      ['a', 2],
    ]),
    'struct',
    'struct(a = 2, b = 1)',
  ],
  [new Module('m', [['x', 1]]), 'module', '<module "m">'],
];

test.each(values)('%# has a type and a text', (value, type, text) => {
  expect(typeName(value)).toBe(type);
  expect(repr(value)).toBe(text);
  expect(isTrue(value)).toBe(value !== null);
});

test('what a host freezes a program can not change', () => {
  const list = new List([new List([1])]);
  freeze(list);
  const sources = new Map([['a.star', 'x[0].append(2)\n']]);
  const result = exec({ file: 'a.star', sources, predeclared: { x: list } });
  const [error] = result.ok ? [] : result.errors;
  expect(error && diagnosticHeadline(error)).toBe(
    'Error in append: append: cannot append to frozen list',
  );
});

test('a host calls back, and sees where it was called', () => {
  const places: CallPosition[] = [];
  const call: NativeCall = (thread, [callee = null], _kwargs, position) => {
    places.push(position);
    if (!(callee instanceof StarlarkFunction || callee instanceof Builtin)) {
      throw new StarlarkError('want a function');
    }
    return callValue(thread, callee, [20], new Map([['y', 1]]));
  };
  const twice = builtin({ name: 'twice', call });
  const sources = new Map([['a.star', 'def f(x, y): return x + y\nz = [twice(f)]\n']]);
  const result = exec({ file: 'a.star', sources, predeclared: { twice } });
  expect(result.ok && repr(result.globals.get('z') ?? null)).toBe('[21]');
  const callee = { file: 'a.star', line: 2, column: 6 };
  expect(places).toEqual([{ file: 'a.star', line: 2, column: 11, callee }]);
});

test('an error inside a callback shows the built-in between the frames', () => {
  const source = 'def f(x):\n    return x // 0\ny = sorted([1], key=f)\n';
  const result = exec({ file: 'a.star', sources: new Map([['a.star', source]]) });
  const [error] = result.ok ? [] : result.errors;
  expect(error?.frames.map(({ name, line }) => `${name}:${line}`)).toEqual([
    '<toplevel>:3',
    'sorted:0',
    'f:2',
  ]);
});

test('a parsed file is given as it is', () => {
  const file: SyntaxFile | undefined = parse('x = 1\n', 'a.star').file;
  expect(file?.file).toBe('a.star');
});

test('module ids stay inside their folder', () => {
  expect(resolveModuleId('a/b.star', '../c/./d.star')).toEqual({ ok: true, id: 'c/d.star' });
  for (const name of [
    '../../x.star',
    '/x.star',
    'C:/x.star',
    'x.py',
    '',
    '@x//y.star',
    'a\\b.star',
  ]) {
    expect(resolveModuleId('a/b.star', name).ok).toBe(false);
  }
});

test('the universe is that of the specification, with chr and ord', () => {
  const names = `False None True abs all any bool bytes chr dict dir enumerate fail float getattr
    hasattr hash int len list max min ord print range repr reversed set sorted str tuple type zip`;
  expect(universalNames()).toEqual(names.split(/\s+/));
});
