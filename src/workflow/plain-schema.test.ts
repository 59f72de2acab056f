import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Json, JsonObject } from '../base/json.ts';
import { isPlainSchema, surelyFits } from './plain-schema.ts';

const names = fc.constantFrom('a', 'b', 'toString');
const values: fc.Arbitrary<Json> = fc.oneof(
  { maxDepth: 2 },
  fc.constantFrom<Json>(null, true, false, 0, 1, -1, 1.5, '', 'a', 'bb', [], {}),
  fc.array(fc.constantFrom<Json>('a', 1, null, {}), { maxLength: 3 }),
  fc.dictionary(names, fc.constantFrom<Json>('a', 1, null, [], { a: 1 }), { maxKeys: 3 }),
);
const types = fc.constantFrom('object', 'array', 'string', 'number', 'integer', 'boolean', 'null');

/** Mostly right, now and then a slip of the pen. */
const mostly = (right: fc.Arbitrary<Json>): fc.Arbitrary<Json> =>
  fc.oneof({ weight: 9, arbitrary: right }, { weight: 1, arbitrary: values });

/** Schemas as authors write them, a few keywords each. */
const schemas = fc.letrec<{ readonly schema: Json }>((tie) => {
  const schema = tie('schema');
  const keywords: Readonly<Record<string, fc.Arbitrary<Json>>> = {
    type: fc.oneof(types, fc.array(types, { maxLength: 3 })),
    title: fc.constant('t'),
    description: fc.constant('d'),
    default: values,
    const: values,
    enum: fc.array(values, { maxLength: 3 }),
    properties: fc.dictionary(names, schema, { maxKeys: 3 }),
    required: fc.array(names, { maxLength: 2 }),
    additionalProperties: schema,
    items: schema,
    minimum: fc.integer({ min: -2, max: 2 }),
    maximum: fc.integer({ min: -2, max: 2 }),
    minLength: fc.nat({ max: 2 }),
    maxLength: fc.nat({ max: 2 }),
    minItems: fc.nat({ max: 2 }),
    maxItems: fc.nat({ max: 2 }),
    anyOf: fc.array(schema, { maxLength: 2 }),
    format: fc.constant('uri'),
    pattern: fc.constant('('),
  };
  const members = Object.entries(keywords).map(([name, value]) =>
    fc.tuple(fc.constant(name), mostly(value)),
  );
  const made = fc
    .uniqueArray(fc.oneof(...members), { selector: ([name]) => name, maxLength: 3 })
    .map((entries): Json => Object.fromEntries(entries));
  return { schema: fc.oneof({ maxDepth: 2 }, fc.boolean(), made) };
}).schema;

function strictAjv(): Ajv2020 {
  const loose = { strictTypes: false, strictTuples: false, validateFormats: false };
  return new Ajv2020({ strictSchema: true, logger: false, ...loose });
}

test('what is called plain is a schema, and what is said to fit it does', () => {
  const ajv = strictAjv();
  let plain = 0;
  let fitting = 0;
  fc.assert(
    fc.property(schemas, fc.array(values, { minLength: 8, maxLength: 8 }), (schema, samples) => {
      if (!isPlainSchema(schema)) return;
      plain += 1;
      const validate = ajv.compile(schema as JsonObject | boolean);
      for (const value of samples) {
        if (!surelyFits(schema, value)) continue;
        fitting += 1;
        expect(validate(value), JSON.stringify(validate.errors)).toBe(true);
      }
    }),
    { numRuns: 6000 },
  );
  expect(plain).toBeGreaterThan(500);
  expect(fitting).toBeGreaterThan(300);
});

test('schemas as authors write them are plain, and values as models give them are seen to fit', () => {
  const schema = {
    type: 'object',
    description: 'a finding',
    properties: {
      title: { type: 'string' },
      severity: { enum: ['low', 'high'] },
      lines: { type: 'array', items: { type: 'integer' } },
      note: { type: ['string', 'null'], default: null },
    },
    required: ['title'],
    additionalProperties: false,
  };
  expect(isPlainSchema(schema)).toBe(true);
  expect(surelyFits(schema, { title: 't', severity: 'low', lines: [1, 2], note: null })).toBe(true);
  expect(surelyFits(schema, { title: 't', more: 1 })).toBe(false);
  expect(surelyFits(schema, { severity: 'low' })).toBe(false);
});
