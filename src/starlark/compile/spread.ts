import { StarlarkError } from '../error.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { noKwargs } from '../run/call.ts';
import { locate, type Site } from '../run/locate.ts';
import type { Argument } from '../syntax/tree.ts';
import { Builtin, type Frame, StarlarkFunction } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { typeName, type Value } from '../values/object.ts';
import type { Unit } from './unit.ts';

export type CallArguments = (
  frame: Frame,
  callee: Value,
) => {
  readonly args: readonly Value[];
  readonly kwargs: ReadonlyMap<string, Value>;
};

/** Arguments with `*args` or `**kwargs`, which are evaluated last. */
export function compileSpread(unit: Unit, args: readonly Argument[], site: Site): CallArguments {
  const plain = args
    .filter(({ kind }) => kind === 'positional' || kind === 'named')
    .map(({ name, value }) => ({ name, value: unit.expression(value) }));
  const starNode = args.find(({ kind }) => kind === 'star');
  const star = starNode === undefined ? undefined : unit.expression(starNode.value);
  const starstarNode = args.find(({ kind }) => kind === 'starstar');
  const starstar = starstarNode === undefined ? undefined : unit.expression(starstarNode.value);
  return (frame, callee) => {
    const positional: Value[] = [];
    const named = new Map<string, Value>();
    for (const { name, value } of plain) {
      if (name === '') positional.push(value(frame));
      else named.set(name, value(frame));
    }
    const rest = star?.(frame);
    const mapping = starstar?.(frame);
    try {
      if (rest !== undefined) spreadPositional(rest, positional, unit);
      if (mapping !== undefined) spreadNamed(mapping, named, callee, unit);
    } catch (error) {
      throw locate(error, site);
    }
    return { args: positional, kwargs: named.size === 0 ? noKwargs : named };
  };
}

function spreadPositional(value: Value, into: Value[], unit: Unit): void {
  if (!isIterable(value)) {
    throw new StarlarkError(`argument after * must be iterable, not ${typeName(value)}`);
  }
  const elements = elementsOf(value, unit.thread);
  unit.thread.sequence(elements.length);
  for (const element of elements) into.push(element);
}

function spreadNamed(value: Value, into: Map<string, Value>, callee: Value, unit: Unit): void {
  if (!(value instanceof Dict)) {
    throw new StarlarkError(`argument after ** must be a mapping, not ${typeName(value)}`);
  }
  unit.thread.entries(value.size());
  for (const entry of value.entries()) {
    const { key } = entry;
    if (typeof key !== 'string') {
      throw new StarlarkError(`keywords must be strings, not ${typeName(key)}`);
    }
    if (into.has(key)) throw new StarlarkError(repeated(callee, key));
    into.set(key, entry.value);
  }
}

/** In the words of what is called. */
function repeated(callee: Value, key: string): string {
  if (callee instanceof StarlarkFunction) {
    return `function ${callee.code.name} got multiple values for parameter "${key}"`;
  }
  const name = callee instanceof Builtin ? callee.name : typeName(callee);
  if (name === 'dict') return `dict: duplicate keyword arg: "${key}"`;
  return `${name}: got multiple values for keyword argument "${key}"`;
}
