import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fromIsoTime, toIsoTime } from './iso-time.ts';

const LAST = 253_402_300_799_999;
const FIRST = -62_167_219_200_000;

test('property: times are written as everybody writes them, and read back', () => {
  fc.assert(
    fc.property(fc.integer({ min: FIRST, max: LAST }), (at) => {
      expect(toIsoTime(at)).toBe(new Date(at).toISOString());
      expect(fromIsoTime(toIsoTime(at))).toBe(at);
    }),
  );
});

test.each(['2026-02-30T00:00:00.000Z', '2026-01-01T24:00:00.000Z', '2026-01-01', ''])(
  '%s is no time',
  (text) => {
    expect(fromIsoTime(text)).toBeUndefined();
  },
);
