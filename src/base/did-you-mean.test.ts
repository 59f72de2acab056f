import { expect, test } from 'vitest';
import { didYouMean, suggestion } from './did-you-mean.ts';

test.each([
  ['max_iterations', ['maxItems', 'maxIterations'], 'maxIterations'],
  ['maxMatchs', ['maxMatches', 'maxTurns'], 'maxMatches'],
  ['leef', ['leaf', 'reduce'], 'leaf'],
  ['xyz', ['leaf', 'reduce'], undefined],
  ['', ['leaf'], undefined],
  ['x'.repeat(10_000), ['x'], undefined],
])('%s is near %j: %s', (word, candidates, expected) => {
  expect(didYouMean(word, candidates)).toBe(expected);
});

test('a suggestion is a sentence', () => {
  expect(suggestion('leef', ['leaf'])).toBe('did you mean `leaf`?');
});
