/**
 * JSON Schema 2020-12 as workflows use it: no remote references, unknown keywords refused, `format`
 * an annotation, patterns bounded in time. The one validator of outputs, params and documents.
 */
import type { Ajv2020, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js';
import type { Json } from '../base/json.ts';
import type { JsonSchema } from './limits.ts';
import { makeAjv } from './load-ajv.ts';
import { isPlainSchema, surelyFits } from './plain-schema.ts';

export interface SchemaValidator {
  /** What is wrong with a value, each with its dotted place; empty where it fits. */
  validate(value: Json): readonly SchemaViolation[];
}

export interface SchemaViolation {
  readonly path: readonly string[];
  readonly message: string;
}

const MAX_VIOLATIONS = 20;
const MAX_CACHED = 2000;

let ajv: Ajv2020 | undefined;
const cache = new Map<string, SchemaValidator | string>();

/** A validator, or why the schema is none. Equal schemas are compiled once. */
export function compileSchema(schema: JsonSchema): SchemaValidator | string {
  const key = JSON.stringify(schema);
  const known = cache.get(key);
  if (known !== undefined) return known;
  if (cache.size >= MAX_CACHED) cache.clear();
  const made = isPlainSchema(schema) ? compileLater(schema) : compile(schema);
  cache.set(key, made);
  return made;
}

/** A plain schema is compiled when a value does not plainly fit, to say why. */
function compileLater(schema: JsonSchema): SchemaValidator {
  let made: SchemaValidator | string | undefined;
  return {
    validate(value) {
      if (surelyFits(schema, value)) return [];
      made ??= compile(schema);
      if (typeof made === 'string') throw new Error(`a plain schema does not compile: ${made}`);
      return made.validate(value);
    },
  };
}

function compile(schema: JsonSchema): SchemaValidator | string {
  ajv ??= makeAjv({ allErrors: true, strictSchema: true, strictTypes: false, strictTuples: false });
  try {
    if (!isPlainSchema(schema)) void ajv.validateSchema(schema, true);
    const validate: ValidateFunction = ajv.compile(schema);
    return {
      validate: (value) =>
        validate(value) ? [] : (validate.errors ?? []).slice(0, MAX_VIOLATIONS).map(toViolation),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // Of a choice that fits nowhere ajv names every branch; the first says enough.
    const [first] = message.split(', data/');
    return (first ?? message)
      .replace(/^strict mode: /, '')
      .replace(/^schema is invalid: data/, 'schema');
  } finally {
    if (typeof schema === 'object') ajv.removeSchema(schema);
  }
}

function toViolation(error: ErrorObject): SchemaViolation {
  const path = error.instancePath
    .split('/')
    .slice(1)
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
  const extra: unknown = error.params['additionalProperty'] ?? error.params['unevaluatedProperty'];
  const allowed: unknown = error.params['allowedValues'];
  const detail =
    typeof extra === 'string'
      ? `has an unknown property \`${extra}\``
      : Array.isArray(allowed)
        ? `must be one of ${allowed.map((value) => JSON.stringify(value)).join(', ')}`
        : (error.message ?? 'does not fit');
  return { path, message: detail };
}
