import { describe, expect, test } from 'vitest';
import { cpuWatch } from '../../test/cpu-watch.ts';
import { patternProblem } from './checks/pattern.ts';
import { compileSchema } from './schema-validator.ts';

describe('schemas that are refused', () => {
  test.each([
    [{ type: 'strin' }, /type/],
    [{ propertys: {} }, /unknown keyword: "propertys"/],
    [{ $ref: 'https://example.com/x.json' }, /can't resolve reference/],
    [{ $schema: 'http://json-schema.org/draft-07/schema#' }, /no schema with key or ref/],
    [{ pattern: '(?=a)b' }, /looking ahead/],
    [{ pattern: '(' }, /./],
  ])('%j', (schema, expected) => {
    expect(compileSchema(schema)).toMatch(expected);
  });
});

test('violations say where and what', () => {
  const schema = {
    type: 'object',
    properties: { a: { type: 'array', items: { enum: ['x', 'y'] } }, b: { type: 'integer' } },
    required: ['b'],
    additionalProperties: false,
  };
  const validator = compileSchema(schema);
  if (typeof validator === 'string') throw new Error(validator);
  expect(validator.validate({ a: ['z'], c: 1 })).toEqual([
    { path: [], message: "must have required property 'b'" },
    { path: [], message: 'has an unknown property `c`' },
    { path: ['a', '0'], message: 'must be one of "x", "y"' },
  ]);
  expect(validator.validate({ b: 1 })).toEqual([]);
});

test('schemas with the same `$id` do not stand in each other’s way', () => {
  const one = compileSchema({ $id: 'x', type: 'string' });
  const two = compileSchema({ $id: 'x', type: 'number' });
  expect(typeof one).toBe('object');
  expect(typeof two).toBe('object');
});

test.each([
  ['^[a-z]+-\\d{1,4}$', true],
  ['(foo|bar)', true],
  ['(foo|bar)?', true],
  ['(?:.*\\/)?(?:.*\\/)?', true],
  ['(a+)+$', true],
  ['(a|a)*b', true],
  ['(\\w+)\\1', false],
  ['((a{1,9}))*', true],
  ['.*.*.*.*=', true],
  ['[(*+]*', true],
  ['\\(\\*+\\)', true],
])('pattern %s is taken: %s', (pattern, expected) => {
  expect(patternProblem(pattern) === undefined).toBe(expected);
});

test('a taken pattern cannot run away', () => {
  const spentMs = cpuWatch();
  for (const pattern of [
    '(a+)+$',
    '(?:a|aa)*b',
    'a*a*a*b',
    'a*a*b',
    'a*b',
    '[a-z]*[a-z]*[a-z]*$',
  ]) {
    const validator = compileSchema({ type: 'string', pattern });
    if (typeof validator === 'string') throw new Error(validator);
    for (const length of [100, 250, 1000, 20_000]) validator.validate('a'.repeat(length));
  }
  expect(spentMs()).toBeLessThan(2000);
});
