/**
 * Holds documents against the published JSON Schema, and copies them on the way. Reads only the keywords
 * that this schema has, and refuses a schema with any other when it is made. Ajv would do for yes or no;
 * this one says what does not fit in terms of fields, and is ready at once.
 */
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';

type Path = readonly (string | number)[];

/** What does not fit, at one place. */
export type Misfit = { readonly at: Path } /** With what it may be, where that is a list. */ & (
  | { readonly what: 'missing'; readonly values: readonly Json[] }
  | { readonly what: 'type'; readonly expected: readonly string[] }
  | { readonly what: 'value'; readonly values: readonly Json[] }
  | {
      readonly what: 'range';
      readonly edge: 'at least' | 'at most';
      readonly bound: number;
      readonly unit: 'number' | 'entries' | 'characters';
    }
  | { readonly what: 'pattern' }
  | { readonly what: 'key' }
  | { readonly what: 'unknown'; readonly keys: readonly string[] }
);

/** Copies a value that the guard let through; what does not fit goes into the walk’s list. */
export type Shape = (value: unknown, walk: Walk) => unknown;

export interface Walk {
  /** Where the walk stands. */
  readonly at: (string | number)[];
  readonly misfits: Misfit[];
}

/** Fields that tell the alternatives of a `oneOf` apart. */
const DISCRIMINATORS = ['kind', 'type', 'op'] as const;

const KEYWORDS: ReadonlySet<string> = new Set([
  ...['$schema', '$id', '$defs', '$ref', 'title', 'type', 'enum', 'const', 'oneOf', 'anyOf'],
  ...['properties', 'required', 'additionalProperties', 'propertyNames', 'items', 'minItems'],
  ...['minLength', 'pattern', 'minimum', 'maximum'],
]);

/** @throws {Error} if `schema` has keywords or alternatives that are not understood here. */
export function makeShape(schema: JsonObject): Shape {
  return new ShapeMaker(schema).make(schema);
}

class ShapeMaker {
  readonly #definitions: JsonObject;
  readonly #named = new Map<string, Shape>();

  constructor(root: JsonObject) {
    const definitions = root['$defs'];
    this.#definitions = isJsonObject(definitions) ? definitions : {};
  }

  make(schema: JsonObject): Shape {
    const odd = Object.keys(schema).find((keyword) => !KEYWORDS.has(keyword));
    if (odd !== undefined) throw new Error(`the keyword ${odd} is not understood`);
    const { $ref, oneOf, anyOf, type } = schema;
    if (typeof $ref === 'string') return this.#reference($ref.replace('#/$defs/', ''));
    if (Array.isArray(oneOf)) return this.#tagged(oneOf);
    if (Array.isArray(anyOf)) return this.#anyOf(anyOf);
    if (schema['const'] !== undefined) return oneOfValues([schema['const']]);
    if (Array.isArray(schema['enum'])) return oneOfValues(schema['enum']);
    switch (type) {
      case 'object':
        return schema['properties'] === undefined ? this.#map(schema) : this.#object(schema);
      case 'array':
        return this.#list(schema);
      case 'string':
        return text(schema);
      case 'number':
      case 'integer':
        return number(schema);
      case 'boolean':
        return flag;
      case undefined:
        return (value) => value;
      default:
        throw new Error(`the type ${String(type)} is not understood`);
    }
  }

  /** Made when it is first met, since definitions hold each other. */
  #reference(name: string): Shape {
    return (value, walk) => {
      let shape = this.#named.get(name);
      if (shape === undefined) {
        shape = this.make(this.#definition(name));
        this.#named.set(name, shape);
      }
      return shape(value, walk);
    };
  }

  #definition(name: string): JsonObject {
    return this.#definitions[name] as JsonObject;
  }

  #object(schema: JsonObject): Shape {
    const properties = schema['properties'] as Readonly<Record<string, JsonObject>>;
    const required = new Set(schema['required'] as readonly string[] | undefined);
    const fields = Object.entries(properties).map(([name, property]) => ({
      name,
      shape: this.make(property),
      isRequired: required.has(name),
      values: valuesOf(property),
    }));
    const known = new Set(Object.keys(properties));
    return (value, walk) => {
      if (!isJsonObject(value)) return misfit(walk, { what: 'type', expected: ['object'] });
      const copy: Record<string, unknown> = {};
      for (const { name, shape, isRequired, values } of fields) {
        if (Object.hasOwn(value, name)) copy[name] = within(walk, name, shape, value[name]);
        else if (isRequired) misfit(walk, { what: 'missing', values }, name);
      }
      const keys = Object.keys(value).filter((key) => !known.has(key));
      if (keys.length > 0) misfit(walk, { what: 'unknown', keys });
      return copy;
    };
  }

  #map(schema: JsonObject): Shape {
    const names = schema['propertyNames'] as JsonObject;
    const pattern = patternOf(names);
    const member = this.make(schema['additionalProperties'] as JsonObject);
    return (value, walk) => {
      if (!isJsonObject(value)) return misfit(walk, { what: 'type', expected: ['object'] });
      const copy: Record<string, unknown> = {};
      for (const key of Object.keys(value)) {
        if (pattern?.test(key) === false) misfit(walk, { what: 'key' }, key);
        else copy[key] = within(walk, key, member, value[key]);
      }
      return copy;
    };
  }

  #list(schema: JsonObject): Shape {
    const item = this.make(schema['items'] as JsonObject);
    const bound = Number(schema['minItems'] ?? 0);
    return (value, walk) => {
      if (!Array.isArray(value)) return misfit(walk, { what: 'type', expected: ['array'] });
      const copy = value.map((member: unknown, index) => within(walk, index, item, member));
      if (copy.length < bound)
        misfit(walk, { what: 'range', edge: 'at least', bound, unit: 'entries' });
      return copy;
    };
  }

  /** Alternatives that one field tells apart. */
  #tagged(alternatives: readonly Json[]): Shape {
    const objects = alternatives as readonly JsonObject[];
    const name = DISCRIMINATORS.find((field) => objects.every((one) => tagsOf(one, field).length));
    if (name === undefined) throw new Error('alternatives without a field that tells them apart');
    const shapes = new Map<Json, Shape>();
    for (const alternative of objects) {
      const shape = this.make(alternative);
      for (const tag of tagsOf(alternative, name)) shapes.set(tag, shape);
    }
    return (value, walk) => {
      if (!isJsonObject(value)) return misfit(walk, { what: 'type', expected: ['object'] });
      const tag = value[name];
      const shape = tag === undefined ? undefined : shapes.get(tag);
      if (shape !== undefined) return shape(value, walk);
      if (tag === undefined) return misfit(walk, { what: 'missing', values: [] }, name);
      return misfit(walk, { what: 'value', values: [...shapes.keys()] }, name);
    };
  }

  /** Alternatives of different JSON types, so that the value says which of them it means to be. */
  #anyOf(alternatives: readonly Json[]): Shape {
    const byType = new Map<string, Shape>();
    for (const alternative of alternatives as readonly JsonObject[]) {
      const type = this.#typeOf(alternative);
      if (byType.has(type)) throw new Error(`two alternatives of type ${type}`);
      byType.set(type, this.make(alternative));
    }
    const expected = [...byType.keys()];
    return (value, walk) => {
      const shape = byType.get(Array.isArray(value) ? 'array' : typeof value);
      if (shape === undefined || value === null) return misfit(walk, { what: 'type', expected });
      return shape(value, walk);
    };
  }

  #typeOf(schema: JsonObject): string {
    const { $ref, oneOf, type } = schema;
    if (typeof $ref === 'string')
      return this.#typeOf(this.#definition($ref.replace('#/$defs/', '')));
    if (Array.isArray(oneOf)) return this.#typeOf(oneOf[0] as JsonObject);
    if (typeof type !== 'string') throw new Error('an alternative without a type');
    return type;
  }
}

function tagsOf(alternative: JsonObject, field: string): readonly Json[] {
  const property = (alternative['properties'] as Readonly<Record<string, JsonObject>>)[field];
  if (property?.['const'] !== undefined) return [property['const']];
  return property === undefined ? [] : valuesOf(property);
}

function valuesOf(schema: JsonObject): readonly Json[] {
  const values = schema['enum'];
  return Array.isArray(values) ? values : [];
}

function oneOfValues(values: readonly Json[]): Shape {
  return (value, walk) =>
    values.includes(value as Json) ? value : misfit(walk, { what: 'value', values });
}

function text(schema: JsonObject): Shape {
  const least = Number(schema['minLength'] ?? 0);
  const pattern = patternOf(schema);
  return (value, walk) => {
    if (typeof value !== 'string') return misfit(walk, { what: 'type', expected: ['string'] });
    if (value.length < least)
      misfit(walk, { what: 'range', edge: 'at least', bound: least, unit: 'characters' });
    if (pattern?.test(value) === false) misfit(walk, { what: 'pattern' });
    return value;
  };
}

function patternOf({ pattern }: JsonObject): RegExp | undefined {
  return typeof pattern === 'string' ? new RegExp(pattern, 'u') : undefined;
}

function number(schema: JsonObject): Shape {
  const isWhole = schema['type'] === 'integer';
  const least = Number(schema['minimum'] ?? Number.NEGATIVE_INFINITY);
  const most = Number(schema['maximum'] ?? Number.POSITIVE_INFINITY);
  return (value, walk) => {
    if (typeof value !== 'number') return misfit(walk, { what: 'type', expected: ['number'] });
    if (isWhole && !Number.isInteger(value))
      return misfit(walk, { what: 'type', expected: ['integer'] });
    if (value < least)
      misfit(walk, { what: 'range', edge: 'at least', bound: least, unit: 'number' });
    if (value > most) misfit(walk, { what: 'range', edge: 'at most', bound: most, unit: 'number' });
    return value;
  };
}

const flag: Shape = (value, walk) =>
  typeof value === 'boolean' ? value : misfit(walk, { what: 'type', expected: ['boolean'] });

function within(walk: Walk, segment: string | number, shape: Shape, value: unknown): unknown {
  walk.at.push(segment);
  const copy = shape(value, walk);
  walk.at.pop();
  return copy;
}

type Without<Type> = Type extends unknown ? Omit<Type, 'at'> : never;

function misfit(walk: Walk, found: Without<Misfit>, below?: string): undefined {
  const at = below === undefined ? [...walk.at] : [...walk.at, below];
  walk.misfits.push({ ...found, at } as Misfit);
  return undefined;
}
