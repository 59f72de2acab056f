/** What a JSON Schema says about a field, as far as it can be known without a value. */
import { isJsonObject, type Json } from '../../base/json.ts';
import type { JsonSchema } from '../limits.ts';

export type FieldShape =
  | { readonly type: 'known'; readonly schema: JsonSchema }
  | { readonly type: 'unknown' }
  | {
      readonly type: 'absent';
      readonly segment: string;
      /** What is there instead: fields of an object, or the kind of value that has none. */
      readonly fields: readonly string[];
      readonly instead: string;
    };

const UNKNOWN: FieldShape = { type: 'unknown' };
const MAX_STEPS = 64;

/** The schema of a dotted path. An undefined schema is not known. */
export function shapeAt(schema: JsonSchema | undefined, path: readonly string[]): FieldShape {
  if (schema === undefined) return UNKNOWN;
  let shape: FieldShape = { type: 'known', schema };
  for (const segment of path) {
    if (shape.type !== 'known') return shape;
    shape = member(schema, shape.schema, segment, 0);
  }
  return shape;
}

function member(root: JsonSchema, from: JsonSchema, segment: string, steps: number): FieldShape {
  const schema = resolved(root, from);
  if (typeof schema === 'boolean' || steps > MAX_STEPS) return UNKNOWN;
  const own = ownMember(schema, segment);
  if (own.type !== 'absent' || own.instead === '') {
    const others = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => {
      const options = schema[name];
      return Array.isArray(options) ? (options as readonly JsonSchema[]) : [];
    });
    if (own.type === 'known' || others.length === 0) return own.type === 'absent' ? UNKNOWN : own;
    const found = others.map((option) => member(root, option, segment, steps + 1));
    return (
      found.find(({ type }) => type === 'known') ??
      found.find(({ type }) => type === 'unknown') ??
      (found[0] as FieldShape)
    );
  }
  return own;
}

/** `instead: ''` means that the schema itself says nothing about members. */
function ownMember(schema: { readonly [key: string]: Json }, segment: string): FieldShape {
  const properties = schema['properties'];
  const type = schema['type'];
  const types = Array.isArray(type) ? type : type === undefined ? [] : [type];
  const rest = schema['additionalProperties'];
  if (isJsonObject(properties) || isJsonObject(rest) || rest === true || types.includes('object')) {
    if (isJsonObject(properties) && Object.hasOwn(properties, segment))
      return { type: 'known', schema: properties[segment] as JsonSchema };
    if (isJsonObject(rest)) return { type: 'known', schema: rest };
    const fields = isJsonObject(properties) ? Object.keys(properties) : [];
    const isOpen = rest !== false && (fields.length === 0 || rest === true);
    if (isOpen || 'patternProperties' in schema || 'allOf' in schema || 'anyOf' in schema)
      return UNKNOWN;
    return { type: 'absent', segment, fields, instead: 'an object' };
  }
  const items = schema['items'];
  const prefix = schema['prefixItems'];
  if (items !== undefined || prefix !== undefined || types.includes('array')) {
    if (!/^\d+$/.test(segment)) return { type: 'absent', segment, fields: [], instead: 'a list' };
    const listed = Array.isArray(prefix) ? prefix[Number(segment)] : undefined;
    const found = listed ?? items;
    return found === undefined ? UNKNOWN : { type: 'known', schema: found as JsonSchema };
  }
  if (types.length > 0)
    return { type: 'absent', segment, fields: [], instead: types.map(described).join(' or ') };
  return { type: 'absent', segment, fields: [], instead: '' };
}

const described = (type: Json): string => (type === 'string' ? 'text' : `a ${String(type)}`);

function resolved(root: JsonSchema, schema: JsonSchema): JsonSchema {
  let found = schema;
  for (let steps = 0; steps < MAX_STEPS; steps += 1) {
    if (typeof found === 'boolean') return found;
    const reference = found['$ref'];
    if (typeof reference !== 'string') return found;
    if (!reference.startsWith('#/')) return true;
    let target: Json | undefined = root as Json;
    for (const part of reference.slice(2).split('/')) {
      const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~');
      target = isJsonObject(target) && Object.hasOwn(target, key) ? target[key] : undefined;
    }
    if (typeof target !== 'boolean' && !isJsonObject(target)) return true;
    found = target;
  }
  return true;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Whether a schema can only be a list, can not be one, or is not known. */
export function isList(schema: JsonSchema): boolean | undefined {
  const found = resolved(schema, schema);
  if (typeof found === 'boolean') return undefined;
  const type = found['type'];
  if (type === undefined) return found['items'] === undefined ? undefined : true;
  return Array.isArray(type) ? type.includes('array') : type === 'array';
}

/** The schema of a list’s items, with the list’s own definitions kept in reach. */
export function itemsOf(schema: JsonSchema): JsonSchema | undefined {
  const found = resolved(schema, schema);
  if (typeof found === 'boolean') return undefined;
  const items = found['items'];
  if (typeof items === 'boolean' || !isJsonObject(items)) return undefined;
  const root = typeof schema === 'object' ? schema : {};
  return {
    ...('$defs' in root ? { $defs: root['$defs'] as Json } : {}),
    ...('definitions' in root ? { definitions: root['definitions'] as Json } : {}),
    ...items,
  };
}
