import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from './json.ts';
import { orderedText } from './ordered-text.ts';

const key = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.nat(30).map(String),
  fc.constantFrom('__proto__', 'toJSON', 'constructor', '', '\uffff', '\ud83d\ude00', 'a', 'b'),
);
const { value } = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<Json>(null, true, false, 0, -0, 1e21, 1e-7, 5e-324, '', '"\\\u2028\u007f'),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.string({ unit: 'binary' }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  ),
}));

test('it is the canonical text, or there is none', () => {
  let direct = 0;
  const runs = 3_000;
  fc.assert(
    fc.property(value, (any) => {
      const text = orderedText(any);
      if (text === undefined) return;
      direct += 1;
      expect(text).toBe(canonicalize(any));
    }),
    { numRuns: runs },
  );
  expect(direct).toBeGreaterThan(runs / 2);
});

test.each<[string, Json]>([
  ['keys that are numbers', { 10: 1, 9: 2 }],
  ['a key that is none', JSON.parse('{"a": {"__proto__": 1}}')],
  ['a lone surrogate', ['\ud800']],
  ['no number', Number.NaN],
  ['depth', Array.from({ length: 200 }).reduce<Json>((inner) => [inner], [])],
])('what it cannot write is left to others: %s', (_what, any) => {
  expect(orderedText(any)).toBeUndefined();
});

test('the order of keys is that of UTF-16 units, at every depth', () => {
  const nested: Json = {
    b: [{ z: 1, a: 2 }],
    a: { '\ud83d\ude00': 1, '\uffff': 2, B: 3 },
    C: null,
  };
  expect(orderedText(nested)).toBe(
    '{"C":null,"a":{"B":3,"\ud83d\ude00":1,"\uffff":2},"b":[{"a":2,"z":1}]}',
  );
});
