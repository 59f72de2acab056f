import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boundedPattern, patternProblem } from '../../src/workflow/checks/pattern.ts';
import { cpuWatch } from '../cpu-watch.ts';

const isSoak = process.env['WHALEFLOW_SOAK'] === '1';

test.each([
  ['(a)\\1', /back references/],
  ['(?<x>a)\\k<x>', /back references/],
  ['(?=a)b', /looking ahead/],
  ['a(?!b)', /looking ahead/],
  ['(?<=a)b', /looking ahead/],
  ['(?i:a)', /modifiers/],
  ['(?:(?:a{100}){100}){100}', /too many/],
  ['a{2147483647}', /too many/],
  [`${'('.repeat(60)}a${')'.repeat(60)}`, /deeper than 50/],
  ['a'.repeat(513), /at most 512/],
  ['a{2,1}', /numbers out of order/],
  ['(', /Unterminated group/],
])('%.40s is refused', (pattern, why) => {
  expect(patternProblem(pattern)).toMatch(why);
});

test.each([
  ['(a+)+$', `${'a'.repeat(50_000)}b`],
  [`^${'(?:a|aa)'.repeat(60)}$`, `${'a'.repeat(200)}b`],
  [`^${'a?'.repeat(120)}${'a'.repeat(120)}$`, `${'a'.repeat(119)}b`],
  [`^${'\\w{1,9}'.repeat(30)}$`, `${'a'.repeat(500)}!`],
  ['^(?:(?:.*/)?){4}x$', `${'a/'.repeat(300)}`],
  ['^(?:[^,]*,)*[^,]*,$', ',a'.repeat(20_000)],
  ['(?:(?:a*)*)*b', 'a'.repeat(20_000)],
  ['.*.*.*.*.*=', 'x'.repeat(100_000)],
  ['^(?:a{0,60}){0,60}$', `${'a'.repeat(3000)}b`],
])('%.40s does not run away', (pattern, text) => {
  const bounded = boundedPattern(pattern);
  const spentMs = cpuWatch();
  expect(bounded.test(text)).toBe(false);
  expect(spentMs()).toBeLessThan(2000);
});

/** Patterns of every construct that is taken. */
const { pattern } = fc.letrec<{ pattern: string; part: string; atom: string }>((tie) => ({
  pattern: fc.array(tie('part'), { maxLength: 3 }).map((parts) => parts.join('')),
  part: fc.oneof(
    { depthSize: 'small' },
    tie('atom'),
    fc
      .tuple(tie('atom'), fc.constantFrom('*', '+', '?', '{2}', '{1,}', '{0,2}', '*?', '{1,3}?'))
      .map(([atom, times]) => atom + times),
    fc.constantFrom('^', '$', '\\b', '\\B'),
  ),
  atom: fc.oneof(
    { depthSize: 'small', maxDepth: 3 },
    fc.constantFrom(
      'a',
      'b',
      '-',
      '.',
      '日',
      '\u{1f600}',
      '\\d',
      '\\w',
      '\\s',
      '\\n',
      '\\.',
      '\\/',
    ),
    fc.constantFrom('[ab]', '[^a]', '[a-z]', '[\\]a-]', '[\\d_]', '[^]', '[]', '\\x61', '\\u0061'),
    fc.constantFrom('\\p{L}', '\\P{Lu}', '\\u{1f600}', '\\ud83d\\ude00', '\\cA', '[\\p{N}😀]'),
    fc
      .tuple(fc.constantFrom('(', '(?:', '(?<n>'), tie('pattern'), tie('pattern'))
      .map(([open, one, other]) => `${open}${one}|${other})`),
  ),
}));
const text = fc
  .array(fc.constantFrom('a', 'b', '1', ' ', '-', '日', '\u{1f600}', '\n', '.', 'A', '\ud800'), {
    maxLength: 6,
  })
  .map((parts) => parts.join(''));

test('it finds what the language itself finds', () => {
  fc.assert(
    fc.property(pattern, text, (source, subject) => {
      let own: RegExp;
      try {
        own = new RegExp(source, 'u');
      } catch {
        return; // The same name twice.
      }
      if (source.length > 200) return;
      // V8 looks for what takes no character between the halves of a pair too, ECMA-262 does not.
      const at = own.exec(subject)?.index ?? 0;
      if (
        /^[\udc00-\udfff]/.test(subject.slice(at)) &&
        /[\ud800-\udbff]$/.test(subject.slice(0, at))
      )
        return;
      expect(boundedPattern(source).test(subject)).toBe(own.test(subject));
    }),
    { numRuns: isSoak ? 200_000 : 3_000 },
  );
});
