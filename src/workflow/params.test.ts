import { expect, test } from 'vitest';
import type { JsonObject } from '../base/json.ts';
import { bindParams, paramsFromText } from './params.ts';

const schema = {
  type: 'object',
  properties: {
    target: { type: 'string' },
    count: { type: 'integer', minimum: 1, default: 3 },
  },
  required: ['target'],
  additionalProperties: false,
};

test('given values go over defaults', () => {
  expect(bindParams(schema, { target: 'x' })).toEqual({ params: { target: 'x', count: 3 } });
  expect(bindParams(schema, { target: 'x', count: 1 })).toEqual({
    params: { target: 'x', count: 1 },
  });
});

test.each<[given: JsonObject, message: string, help?: string]>([
  [{}, "parameters: must have required property 'target'"],
  [{ target: 1 }, 'parameter `target`: must be string'],
  [{ target: 'x', count: 0 }, 'parameter `count`: must be >= 1'],
  [{ target: 'x', cuont: 1 }, 'no parameter `cuont`', 'did you mean `count`?'],
])('%j: %s', (given, message, help) => {
  const bound = bindParams(schema, given);
  if (!('diagnostics' in bound)) throw new Error('bound');
  expect(bound.diagnostics).toEqual([
    { code: 'WF1208', severity: 'error', message, ...(help === undefined ? {} : { help }) },
  ]);
});

test('typed text is read as its schema says: a string stays text', () => {
  const typed = {
    type: 'object',
    properties: {
      version: { type: 'string' },
      count: { type: 'integer' },
      deep: { type: 'boolean' },
      names: { type: 'array', items: { type: 'string' } },
      level: { enum: ['1.2', 'all'] },
      limit: { type: ['string', 'null'] },
      any: {},
    },
  };
  const texts = {
    version: '1.2',
    count: '3',
    deep: 'true',
    names: '["a"]',
    level: '1.2',
    limit: 'null',
    any: '[1]',
  };
  expect(paramsFromText(typed, texts)).toEqual({
    version: '1.2',
    count: 3,
    deep: true,
    names: ['a'],
    level: '1.2',
    limit: null,
    any: [1],
  });
  expect(paramsFromText(typed, { count: 'many', other: '2' })).toEqual({ count: 'many', other: 2 });
});
