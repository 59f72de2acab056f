import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import type { JsonSchema } from '../../workflow/limits.ts';
import { sampleJson } from './sample-json.ts';

const ajv = new Ajv2020({ strict: false, validateFormats: false });
const plain = { names: [], text: 'mock text' };

const object = (
  properties: Readonly<Record<string, JsonSchema>>,
  more: object = {},
): JsonSchema => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  additionalProperties: false,
  ...more,
});

const schemas: readonly (readonly [string, JsonSchema])[] = [
  ['anything', true],
  ['no demands', {}],
  ['const', { const: { a: [1, null] } }],
  ['enum', { enum: ['red', 'green'] }],
  ['null', { type: 'null' }],
  ['several types', { type: ['string', 'null'] }],
  ['object', object({ a: { type: 'string' }, b: { type: 'integer' }, c: { type: 'boolean' } })],
  ['required without a schema', { type: 'object', required: ['x'] }],
  ['fewest properties', { type: 'object', minProperties: 3 }],
  ['most properties', { ...(object({ a: true }) as object), maxProperties: 1 }],
  [
    'values of a map',
    { type: 'object', minProperties: 1, additionalProperties: { type: 'number' } },
  ],
  ['list', { type: 'array', items: { type: 'string' }, minItems: 3 }],
  ['different items', { type: 'array', items: { type: 'string' }, minItems: 3, uniqueItems: true }],
  ['different numbers', { items: { type: 'integer', minimum: 7 }, minItems: 4, uniqueItems: true }],
  ['empty list', { type: 'array', maxItems: 0 }],
  ['tuple', { prefixItems: [{ type: 'string' }, { type: 'integer' }], items: false, minItems: 2 }],
  ['long text', { type: 'string', minLength: 400 }],
  ['short text', { type: 'string', maxLength: 3 }],
  ['pattern', { type: 'string', pattern: '^[A-Z]{3}-\\d{2,4}(?:-(?:a|b))?$' }],
  ['pattern of a path', { type: 'string', pattern: '^src/(?:[a-z]+/)*[a-z]+\\.ts$' }],
  ['date', { type: 'string', format: 'date' }],
  ['bounds', { type: 'number', minimum: 0.25, maximum: 0.5 }],
  ['open bounds', { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 1 }],
  ['multiple', { type: 'integer', multipleOf: 7, minimum: 10 }],
  ['only an upper bound', { type: 'integer', maximum: -5 }],
  ['anyOf', { anyOf: [{ type: 'integer' }, { type: 'string' }] }],
  ['oneOf', { oneOf: [object({ kind: { const: 'a' } }), object({ kind: { const: 'b' } })] }],
  [
    'allOf',
    {
      allOf: [
        { type: 'object', properties: { a: { type: 'integer', minimum: 3 } }, required: ['a'] },
        { properties: { a: { maximum: 4 }, b: { enum: ['x', 'y'] } }, required: ['b'] },
      ],
    },
  ],
  [
    'reference',
    {
      $ref: '#/$defs/list',
      $defs: {
        list: { type: 'array', items: { $ref: '#/$defs/item' }, minItems: 1 },
        item: object({ n: { type: 'integer' } }),
      },
    },
  ],
  [
    'recursion',
    {
      $defs: {
        tree: object({
          name: { type: 'string' },
          children: { type: 'array', items: { $ref: '#/$defs/tree' } },
        }),
      },
      $ref: '#/$defs/tree',
    },
  ],
  [
    'recursion with an end',
    {
      $defs: { link: object({ next: { anyOf: [{ $ref: '#/$defs/link' }, { type: 'null' }] } }) },
      $ref: '#/$defs/link',
    },
  ],
];

test.each(schemas)('an instance is valid: %s', (_name, schema) => {
  const instance = sampleJson(schema, plain);
  const validate = ajv.compile(schema);
  expect(validate(instance), JSON.stringify({ instance, errors: validate.errors })).toBe(true);
  expect(sampleJson(schema, plain)).toEqual(instance);
});

test('generated schemas of the usual keywords get valid instances', () => {
  const eighth = fc.integer({ min: -80, max: 80 }).map((number) => number / 8);
  const leaf: fc.Arbitrary<JsonSchema> = fc.oneof(
    fc.nat(30).map((minLength): JsonSchema => ({ type: 'string', minLength })),
    fc.integer().map((minimum): JsonSchema => ({ type: 'integer', minimum })),
    fc
      .tuple(eighth, fc.integer({ min: 1, max: 9 }))
      .map(([minimum, size]): JsonSchema => ({ type: 'number', minimum, maximum: minimum + size })),
    fc.constant<JsonSchema>({ type: 'boolean' }),
    fc
      .array(fc.string(), { minLength: 1, maxLength: 3 })
      .map((values): JsonSchema => ({ enum: values })),
  );
  const { schema } = fc.letrec<{ schema: JsonSchema }>((tie) => ({
    schema: fc.oneof(
      { maxDepth: 3 },
      leaf,
      fc
        .tuple(tie('schema'), fc.nat(4))
        .map(([items, minItems]): JsonSchema => ({ type: 'array', items, minItems })),
      fc
        .dictionary(fc.stringMatching(/^[a-z]{1,8}$/), tie('schema'), { maxKeys: 4 })
        .map((properties) => object(properties)),
      fc
        .array(tie('schema'), { minLength: 1, maxLength: 3 })
        .map((anyOf): JsonSchema => ({ anyOf })),
    ),
  }));
  fc.assert(
    fc.property(schema, (generated) => {
      const instance = sampleJson(generated, plain);
      const validate = ajv.compile(generated);
      ajv.removeSchema(generated as object);
      expect(validate(instance), JSON.stringify(instance)).toBe(true);
    }),
    { numRuns: 150 },
  );
});

test('a condition holds', () => {
  const schema = object({ holds: { type: 'boolean' }, evidence: { type: 'string' } });
  expect(sampleJson(schema, plain)).toEqual({ holds: true, evidence: 'mock text' });
});

test('a ranking names what the prompt is about, in its order, with falling scores', () => {
  const schema = object({
    ranking: {
      type: 'array',
      items: object({
        candidate: { type: 'string' },
        score: { type: 'number', minimum: 0, maximum: 1 },
      }) as Json,
    },
  });
  expect(sampleJson(schema, { ...plain, names: ['b', 'a', 'c', 'd'] })).toEqual({
    ranking: [
      { candidate: 'b', score: 1 },
      { candidate: 'a', score: 0.75 },
      { candidate: 'c', score: 0.5 },
      { candidate: 'd', score: 0.25 },
    ],
  });
});
