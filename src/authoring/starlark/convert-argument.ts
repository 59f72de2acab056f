/**
 * From the values of a program to the authored form. Only what the authored form cannot say is a
 * problem here; whether a value fits its field is for the gate, which says it for all languages.
 */
import type { Json, JsonObject } from '../../base/json.ts';
import type { Thread } from '../../starlark/builtin.ts';
import { Dict, Float, List, Struct, Tuple, type Value } from '../../starlark/value.ts';
import { MAX_DOCUMENT_DEPTH } from '../../workflow/document-limits.ts';
import { withCamelCase } from '../snake-case.ts';
import { describeValue } from './describe-value.ts';
import { NodeValue, PredicateValue, type ReferenceParts, ReferenceValue } from './graph-values.ts';
import type { ParameterType } from './parameter.ts';

/** What a conversion needs to know of its surroundings. */
export interface Conversion {
  readonly thread: Thread;
  /** What is wrong, with the path to it within the argument. */
  report(message: string, at?: readonly (string | number)[], help?: string): void;
}

export interface Converted {
  readonly json: Json;
  /** Nodes that the argument places. */
  readonly nodes?: readonly NodeValue[];
}

type Convert = (value: Value, conversion: Conversion) => Converted | undefined;

/** The document’s form of an argument; undefined where a problem was reported. */
export function convertArgument(
  type: ParameterType,
  value: Value,
  conversion: Conversion,
): Converted | undefined {
  return CONVERSIONS[type](value, conversion);
}

const BYTES_OF_VALUE = 48;

/** Anything that JSON can say. */
const plain: Convert = (value, conversion) => {
  const json = toJson(value, conversion, []);
  return json === undefined ? undefined : { json };
};

/** A dict whose keys may be in snake_case, as a field of this name has them. */
const record =
  (field: string): Convert =>
  (value, conversion) => {
    const json = toJson(value, conversion, []);
    return json === undefined ? undefined : { json: renamed(field, json) };
  };

const node: Convert = (value, { report }) => {
  if (value instanceof NodeValue) return { json: value.document, nodes: [value] };
  report(`is ${describeValue(value)}, not a node`, [], nodeHelp(value));
  return undefined;
};

const nodes: Convert = (value, conversion) => {
  if (!(value instanceof List || value instanceof Tuple)) {
    const help = value instanceof NodeValue ? `put it in a list: [${value.id}]` : nodeHelp(value);
    conversion.report(`is ${describeValue(value)}, not a list of nodes`, [], help);
    return undefined;
  }
  conversion.thread.work(value.items.length);
  const found: NodeValue[] = [];
  for (const [index, item] of value.items.entries()) {
    if (item instanceof NodeValue) found.push(item);
    else conversion.report(`has ${describeValue(item)} among its nodes`, [index], nodeHelp(item));
  }
  // What is wrong was said; the rest is still worth a check.
  if (found.length === 0 && value.items.length > 0) return undefined;
  return { json: found.map(({ document }) => document), nodes: found };
};

function nodeHelp(value: Value): string {
  if (value === null) return 'does the function that makes it `return` it?';
  if (typeof value === 'string')
    return 'nodes are placed by value: make one with agent(...), test(...), …';
  if (value instanceof List) return 'lists of nodes are put together with `+`';
  if (value instanceof PredicateValue) return 'conditions belong to loop_until(...) and when(...)';
  return 'nodes come from agent(...), ask(...), test(...), branch(...), …';
}

const reference: Convert = (value, conversion) => {
  const parts = referenceParts(value, conversion, []);
  return parts === undefined ? undefined : { json: shortReference(parts) };
};

/** The parts of a reference however it is written; undefined where a problem was reported. */
export function referenceParts(
  value: Value,
  conversion: Conversion,
  at: readonly (string | number)[],
): (ReferenceParts & { readonly optional?: boolean }) | undefined {
  if (value instanceof NodeValue) return { node: value.id };
  if (value instanceof ReferenceValue) return value.parts;
  if (typeof value === 'string') return { node: value };
  if (value instanceof Dict) {
    const json = toJson(value, conversion, at, true);
    return json === undefined ? undefined : (json as unknown as ReferenceParts);
  }
  const help = 'name a node by value, by id, or a field of it by NODE.output("FIELD")';
  conversion.report(`is ${describeValue(value)}, not a reference`, at, help);
  return undefined;
}

/** A plain id or `previous(id)` where that says it all. */
function shortReference(parts: ReferenceParts): Json {
  const { node: id, previous, ...rest } = parts;
  if (Object.keys(rest).length > 0 || typeof id !== 'string') return { ...parts };
  return previous === true ? `previous(${id})` : id;
}

const candidates: Convert = (value, conversion) => {
  if (value instanceof NodeValue) return { json: [value.id] };
  if (!(value instanceof List || value instanceof Tuple)) return plain(value, conversion);
  return listOf(value, (item, index) => {
    if (item instanceof NodeValue) return item.id;
    if (!(item instanceof ReferenceValue)) return toJson(item, conversion, [index]);
    conversion.report(`has ${describeValue(item)} among its nodes`, [index], 'name whole nodes');
    return undefined;
  });
};

const inputs: Convert = (value, conversion) => {
  if (value instanceof List || value instanceof Tuple)
    return listOf(value, (item, index) => inputOf(item, conversion, index));
  if (!(value instanceof Dict)) {
    const help =
      value instanceof NodeValue || typeof value === 'string'
        ? 'put it in a list, or in a dict with a name'
        : undefined;
    conversion.report(
      `is ${describeValue(value)}, not a list of nodes or a dict of named ones`,
      [],
      help,
    );
    return undefined;
  }
  const entries: [string, Json][] = [];
  for (const { key, value: member } of value.entries()) {
    if (typeof key !== 'string') {
      conversion.report(`has ${describeValue(key)} as a key`, [], 'names of inputs are text');
      return undefined;
    }
    const parts = referenceParts(member, conversion, [key]);
    if (parts === undefined) return undefined;
    entries.push([key, shortReference(parts)]);
  }
  return { json: Object.fromEntries(entries) };
};

function inputOf(item: Value, conversion: Conversion, index: number): Json | undefined {
  if (item instanceof ReferenceValue && item.parts.field !== undefined) {
    const help = `give it a name: {"${item.parts.field.split('.').at(-1)}": …}`;
    conversion.report('has a field of a node without a name', [index], help);
    return undefined;
  }
  if (item instanceof NodeValue || item instanceof ReferenceValue) {
    const parts = referenceParts(item, conversion, [index]);
    return parts === undefined ? undefined : shortReference(parts);
  }
  return toJson(item, conversion, [index], true);
}

const condition: Convert = (value, conversion) => {
  if (value instanceof PredicateValue) return { json: value.document };
  if (typeof value === 'string') return { json: value };
  if (value instanceof Dict) return plainWithNodes(value, conversion);
  const help =
    value instanceof NodeValue
      ? `write succeeded(…) or failed(…) of the node, or equals(…) of a field of it`
      : 'conditions are succeeded(…), equals(…), all_of(…), …, or plain language';
  conversion.report(`is ${describeValue(value)}, not a condition`, [], help);
  return undefined;
};

const conditions: Convert = (value, conversion) => {
  if (!(value instanceof List || value instanceof Tuple)) return condition(value, conversion);
  return listOf(value, (item, index) => {
    const report: Conversion['report'] = (message, at = [], help) =>
      conversion.report(message, [index, ...at], help);
    return condition(item, { ...conversion, report })?.json;
  });
};

function listOf(
  { items }: List | Tuple,
  convert: (item: Value, index: number) => Json | undefined,
): Converted | undefined {
  const converted = items.map(convert);
  return converted.includes(undefined) ? undefined : { json: converted as Json[] };
}

const plainWithNodes: Convert = (value, conversion) => {
  const json = toJson(value, conversion, [], true);
  return json === undefined ? undefined : { json };
};

/** `"tests"` for `{"by": "tests"}`. */
const rank: Convert = (value, conversion) =>
  typeof value === 'string' ? { json: { by: value } } : plain(value, conversion);

/** `"npm test"` for `{"argv": "npm test"}`. */
const harvest: Convert = (value, conversion) => {
  if (value instanceof Dict) return record('harvest')(value, conversion);
  const argv = plain(value, conversion);
  return argv === undefined ? undefined : { json: { argv: argv.json } };
};

const LESS_IS_BETTER = 'min';

/** `"cost"` for `{"by": "cost", "goal": "min"}`. */
const objectives: Convert = (value, conversion) => {
  const converted = record('objectives')(value, conversion);
  if (converted === undefined || !Array.isArray(converted.json)) return converted;
  const json = (converted.json as readonly Json[]).map((one) =>
    typeof one === 'string' ? { by: one, goal: LESS_IS_BETTER } : one,
  );
  return { json };
};

const CONVERSIONS: Readonly<Record<ParameterType, Convert>> = {
  id: plain,
  text: plain,
  template: plain,
  flag: plain,
  int: plain,
  number: plain,
  texts: plain,
  ints: plain,
  json: plain,
  map: plain,
  schema: plain,
  node,
  nodes,
  reference,
  candidates,
  inputs,
  condition,
  conditions,
  command: plain,
  rank,
  harvest,
  objectives,
  task: record('task'),
  budget: record('budget'),
  permissions: record('permissions'),
  model_policy: record('modelPolicy'),
  promotion_policy: record('promotionPolicy'),
  retry: record('retry'),
};

function renamed(field: string, json: Json): Json {
  const [copy] = (withCamelCase({ nodes: [{ [field]: json }] }) as { nodes: [JsonObject] }).nodes;
  return copy[field] as Json;
}

type At = readonly (string | number)[];

/** With `takesNodes`, a node stands for its id. */
function toJson(value: Value, conversion: Conversion, at: At, takesNodes?: true): Json | undefined {
  const { thread, report } = conversion;
  thread.work(1);
  // Text is shared here, but written out each time in the end.
  thread.allocate(BYTES_OF_VALUE + (typeof value === 'string' ? value.length : 0));
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return value;
  if (at.length > MAX_DOCUMENT_DEPTH) {
    report(`is nested deeper than ${MAX_DOCUMENT_DEPTH} levels`);
    return undefined;
  }
  if (value instanceof Float && Number.isFinite(value.value)) return value.value;
  if (value instanceof List || value instanceof Tuple) {
    const items: Json[] = [];
    for (const [index, item] of value.items.entries()) {
      const json = toJson(item, conversion, [...at, index], takesNodes);
      if (json === undefined) return undefined;
      items.push(json);
    }
    return items;
  }
  if (value instanceof Dict) return toObject(dictEntries(value), conversion, at, takesNodes);
  if (value instanceof Struct) return toObject(value.fields, conversion, at, takesNodes);
  if (value instanceof NodeValue && takesNodes === true) return value.id;
  if (typeof value === 'bigint') {
    report('has a number past 2^53', at, 'write it as text');
    return undefined;
  }
  const held = at.length === 0 ? 'is' : 'holds';
  report(`${held} ${describeValue(value)}`, at, plainHelp(value));
  return undefined;
}

function plainHelp(value: Value): string | undefined {
  if (!(value instanceof NodeValue)) return undefined;
  return `to use what it gives, add it to \`inputs\` and write {{inputs.${value.id}}}`;
}

function* dictEntries(dict: Dict): Generator<readonly [Value, Value]> {
  for (const { key, value } of dict.entries()) yield [key, value];
}

function toObject(
  entries: Iterable<readonly [Value, Value]>,
  conversion: Conversion,
  at: At,
  takesNodes?: true,
): JsonObject | undefined {
  const members: [string, Json][] = [];
  for (const [key, value] of entries) {
    if (typeof key !== 'string') {
      conversion.report(`has ${describeValue(key)} as a key`, at, 'keys are text');
      return undefined;
    }
    const json = toJson(value, conversion, [...at, key], takesNodes);
    if (json === undefined) return undefined;
    members.push([key, json]);
  }
  return Object.fromEntries(members);
}
