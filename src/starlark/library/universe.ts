import { StarlarkError } from '../error.ts';
import { negateInt } from '../operate/arithmetic.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { newSet } from '../operate/sets.ts';
import { positional, signature } from '../signature.ts';
import { Builtin, type NativeCall } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { isTrue, StarlarkObject, typeName, type Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { attributeNames, attributeOf, findAttribute } from './attributes.ts';
import { conversions } from './conversions.ts';
import { named, updateDict } from './dict-methods.ts';
import { sequences } from './sequences.ts';
import { refuseKeywords, soleArgument } from './sole-argument.ts';
import { reprIn, strIn } from './text-of.ts';

const getattrParameters = positional('getattr', 2, 3);

const core: Readonly<Record<string, NativeCall>> = {
  abs: (thread, args, kwargs) => {
    const value = positional('abs', 1)(args, kwargs).value(0);
    if (value instanceof Float) return new Float(Math.abs(value.value));
    if (isInt(value)) return value < 0 ? negateInt(value, thread) : value;
    throw new StarlarkError(`got ${typeName(value)}, want int or float`);
  },
  bool: (_thread, args, kwargs) =>
    isTrue(signature('bool', ['x?'])(args, kwargs).optional(0) ?? false),
  dict: (thread, args, kwargs) => {
    if (args.length > 1) {
      throw new StarlarkError(`dict: got ${args.length} arguments, want at most 1`);
    }
    thread.entries(0);
    const dict = new Dict();
    named('dict', () => updateDict(dict, args[0], kwargs, thread));
    return dict;
  },
  dir: (thread, args, kwargs) => {
    const names = attributeNames(soleArgument('dir', args, kwargs));
    thread.sequence(names.length);
    return new List([...names]);
  },
  fail: (thread, args, kwargs) => {
    const separator = signature('fail', ['sep?'])([], kwargs).string(0, ' ');
    const text = args
      .map((value) => (typeof value === 'string' ? value : reprIn(value, thread)))
      .join(separator);
    throw new StarlarkError(`fail: ${text}`);
  },
  getattr: (_thread, args, kwargs) => {
    const bound = getattrParameters(args, kwargs);
    const name = bound.string(1);
    const fallback = bound.optional(2);
    if (fallback !== undefined) return findAttribute(bound.value(0), name) ?? fallback;
    return named('getattr', () => attributeOf(bound.value(0), name));
  },
  hasattr: (_thread, args, kwargs) => {
    const bound = positional('hasattr', 2)(args, kwargs);
    return findAttribute(bound.value(0), bound.string(1)) !== undefined;
  },
  len: (_thread, args, kwargs) => {
    const value = args.length === 1 && kwargs.size === 0 ? args[0] : undefined;
    const subject = value === undefined ? positional('len', 1)(args, kwargs).value(0) : value;
    const size =
      typeof subject === 'string'
        ? subject.length
        : subject instanceof StarlarkObject
          ? subject.size()
          : undefined;
    if (size === undefined) {
      throw new StarlarkError(`len: value of type ${typeName(subject)} has no len`);
    }
    return size;
  },
  print: (thread, args, kwargs, position) => {
    const separator = signature('print', ['sep?'])([], kwargs).string(0, ' ');
    const text = args.map((value) => strIn(value, thread)).join(separator);
    thread.print(text, position);
    return null;
  },
  repr: (thread, args, kwargs) => reprIn(positional('repr', 1)(args, kwargs).value(0), thread),
  set: (thread, args, kwargs) => {
    const bound = positional('set', 0, 1)(args, kwargs);
    if (args.length === 0) {
      thread.entries(0);
      return new StarlarkSet();
    }
    const values = elementsOf(bound.iterable(0), thread);
    return named('set', () => newSet(values, thread));
  },
  str: (thread, args, kwargs) => strIn(soleArgument('str', args, kwargs, 'exactly 1'), thread),
  tuple: (thread, args, kwargs) => {
    const bound = positional('tuple', 0, 1)(args, kwargs);
    if (args.length === 0) return new Tuple([]);
    const source = bound.iterable(0);
    if (source instanceof Tuple) return source;
    thread.sequence(source.size() ?? 0);
    return new Tuple([...elementsOf(source, thread)]);
  },
  type: (_thread, args, kwargs) => typeName(soleArgument('type', args, kwargs, 'exactly 1')),
  zip: (thread, args, kwargs) => {
    refuseKeywords('zip', kwargs);
    const columns = args.map((source, index) => {
      if (!isIterable(source)) {
        const number = index + 1;
        throw new StarlarkError(`zip: argument #${number} is not iterable: ${typeName(source)}`);
      }
      return elementsOf(source, thread);
    });
    const count = columns.length === 0 ? 0 : Math.min(...columns.map(({ length }) => length));
    thread.tuples(count, columns.length);
    const rows: Value[] = [];
    for (let row = 0; row < count; row++) {
      rows.push(new Tuple(columns.map((column) => column[row] ?? null)));
    }
    return new List(rows);
  },
};

/** The names every program knows. */
export const universe: ReadonlyMap<string, Value> = new Map<string, Value>([
  ['None', null],
  ['True', true],
  ['False', false],
  ...Object.entries({ ...core, ...conversions, ...sequences }).map(
    ([name, call]): [string, Value] => [name, new Builtin(name, call)],
  ),
]);
