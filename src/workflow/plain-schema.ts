/**
 * The plain part of JSON Schema: what nearly all schemas of workflows are made of, known to be valid and
 * to compile by its look. Loading Ajv and compiling the meta-schema costs as much as the whole start of
 * a run, so it is done only for what is not plain, and to say what is wrong. Both questions here are
 * answered with yes or with "ask Ajv".
 */
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';

type Check = (value: Json) => boolean;

const isText: Check = (value) => typeof value === 'string';
const isNumber: Check = (value) => typeof value === 'number';
const isCount: Check = (value) => Number.isInteger(value) && Number(value) >= 0;
const isAnything: Check = () => true;
const areSchemas: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isPlainSchema);

const IS_OF_TYPE: Readonly<Record<string, Check>> = {
  null: (value) => value === null,
  boolean: (value) => typeof value === 'boolean',
  string: isText,
  number: isNumber,
  integer: (value) => Number.isInteger(value),
  array: (value) => Array.isArray(value),
  object: isJsonObject,
};

const isType: Check = (value) => typeof value === 'string' && Object.hasOwn(IS_OF_TYPE, value);

const areDifferent = (values: readonly Json[]): boolean => new Set(values).size === values.length;

const KEYWORDS: Readonly<Record<string, Check>> = {
  title: isText,
  description: isText,
  default: isAnything,
  type: (value) =>
    isType(value) ||
    (Array.isArray(value) && value.length > 0 && value.every(isType) && areDifferent(value)),
  const: isAnything,
  enum: (value) => Array.isArray(value) && value.length > 0,
  properties: (value) => isJsonObject(value) && Object.values(value).every(isPlainSchema),
  required: (value) => Array.isArray(value) && value.every(isText) && areDifferent(value),
  additionalProperties: isPlainSchema,
  items: isPlainSchema,
  minimum: isNumber,
  maximum: isNumber,
  minLength: isCount,
  maxLength: isCount,
  minItems: isCount,
  maxItems: isCount,
  anyOf: areSchemas,
};

/** Says whether `schema` is surely a JSON Schema 2020-12 that Ajv compiles in strict mode. */
export function isPlainSchema(schema: Json): boolean {
  if (typeof schema === 'boolean') return true;
  return (
    isJsonObject(schema) &&
    Object.entries(schema).every(
      ([keyword, value]) => Object.hasOwn(KEYWORDS, keyword) && KEYWORDS[keyword]?.(value),
    )
  );
}

/** Says whether `value` surely fits a plain schema. */
export function surelyFits(schema: Json, value: Json): boolean {
  if (!isJsonObject(schema)) return schema === true;
  return Object.entries(schema).every(([keyword, said]) => holds(schema, keyword, said, value));
}

function holds(schema: JsonObject, keyword: string, said: Json, value: Json): boolean {
  switch (keyword) {
    case 'title':
    case 'description':
    case 'default':
      return true;
    case 'type':
      return [said].flat().some((type) => IS_OF_TYPE[String(type)]?.(value));
    case 'const':
      return isScalar(said) && said === value;
    case 'enum':
      return isScalar(value) && Array.isArray(said) && said.includes(value);
    case 'required':
      return (
        isJsonObject(value) && [said].flat().every((name) => Object.hasOwn(value, String(name)))
      );
    case 'properties':
      return isJsonObject(value) && isJsonObject(said) && propertiesFit(said, value);
    case 'additionalProperties':
      return isJsonObject(value) && othersFit(schema['properties'] ?? {}, said, value);
    case 'items':
      return Array.isArray(value) && value.every((item) => surelyFits(said, item));
    default:
      return false;
  }
}

function propertiesFit(properties: JsonObject, value: JsonObject): boolean {
  return Object.entries(properties).every(([name, property]) => {
    const member = value[name];
    // A name that every object inherits is Ajv’s to judge.
    if (!Object.hasOwn(value, name)) return member === undefined;
    return member !== undefined && surelyFits(property, member);
  });
}

function othersFit(properties: Json, others: Json, value: JsonObject): boolean {
  const known = isJsonObject(properties) ? properties : {};
  return Object.entries(value).every(
    ([name, member]) => Object.hasOwn(known, name) || surelyFits(others, member),
  );
}

const isScalar = (value: Json): boolean => typeof value !== 'object' || value === null;
