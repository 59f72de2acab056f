import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText, hostileTexts, UNSAFE } from '../../test/arbitrary/hostile-texts.ts';
import { printable, printableJson, printableLines } from './printable.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';

test.each([
  ['plain text, ünïcode, 日本, 👍️', 'plain text, ünïcode, 日本, 👍️'],
  ['\u001b[31mred', '\\x1b[31mred'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['\u009b2J', '\\x9b2J'],
  ['a\rb\bc', 'a\\rb\\x08c'],
  ['a\u202eb\u2066c', 'a\\u{202e}b\\u{2066}c'],
  ['zero\u200bwidth\u200d\ufeff', 'zero\\u{200b}width\\u{200d}\\u{feff}'],
  ['half \ud800', 'half \\u{d800}'],
  ['line\nfeed\t', 'line\\nfeed\\t'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
])('%j is shown as %j', (text, expected) => {
  expect(printable(text)).toBe(expected);
});

test('lines stay lines', () => {
  expect(printableLines('a\r\nb\tc\rd\u001b')).toBe('a\nb\tc\\rd\\x1b');
});

test('none of the hostile texts stays as it is, and none comes through', () => {
  expect(new Set(hostileTexts).size).toBeGreaterThanOrEqual(500);
  for (const text of hostileTexts) {
    expect(text).toMatch(UNSAFE);
    expect(printable(text)).not.toMatch(UNSAFE);
    expect(printableLines(text)).not.toMatch(UNSAFE);
    expect(printable(printable(text))).toBe(printable(text));
  }
});

test('no text whatever brings a control, format or invisible character through', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      // Plain comparisons: a million calls of expect take minutes.
      for (const shown of [printable(text), printableLines(text), printableJson(text)]) {
        if (UNSAFE.test(shown)) throw new Error(`came through: ${JSON.stringify(shown)}`);
      }
      if (printable(printable(text)) !== printable(text)) throw new Error('not idempotent');
    }),
    { numRuns: isSoak ? 1_000_000 : 5_000 },
  );
});

test('JSON that is made printable means the same', () => {
  fc.assert(
    fc.property(fc.dictionary(hostileText, hostileText, { maxKeys: 4 }), (value) => {
      for (const indent of [0, 2]) {
        const shown = printableJson(JSON.stringify(value, undefined, indent));
        expect(shown).not.toMatch(UNSAFE);
        expect(JSON.parse(shown)).toEqual(value);
      }
    }),
    { numRuns: isSoak ? 100_000 : 3_000 },
  );
});
