import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import type { NewEvent } from '../trace-store.ts';
import { chainHash, FIRST_PREV, packBody, unpackBody } from './event-codec.ts';

function eventOf(value: Json): NewEvent {
  return {
    type: 'leaf.finished',
    path: 'a',
    attempt: 1,
    at: 7,
    result: { status: 'succeeded', output: { digest: 'ab'.repeat(32), bytes: 1, type: 'json' } },
    values: { '': value },
  };
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.integer({ min: 0, max: 0xffff }).map((unit) => String.fromCharCode(unit)) }),
  fc.stringMatching(/^[0-9a-f]{63,65}$/),
  fc.stringMatching(/^[0-9a-f]{31,33}$/),
  fc.constantFrom('","attempt":1,"', '{"type":"leaf.started","path":"', '\u0001', '\u0002\u0000'),
);

test('any value comes back from its stored form', () => {
  const value = fc.jsonValue({ noUnicodeString: false, depthSize: 'medium' });
  fc.assert(
    fc.property(fc.oneof(value, text, fc.array(text)), (any) => {
      const json = JSON.parse(JSON.stringify(any)) as Json;
      const stored = packBody(eventOf(json));
      expect(unpackBody(stored, 3, 7)).toEqual({ ...eventOf(json), seq: 3 });
    }),
    { numRuns: 2000 },
  );
});

test('a usual event takes few bytes', () => {
  const digest = 'cd'.repeat(16);
  const path = 'per-file[src/a.ts]/review';
  expect(packBody(eventOf(true)).length).toBe(52);
  expect(packBody({ type: 'leaf.requested', path, attempt: 1, digest, at: 1 }).length).toBe(54);
  expect(packBody(eventOf('long '.repeat(1000))).length).toBeLessThan(150);
});

test('a hash covers the hash before, the seq, the time and the body', () => {
  const body = Buffer.from('{}');
  const one = chainHash(FIRST_PREV, 1, 2, body);
  const others = [
    chainHash(one, 1, 2, body),
    chainHash(FIRST_PREV, 2, 2, body),
    chainHash(FIRST_PREV, 1, 3, body),
    chainHash(FIRST_PREV, 1, 2, Buffer.from('{ }')),
  ];
  const hex = [one, ...others].map((hash) => Buffer.from(hash).toString('hex'));
  expect(new Set(hex).size).toBe(5);
  expect(hex[0]).toBe('2ec439adf82db5d55ef5e90f5610fa2d5258c72272fbd2ba9ada02bb288b2720');
});
