import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { NewEvent } from '../trace-store.ts';
import { anyEvent, bodyText, chainHash, FIRST_PREV, packBody, unpackBody } from './event-codec.ts';
import { formText } from './event-forms.ts';
import { formEvent } from './read-form.ts';

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

const path = 'each[ü]/"leaf"';
const route = { provider: 'mock', model: 'm\u0001' };
const request = { digest: 'ab'.repeat(32), bytes: 7, type: 'json' } as const;
const response = { digest: 'cd'.repeat(32), bytes: 8, type: 'json' } as const;
const tokens = { uncached: 3, cacheRead: 0, cacheWrite: 0, output: 4, reasoning: 0 };
const usage = { tokens, costMicroUsd: 5, costStatus: 'exact' } as const;
const reserved = { costMicroUsd: 1, tokens: 2 };
const slice = { tokens: 3, costMicroUsd: 2, ms: 1 };
const first = { attempt: 1, call: 1, try: 1 } as const;
const called = { path, ...first, request, route, usage, memo: 'miss', latencyMs: 9 } as const;
const json = { status: 'succeeded', output: request } as const;
const words = { status: 'succeeded', output: { ...response, type: 'text' } } as const;

/** Of the order in which the chains write them. */
const frequent: readonly NewEvent[] = [
  { type: 'leaf.requested', path, attempt: 1, digest: 'ef'.repeat(16), at: 7 },
  { type: 'leaf.requested', path, attempt: 1, slice, digest: 'ef'.repeat(16), at: 7 },
  { type: 'leaf.started', path, attempt: 1, route, at: 7 },
  { type: 'model.requested', path, ...first, digest: request.digest, route, reserved, at: 7 },
  { type: 'model.called', ...called, response, at: 7 },
  { type: 'leaf.finished', path, attempt: 1, result: json, at: 7 },
  { type: 'leaf.finished', path, attempt: 1, result: words, at: 7 },
];

test.each(frequent)('a frequent event is written as any other would be: $type', (event) => {
  expect(formText(event)).toEqual(bodyText(event));
  expect(unpackBody(packBody(event), 3, 7)).toEqual({ ...event, seq: 3 });
});

const plain = frequent.map((event): NewEvent => {
  const model = { ...('route' in event ? { route: { provider: 'mock', model: 'm' } } : {}) };
  return { ...event, ...model, path: 'each[a.ts]/leaf' } as NewEvent;
});

test.each(plain)('a frequent event is read as any other would be: $type', (event) => {
  const stored = Buffer.from(packBody(event));
  const read = formEvent(stored, { seq: 3, at: 7 });
  expect(JSON.stringify(read)).toBe(JSON.stringify(anyEvent(stored, 3, 7)));
});

test('leaves whose paths are of one length are told apart', () => {
  const started = (leaf: string): NewEvent => ({
    type: 'leaf.started',
    path: leaf,
    attempt: 1,
    route: { ...route, model: 'm' },
    at: 7,
  });
  const read = ['a1', 'a2', 'a2', 'a1'].map((leaf) => unpackBody(packBody(started(leaf)), 3, 7));
  expect(read.map((event) => 'path' in event && event.path)).toEqual(['a1', 'a2', 'a2', 'a1']);
});

test('a frequent event that was changed anywhere is read as any other, or as none', () => {
  const bytes = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 11, 34, 44, 48, 92, 123, 125));
  const change = fc.tuple(fc.nat(500), fc.constantFrom('set', 'add', 'drop'), bytes);
  let seen = 0;
  fc.assert(
    fc.property(fc.constantFrom(...plain), fc.array(change, { maxLength: 3 }), (event, changes) => {
      const stored = [...packBody(event)];
      for (const [place, how, byte] of changes) {
        const added = how === 'drop' ? [] : [byte];
        stored.splice(place % stored.length, how === 'add' ? 0 : 1, ...added);
      }
      const packed = Buffer.from(stored);
      const read = formEvent(packed, { seq: 3, at: 7 });
      if (read === undefined) return;
      seen += 1;
      expect(JSON.stringify(read)).toBe(JSON.stringify(anyEvent(packed, 3, 7)));
    }),
    { numRuns: 20_000 },
  );
  expect(seen).toBeGreaterThan(1_000);
});

test.each(frequent)(
  'one more field, at any depth, another attempt and other values stay: $type',
  (event) => {
    const others = variants(event as unknown as JsonObject);
    expect(others.length).toBeGreaterThan(5);
    for (const other of others) {
      const stored = packBody(other as unknown as NewEvent);
      expect(unpackBody(stored, 3, 7)).toEqual({ ...JSON.parse(JSON.stringify(other)), seq: 3 });
    }
  },
);

/** The event with one field more, less or other, wherever that can be. */
function variants(value: JsonObject): readonly JsonObject[] {
  const inner = Object.entries(value).flatMap(([key, part]): JsonObject[] => {
    if (key === 'at' || (key === 'type' && 'path' in value)) return [];
    const { [key]: _, ...less } = value;
    const others: readonly Json[] = isJsonObject(part)
      ? variants(part)
      : typeof part === 'number'
        ? [part + 1, 0.5, -0, Number.NaN, '7']
        : [`${String(part)}x`, 'ab'.repeat(16), 'zz'.repeat(32)];
    return [less, ...others.map((other) => ({ ...value, [key]: other }))];
  });
  return [{ ...value, more: true }, ...inner];
}

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
