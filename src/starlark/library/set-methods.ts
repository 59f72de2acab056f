import { StarlarkError } from '../error.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { newSet, setOperation } from '../operate/sets.ts';
import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { type BoundArguments, positional } from '../signature.ts';
import { typeName, type Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';
import { named } from './dict-methods.ts';
import { type MethodCall, type MethodTable, methodTable } from './method.ts';

type SetMethod = MethodCall<StarlarkSet>;

export const setMethods: MethodTable = methodTable(
  (value: Value): value is StarlarkSet => value instanceof StarlarkSet,
  {
    add: element('add', (self, value) => {
      self.check('insert into');
      self.add(value);
    }),
    clear: (self, _thread, args, kwargs) => {
      positional('clear', 0)(args, kwargs);
      if (self.size() > 0) named('clear', () => self.clear());
      return null;
    },
    difference: several('difference', (self, others, thread) => fold('-', self, others, thread)),
    difference_update: updating('difference_update', '-', 'delete from'),
    discard: element('discard', (self, value) => {
      self.check('delete from');
      self.remove(value);
    }),
    intersection: several('intersection', (self, others, thread) =>
      fold('&', self, others, thread),
    ),
    intersection_update: updating('intersection_update', '&', 'delete from'),
    isdisjoint: single('isdisjoint', 0, (self, other, thread) => {
      thread.work(2 * other.size());
      for (const value of other.elements()) if (self.has(value)) return false;
      return true;
    }),
    issubset: single('issubset', 0, (self, other, thread) => {
      thread.work(2 * self.size());
      return self.isSubset(other);
    }),
    issuperset: single('issuperset', 0, (self, other, thread) => {
      thread.work(2 * other.size());
      return other.isSubset(self);
    }),
    pop: (self, _thread, args, kwargs) => {
      positional('pop', 0)(args, kwargs);
      named('pop', () => self.check('delete from'));
      const first = self.first();
      if (first === undefined) throw new StarlarkError('pop: empty set');
      self.remove(first.key);
      return first.key;
    },
    remove: element('remove', (self, value) => {
      self.check('delete from');
      if (self.remove(value) === undefined) throw new StarlarkError('missing key');
    }),
    symmetric_difference: single('symmetric_difference', 1, (self, other, thread) =>
      setOperation('^', self, other.elements(), thread),
    ),
    symmetric_difference_update: single('symmetric_difference_update', 1, (self, other, thread) => {
      self.check('insert into');
      thread.work(self.size() + other.size());
      replace(self, setOperation('^', self, other.elements(), thread));
      return null;
    }),
    union: (self, thread, args, kwargs) =>
      named('union', () => fold('|', self, iterables(args, kwargs, thread), thread)),
    update: (self, thread, args, kwargs) =>
      named('update', () => {
        for (const other of iterables(args, kwargs, thread)) {
          thread.entries(other.size());
          for (const value of other.elements()) {
            self.check('insert into');
            self.add(value);
          }
        }
        return null;
      }),
  },
);

/** A method of one element that gives None. */
function element(name: string, operate: (self: StarlarkSet, value: Value) => void): SetMethod {
  const parameters = positional(name, 1);
  return (self, thread, args, kwargs) => {
    const value = parameters(args, kwargs).value(0);
    const size = self.size();
    named(name, () => {
      chargeKey(value, thread);
      operate(self, value);
    });
    if (self.size() > size) thread.entries(1);
    return null;
  };
}

/** A method of one iterable. */
function single(
  name: string,
  least: number,
  operate: (self: StarlarkSet, other: StarlarkSet, thread: Thread) => Value,
): SetMethod {
  const parameters = positional(name, least, 1);
  return (self, thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const other = args.length === 0 ? new StarlarkSet() : toSet(bound, 0, thread);
    return named(name, () => operate(self, other, thread));
  };
}

/** A method of any number of iterables. */
function several(
  name: string,
  operate: (self: StarlarkSet, others: readonly StarlarkSet[], thread: Thread) => Value,
): SetMethod {
  const parameters = positional(name, 0, Number.POSITIVE_INFINITY);
  return (self, thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const others = args.map((_, index) => toSet(bound, index, thread));
    return named(name, () => operate(self, others, thread));
  };
}

/** The arguments of starlark-go's `union` and `update`, which count them in their messages. */
function iterables(
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
): readonly StarlarkSet[] {
  if (kwargs.size > 0) throw new StarlarkError('does not accept keyword arguments');
  return args.map((value, index) => {
    if (!isIterable(value)) {
      throw new StarlarkError(`argument #${index + 1} is not iterable: ${typeName(value)}`);
    }
    if (value instanceof StarlarkSet) return value;
    return newSet(elementsOf(value, thread), thread);
  });
}

function updating(name: string, operator: '&' | '-', verb: string): SetMethod {
  return several(name, (self, others, thread) => {
    self.check(verb);
    thread.work(self.size());
    replace(self, fold(operator, self, others, thread));
    return null;
  });
}

function toSet(bound: BoundArguments, index: number, thread: Thread): StarlarkSet {
  const source = bound.iterable(index);
  if (source instanceof StarlarkSet) return source;
  return named(bound.function, () => newSet(elementsOf(source, thread), thread));
}

function fold(
  operator: '|' | '&' | '-',
  self: StarlarkSet,
  others: readonly StarlarkSet[],
  thread: Thread,
): StarlarkSet {
  thread.entries(self.size());
  const start = StarlarkSet.from(self.elements());
  return others.reduce(
    (set, other) => setOperation(operator, set, other.elements(), thread),
    start,
  );
}

/** Gives a set the elements of another; those that stay keep their order. */
function replace(set: StarlarkSet, by: StarlarkSet): void {
  for (const value of [...set.elements()]) if (!by.has(value)) set.remove(value);
  for (const value of by.elements()) set.add(value);
}
