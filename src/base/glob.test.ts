import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cpuWatch } from '../../test/cpu-watch.ts';
import {
  literalGlob,
  matchesPath,
  matchesText,
  pathGlobCovers,
  pathGlobsOverlap,
  textGlobCovers,
} from './glob.ts';

test.each([
  ['npm *', 'npm test', true],
  ['npm *', 'npx test', false],
  ['*', '', true],
  ['a*b*c', 'a__b__c', true],
  ['a*b*c', 'a__c__b', false],
  ['rm \\*', 'rm *', true],
  ['rm \\*', 'rm x', false],
])('text glob %j on %j is %j', (pattern, text, expected) => {
  expect(matchesText(pattern, text)).toBe(expected);
});

test.each([
  ['src', 'src/a/b.ts', true],
  ['src/**', 'src/a/b.ts', true],
  ['src/*.ts', 'src/a/b.ts', false],
  ['**/*.ts', 'b.ts', true],
  ['src/{a,b}/*.ts', 'src/b/x.ts', true],
  ['src/?.ts', 'src/.ts', false],
  ['./src/*', 'src/.hidden', true],
])('path glob %j on %j is %j', (pattern, path, expected) => {
  expect(matchesPath(pattern, path)).toBe(expected);
});

test.each([
  [['src/**'], 'src/a/*.ts', true],
  [['src/*'], 'src/**', false],
  [['src'], 'src/a', true],
  [['src/a', 'src/b'], 'src/{a,b}/*.ts', true],
  [['src/*.ts'], 'src/a?.ts', true],
  [['src/?.ts'], 'src/*.ts', false],
])('%j covers %j: %j', (outer, inner, expected) => {
  expect(pathGlobCovers(outer, inner)).toBe(expected);
});

test.each([
  ['src/**', 'src/a.ts', true],
  ['src/*.ts', 'src/*.js', false],
  ['src/a*', 'src/*b', true],
  ['src', 'test', false],
  ['**/x', 'a/**', true],
  ['a/*/c', 'a/b', true],
  ['a/*/c', 'a/b/d', false],
])('%j and %j overlap: %j', (a, b, expected) => {
  expect(pathGlobsOverlap(a, b)).toBe(expected);
  expect(pathGlobsOverlap(b, a)).toBe(expected);
});

const glob = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 8 });
const text = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\\'), maxLength: 8 });

test('what covers a glob matches all that the glob matches', () => {
  fc.assert(
    fc.property(glob, glob, text, (outer, inner, word) => {
      if (textGlobCovers([outer], inner) && matchesText(inner, word))
        expect(matchesText(outer, word)).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('a literal glob matches its text and no other', () => {
  fc.assert(
    fc.property(text, text, (word, other) => {
      expect(matchesText(literalGlob(word), other)).toBe(word === other);
    }),
  );
});

const part = fc.constantFrom('a', 'b', '*', '**', '?', 'a*', '{a,b}');
const pathGlob = fc.array(part, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
const path = fc
  .array(fc.constantFrom('a', 'b', 'ab'), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join('/'));

test('a path that both match proves an overlap, and coverage carries over', () => {
  fc.assert(
    fc.property(pathGlob, pathGlob, path, (one, two, file) => {
      const [first, second] = [matchesPath(one, file), matchesPath(two, file)];
      if (first && second) expect(pathGlobsOverlap(one, two)).toBe(true);
      if (second && pathGlobCovers([one], two)) expect(first).toBe(true);
    }),
    { numRuns: 5000 },
  );
});

test('hostile globs end at once', () => {
  const spentMs = cpuWatch();
  matchesText(`${'*a'.repeat(200)}b`, 'a'.repeat(5000));
  matchesPath('{a,b}'.repeat(30), 'a'.repeat(30));
  expect(pathGlobsOverlap('{a,b}'.repeat(30), 'x')).toBe(true);
  pathGlobsOverlap('**/a/'.repeat(100), 'a/**/'.repeat(100));
  expect(spentMs()).toBeLessThan(2000);
});
