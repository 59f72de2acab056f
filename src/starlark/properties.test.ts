import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromJson, type JsonValue, toJson } from './json-value.ts';
import { exec, parse } from './starlark.ts';
import { Float, List, repr, Tuple, type Value } from './value.ts';

function evaluate(expression: string, predeclared: Record<string, Value> = {}): Value {
  const sources = new Map([['p.star', `x = ${expression}\n`]]);
  const result = exec({ file: 'p.star', sources, predeclared });
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'));
  return result.globals.get('x') ?? null;
}

function toInt(value: bigint): number | bigint {
  return value >= -(2n ** 53n) + 1n && value < 2n ** 53n ? Number(value) : value;
}

/** Ints of all sizes, most of them near the bounds where the representation changes. */
const ints = fc.oneof(
  fc.bigInt({ min: -100n, max: 100n }),
  fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
  fc
    .tuple(
      fc.constantFrom(2n ** 31n, 2n ** 32n, 2n ** 52n, 2n ** 53n, 2n ** 63n),
      fc.bigInt({ min: -3n, max: 3n }),
      fc.boolean(),
    )
    .map(([base, offset, isNegative]) => (isNegative ? -base : base) + offset),
);

function floorDivide(x: bigint, y: bigint): bigint {
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

const operators: Readonly<Record<string, (x: bigint, y: bigint) => bigint>> = {
  '+': (x, y) => x + y,
  '-': (x, y) => x - y,
  '*': (x, y) => x * y,
  '&': (x, y) => x & y,
  '|': (x, y) => x | y,
  '^': (x, y) => x ^ y,
};

describe('ints agree with BigInt', () => {
  test.each(Object.entries(operators))('%s', (operator, model) => {
    fc.assert(
      fc.property(ints, ints, (x, y) => {
        expect(evaluate(`(${x}) ${operator} (${y})`)).toBe(toInt(model(x, y)));
      }),
    );
  });

  test('// and %', () => {
    fc.assert(
      fc.property(ints, ints, (x, y) => {
        fc.pre(y !== 0n);
        expect(evaluate(`(${x}) // (${y})`)).toBe(toInt(floorDivide(x, y)));
        expect(evaluate(`(${x}) % (${y})`)).toBe(toInt(x - floorDivide(x, y) * y));
      }),
    );
  });

  test('<< and >>', () => {
    fc.assert(
      fc.property(ints, fc.integer({ min: 0, max: 511 }), (x, count) => {
        expect(evaluate(`(${x}) << ${count}`)).toBe(toInt(x << BigInt(count)));
        expect(evaluate(`(${x}) >> ${count}`)).toBe(toInt(x >> BigInt(count)));
      }),
    );
  });

  test('comparison, equality and hashing, floats among them', () => {
    fc.assert(
      fc.property(ints, ints, (x, y) => {
        expect(evaluate(`(${x}) < (${y})`)).toBe(x < y);
        expect(evaluate(`(${x}) == (${y})`)).toBe(x === y);
        expect(evaluate(`{${x}: 1}.get(${y}) == 1`)).toBe(x === y);
        const float = new Float(Number(y));
        expect(evaluate(`(${x}) < f`, { f: float })).toBe(x < BigInt(Number(y)));
        expect(evaluate(`{${x}: 1}.get(f) == 1`, { f: float })).toBe(x === BigInt(Number(y)));
      }),
    );
  });

  test('print and parse', () => {
    fc.assert(
      fc.property(ints, (x) => {
        expect(evaluate(`str(${x})`)).toBe(x.toString());
        expect(evaluate(`int("${x}")`)).toBe(toInt(x));
        expect(evaluate(`int("%x" % (${x}), 16)`)).toBe(toInt(x));
        expect(evaluate(`-(-(${x})) == ~(~(${x})) and -(${x}) == 0 - (${x})`)).toBe(true);
      }),
    );
  });
});

const scalars: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  ints.map(toInt),
  fc.string({ unit: 'binary' }),
  fc.double({ noDefaultInfinity: true, noNaN: true }).map((value) => new Float(value)),
);

const data: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalars,
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new List(items)),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => new Tuple(items)),
  ),
})).value;

test('what repr prints reads back as an equal value', () => {
  fc.assert(
    fc.property(data, (value) => {
      const text = repr(value);
      expect(evaluate(`(${text}) == v and repr(v) == repr(${text})`, { v: value })).toBe(true);
    }),
  );
});

const keys = fc.oneof(
  scalars,
  fc.array(scalars, { maxLength: 2 }).map((items) => new Tuple(items)),
);

test('keys are one in a dict exactly when they are equal', () => {
  fc.assert(
    fc.property(keys, keys, (x, y) => {
      const given = { x, y };
      expect(evaluate('(x == y) == ({x: 1}.get(y) == 1)', given)).toBe(true);
      expect(evaluate('(x == y) == (len(set([x, y])) == 1)', given)).toBe(true);
      expect(evaluate('list(set([x, y]))[0] == x', given)).toBe(true);
    }),
  );
});

test('JSON data survives the way in and out', () => {
  fc.assert(
    fc.property(fc.jsonValue({ noUnicodeString: false }), (json) => {
      const plain: JsonValue = JSON.parse(JSON.stringify(json));
      expect(toJson(fromJson(plain))).toEqual(plain);
    }),
  );
});

test('sorted agrees with an insertion sort by <', () => {
  fc.assert(
    fc.property(fc.array(ints, { maxLength: 12 }), (values) => {
      const sorted = evaluate(`sorted([${values.join(', ')}])`);
      const model = [...values].sort((x, y) => (x < y ? -1 : x > y ? 1 : 0)).map(toInt);
      expect(sorted instanceof List ? sorted.items : []).toEqual(model);
    }),
  );
});

const fragments = fc.constantFrom(
  ...'( ) [ ] { } , : ; . = == += * ** / // % | ^ & ~ < << > >= ! != - +'.split(' '),
  ...'def if elif else for in while lambda not and or return load pass break import'.split(' '),
  ...['x', 'f', '1', '0x', '1e', '"a', "'b'", '"""', 'f"{', 'f"{x!r}"', 'b"\\x"', 'r"'],
  ...[' ', '\n', '\n  ', '\n\t', '\\\n', '#', '\\', '\u00e9', '\u{1f63f}', '\0', '$', '\r'],
);

test('any text is read without a crash, and each mistake has a place in it', () => {
  fc.assert(
    fc.property(fc.array(fragments, { maxLength: 40 }), (parts) => {
      const source = parts.join('');
      const lines = source.split(/\r\n|\r|\n/);
      for (const { message, line, column } of parse(source, 'fuzz.star').errors ?? []) {
        expect(message).not.toBe('');
        expect(line).toBeGreaterThan(0);
        expect(line).toBeLessThanOrEqual(lines.length + 1);
        expect(column).toBeGreaterThan(0);
      }
    }),
    { numRuns: 2000 },
  );
});

test('any program that parses ends with globals or a diagnostic', () => {
  const words = fc.constantFrom(
    ...['x', 'y', '1', '"a"', '[]', '{}', 'None', 'len', 'f', 'str', 'range(3)', '(x,)', '1.5'],
  );
  const glue = fc.constantFrom(
    ...[' + ', ' * ', ' in ', ' % ', ' // ', ' == ', ' < ', ' or ', '(', ').x(', '[', ':', '] = '],
    ...[')', ']', ', ', '\n', ' = ', ' += ', ' if ', ' else ', ' for x in ', '; '],
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(words, glue), { maxLength: 12 }), (pairs) => {
      const source = `x = 1\ny = [2]\ndef f(a=1, *b): return a\n${pairs.flat().join('')}\n`;
      const sources = new Map([['fuzz.star', source]]);
      const result = exec({ file: 'fuzz.star', sources, limits: { steps: 10_000 } });
      for (const { line } of result.ok ? [] : result.errors) expect(line).toBeGreaterThan(0);
    }),
    { numRuns: 1000 },
  );
});
