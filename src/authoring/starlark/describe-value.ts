import { typeName, type Value } from '../../starlark/value.ts';
import { NodeValue, PredicateValue, ReferenceValue } from './graph-values.ts';

const SHOWN_CHARACTERS = 40;

const TITLES: Readonly<Record<string, string>> = {
  list: 'a list',
  tuple: 'a tuple',
  dict: 'a dict',
  set: 'a set',
  struct: 'a struct',
  bytes: 'bytes',
  range: 'a range',
  function: 'a function',
  builtin_function_or_method: 'a function that is not called',
};

/** What a value is, in the words of messages. */
export function describeValue(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number' || typeof value === 'bigint')
    return `the number ${String(value).slice(0, SHOWN_CHARACTERS)}`;
  if (typeof value === 'string') {
    const short = value.length > SHOWN_CHARACTERS ? `${value.slice(0, SHOWN_CHARACTERS)}…` : value;
    return `the text ${JSON.stringify(short)}`;
  }
  if (value instanceof NodeValue) return `the node \`${value.id}\``;
  if (value instanceof PredicateValue) return 'a condition';
  if (value instanceof ReferenceValue) return 'a reference';
  const type = typeName(value);
  return TITLES[type] ?? `a ${type}`;
}
