/** The last door before a terminal: our own colours pass, and only where colours are wanted. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { hostileText, hostileTexts, UNSAFE } from '../../test/arbitrary/hostile-texts.ts';
import type { Paint } from './style.ts';
import { styleOf } from './style.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const stream = {
  isTerminal: true,
  size: () => undefined,
  write() {},
  onResize: () => ({ [Symbol.dispose]() {} }),
};
const env = { LANG: 'C.UTF-8' };
const plain = styleOf({ env, stream, color: 'never' });
const colored = styleOf({ env, stream, color: 'always' });
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one.
const OWN = /\x1b\[(?:1|2|22|31|32|33|36|39)m/g;

test('hostile texts that nobody made printable are written out', () => {
  for (const text of hostileTexts) {
    expect(plain.safe(text)).not.toMatch(UNSAFE);
    expect(colored.safe(text).replaceAll(OWN, '')).not.toMatch(UNSAFE);
  }
});

test('what is painted passes in colour, and is written out without', () => {
  expect(colored.safe(colored.paint('red', 'no'))).toBe('\x1b[31mno\x1b[39m');
  expect(plain.safe('\x1b[31mno')).toBe('\\x1b[31mno');
  expect(colored.safe('\x1b[35mno\x1b[1;31m')).toBe('\\x1b[35mno\\x1b[1;31m');
});

test('any text between any colours comes out as text and colours', () => {
  const paints = fc.constantFrom<Paint>('bold', 'dim', 'red', 'green', 'yellow', 'cyan');
  fc.assert(
    fc.property(fc.array(fc.tuple(paints, hostileText), { maxLength: 3 }), (parts) => {
      const out = colored.safe(parts.map(([paint, text]) => colored.paint(paint, text)).join(' '));
      const rest = out.replaceAll(OWN, '');
      if (UNSAFE.test(rest)) throw new Error(`came through: ${JSON.stringify(rest)}`);
    }),
    { numRuns: isSoak ? 300_000 : 2_000 },
  );
});
