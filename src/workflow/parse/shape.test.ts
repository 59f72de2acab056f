import { expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { makeShape, type Walk } from './shape.ts';

function told(schema: JsonObject, value: unknown): readonly string[] {
  const walk: Walk = { at: [], misfits: [] };
  makeShape(schema)(value, walk);
  return walk.misfits.map(({ at, ...rest }) => `${at.join('.')} ${JSON.stringify(rest)}`);
}

const closed = { type: 'object', additionalProperties: false };

test('a copy has the fields in the order of the schema, and shares nothing that the schema describes', () => {
  const shape = makeShape({
    ...closed,
    properties: { a: { type: 'array', items: { type: 'string' } }, b: { type: 'boolean' } },
  });
  const document = { b: true, a: ['x'] };
  const copy = shape(document, { at: [], misfits: [] });
  expect(JSON.stringify(copy)).toBe('{"a":["x"],"b":true}');
  document.a.push('y');
  expect(copy).toEqual({ a: ['x'], b: true });
});

test.each([
  [{ type: 'string', format: 'uri' }, 'the keyword format is not understood'],
  [{ type: 'null' }, 'the type null is not understood'],
  [{ anyOf: [{ type: 'string' }, { type: 'string' }] }, 'two alternatives of type string'],
  [{ anyOf: [{}] }, 'an alternative without a type'],
  [
    { oneOf: [{ ...closed, properties: { kind: { type: 'string' } } }] },
    'alternatives without a field that tells them apart',
  ],
])('a schema that says more than can be held is refused: %j', (schema, message) => {
  expect(() => makeShape(schema)).toThrow(message);
});

test('everything that does not fit is told, each with its place', () => {
  const schema = {
    ...closed,
    properties: {
      size: { type: 'integer', minimum: 1, maximum: 9 },
      sort: { enum: ['up', 'down'] },
      names: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
      tags: {
        type: 'object',
        propertyNames: { type: 'string', pattern: '^[a-z]$' },
        additionalProperties: { anyOf: [{ type: 'boolean' }, { type: 'string' }] },
      },
    },
    required: ['size', 'sort'],
  };
  expect(
    told(schema, { size: 10, names: ['', 1], tags: { A: 1, b: 1 }, more: 1 }),
  ).toMatchInlineSnapshot(`
      [
        "size {"what":"range","edge":"at most","bound":9,"unit":"number"}",
        "sort {"what":"missing","values":["up","down"]}",
        "names.0 {"what":"range","edge":"at least","bound":1,"unit":"characters"}",
        "names.1 {"what":"type","expected":["string"]}",
        "tags.A {"what":"key"}",
        "tags.b {"what":"type","expected":["boolean","string"]}",
        " {"what":"unknown","keys":["more"]}",
      ]
    `);
  expect(told(schema, { size: 1.5, sort: 'left', names: [] })).toMatchInlineSnapshot(`
    [
      "size {"what":"type","expected":["integer"]}",
      "sort {"what":"value","values":["up","down"]}",
      "names {"what":"range","edge":"at least","bound":1,"unit":"entries"}",
    ]
  `);
});
