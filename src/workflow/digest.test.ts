import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { digestJson, digestText } from './digest.ts';

test('known digests', () => {
  expect(digestText('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(digestJson({ b: [1, 1e21, 'é'], a: null })).toBe(
    digestText('{"a":null,"b":[1,1e+21,"é"]}'),
  );
});

test('the order of keys plays no part, anything else does', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (object) => {
      const turned = Object.fromEntries(Object.entries(object).reverse());
      expect(digestJson(turned as Json)).toBe(digestJson(object as Json));
      expect(digestJson({ ...object, '\u0000more': 1 } as Json)).not.toBe(
        digestJson(object as Json),
      );
    }),
  );
});

test('half of a surrogate pair is digested, not refused', () => {
  expect(digestJson(['\ud800'])).toBe(digestJson(['\ufffd']));
});
