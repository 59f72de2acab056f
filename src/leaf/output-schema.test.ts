import { expect, test } from 'vitest';
import { checkOutput } from './output-schema.ts';

test('what does not fit is told with its place', () => {
  const schema = { type: 'object', properties: { n: { type: 'integer' } } };
  expect(checkOutput(schema, { n: 1 })).toBeUndefined();
  expect(checkOutput(schema, { n: 'x' })?.message).toBe('output field n must be integer');
});

test('an output cannot make the pattern of its schema run away', () => {
  const started = process.cpuUsage();
  expect(checkOutput({ type: 'string', pattern: '^(a+)+$' }, `${'a'.repeat(29)}b`)).toBeDefined();
  const { user, system } = process.cpuUsage(started);
  expect((user + system) / 1000).toBeLessThan(1500);
});
