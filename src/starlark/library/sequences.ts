import { StarlarkError } from '../error.ts';
import { addInts } from '../operate/arithmetic.ts';
import { compareOrder } from '../operate/compare.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { callFromHost } from '../run/call.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { positional, signature } from '../signature.ts';
import type { NativeCall } from '../values/callable.ts';
import { List } from '../values/list.ts';
import { isTrue, type StarlarkObject, typeName, type Value } from '../values/object.ts';
import { Range } from '../values/range.ts';
import { Tuple } from '../values/tuple.ts';
import { named } from './dict-methods.ts';
import { sortValues } from './sorting.ts';

const enumerateParameters = signature('enumerate', ['iterable', 'start?']);
const sortedParameters = signature('sorted', ['iterable', 'key?', 'reverse?']);

/** Built-ins over iterables. */
export const sequences: Readonly<Record<string, NativeCall>> = {
  all: (thread, args, kwargs) => {
    const values = charged(positional('all', 1)(args, kwargs).iterable(0), thread);
    return values.every((value) => isTrue(value));
  },
  any: (thread, args, kwargs) => {
    const values = charged(positional('any', 1)(args, kwargs).iterable(0), thread);
    return values.some((value) => isTrue(value));
  },
  enumerate: (thread, args, kwargs) => {
    const bound = enumerateParameters(args, kwargs);
    const values = charged(bound.iterable(0), thread);
    thread.tuples(values.length, 3);
    const start = bound.long(1, 0);
    return new List(
      values.map((value, index) => new Tuple([addInts(start, index, thread), value])),
    );
  },
  list: (thread, args, kwargs) => {
    const bound = positional('list', 0, 1)(args, kwargs);
    return new List(args.length === 0 ? [] : charged(bound.iterable(0), thread).slice());
  },
  max: (thread, args, kwargs) => extreme('max', args, kwargs, thread),
  min: (thread, args, kwargs) => extreme('min', args, kwargs, thread),
  range: (thread, args, kwargs) => {
    thread.allocate(weights.range);
    const bound = positional('range', 1, 3)(args, kwargs);
    const first = bound.exact(0);
    if (args.length === 1) return new Range(0, first, 1);
    const stop = bound.exact(1);
    const step = bound.exact(2, 1);
    if (step === 0) throw new StarlarkError('range: step argument must not be zero');
    return new Range(first, stop, step);
  },
  reversed: (thread, args, kwargs) => {
    const source = positional('reversed', 1)(args, kwargs).iterable(0);
    return new List(charged(source, thread).toReversed());
  },
  sorted: (thread, args, kwargs) => {
    const bound = sortedParameters(args, kwargs);
    const source = bound.iterable(0);
    const key = bound.callable(1);
    const isReversed = bound.bool(2, false);
    const keyOf =
      key === undefined ? undefined : (value: Value) => callFromHost(key, [value], thread);
    return held(
      source,
      () => new List(sortValues(elementsOf(source, thread), keyOf, isReversed, thread)),
    );
  },
};

/** The elements, paid for before they are copied: a range can be long. */
function charged(source: StarlarkObject, thread: Thread): readonly Value[] {
  const isCopied = !(source instanceof List || source instanceof Tuple);
  if (!isCopied) thread.sequence(source.size() ?? 0);
  return elementsOf(source, thread);
}

function held<T>(source: StarlarkObject, operate: () => T): T {
  source.hold();
  try {
    return operate();
  } finally {
    source.release();
  }
}

const keyParameter = { max: signature('max', ['key?']), min: signature('min', ['key?']) };

function extreme(
  name: 'max' | 'min',
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
): Value {
  if (args.length === 0) {
    throw new StarlarkError(`${name} requires at least one positional argument`);
  }
  const key = keyParameter[name]([], kwargs).callable(0);
  const [only] = args;
  const source = args.length === 1 && only !== undefined ? only : new Tuple(args);
  if (!isIterable(source)) {
    throw new StarlarkError(`${name}: ${typeName(source)} value is not iterable`);
  }
  const keyOf = (value: Value): Value =>
    key === undefined ? value : callFromHost(key, [value], thread);
  return held(source, () => {
    const values = charged(source, thread);
    const [first] = values;
    if (first === undefined) throw new StarlarkError(`${name}: argument is an empty sequence`);
    let best = first;
    let bestKey = keyOf(best);
    const operator = name === 'max' ? '>' : '<';
    for (let index = 1; index < values.length; index++) {
      const value = values[index] ?? null;
      const valueKey = keyOf(value);
      const sign = named(name, () => compareOrder(operator, valueKey, bestKey, thread));
      if (name === 'max' ? sign > 0 : sign < 0) {
        best = value;
        bestKey = valueKey;
      }
    }
    return best;
  });
}
