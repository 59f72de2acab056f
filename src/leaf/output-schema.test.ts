import { expect, test } from 'vitest';
import { cpuWatch } from '../../test/cpu-watch.ts';
import { checkOutput } from './output-schema.ts';

test('what does not fit is told with its place', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } } };
  expect(checkOutput(schema, { n: 1 })).toBeUndefined();
  expect(checkOutput(schema, { n: 'x' })?.message).toBe('output field n must be integer');
});

test('an output cannot make the pattern of its schema run away', () => {
  const spentMs = cpuWatch();
  expect(checkOutput({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(29)}b`)).toBeDefined();
  expect(spentMs()).toBeLessThan(1500);
});

test('an answer is held against one schema once, and against another one again', () => {
  let reads = 0;
  const output = Object.defineProperty({}, 'a', {
    enumerable: true,
    get: () => {
      reads += 1;
      return 1;
    },
  });
  const numbers = { type: 'object', properties: { a: { type: 'number' } } };
  expect(checkOutput(numbers, output)).toBeUndefined();
  const first = reads;
  expect(checkOutput(numbers, output)).toBeUndefined();
  expect(reads).toBe(first);
  const texts = { type: 'object', properties: { a: { type: 'string' } } };
  expect(checkOutput(texts, output)?.kind).toBe('schema');
  expect(checkOutput(texts, output)?.kind).toBe('schema');
});
