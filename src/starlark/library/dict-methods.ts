import { StarlarkError } from '../error.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { positional } from '../signature.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import { typeName, type Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';
import { type MethodTable, methodTable } from './method.ts';

const clear = positional('clear', 0);
const get = positional('get', 1, 2);
const items = positional('items', 0);
const keys = positional('keys', 0);
const pop = positional('pop', 1, 2);
const popitem = positional('popitem', 0);
const setdefault = positional('setdefault', 1, 2);
const values = positional('values', 0);

export const dictMethods: MethodTable = methodTable(
  (value: Value): value is Dict => value instanceof Dict,
  {
    clear: (self, _thread, args, kwargs) => {
      clear(args, kwargs);
      named('clear', () => self.clear());
      return null;
    },
    get: (self, thread, args, kwargs) => {
      const bound = get(args, kwargs);
      const key = bound.value(0);
      const find = (): Value | undefined => {
        chargeKey(key, thread);
        return self.get(key);
      };
      return named('get', find) ?? bound.value(1);
    },
    items: (self, thread, args, kwargs) => {
      items(args, kwargs);
      thread.tuples(self.size(), 3);
      const pairs: Value[] = [];
      for (const { key, value } of self.entries()) pairs.push(new Tuple([key, value]));
      return new List(pairs);
    },
    keys: (self, thread, args, kwargs) => {
      keys(args, kwargs);
      thread.sequence(self.size());
      return new List([...self.keys()]);
    },
    pop: (self, thread, args, kwargs) => {
      const bound = pop(args, kwargs);
      const entry = named('pop', () => {
        chargeKey(bound.value(0), thread);
        return self.remove(bound.value(0));
      });
      const value = entry?.value ?? bound.optional(1);
      if (entry !== undefined) return entry.value;
      if (value === undefined) throw new StarlarkError('pop: missing key');
      return value;
    },
    popitem: (self, _thread, args, kwargs) => {
      popitem(args, kwargs);
      const first = self.first();
      if (first === undefined) throw new StarlarkError('popitem: empty dict');
      named('popitem', () => self.remove(first.key));
      return new Tuple([first.key, first.value]);
    },
    setdefault: (self, thread, args, kwargs) => {
      const bound = setdefault(args, kwargs);
      return named('setdefault', () => {
        chargeKey(bound.value(0), thread);
        const found = self.get(bound.value(0));
        if (found !== undefined) return found;
        self.insert(bound.value(0), bound.value(1));
        thread.entries(1);
        return bound.value(1);
      });
    },
    update: (self, thread, args, kwargs) => {
      if (args.length > 1) {
        throw new StarlarkError(`update: got ${args.length} arguments, want at most 1`);
      }
      named('update', () => updateDict(self, args[0], kwargs, thread));
      return null;
    },
    values: (self, thread, args, kwargs) => {
      values(args, kwargs);
      thread.sequence(self.size());
      return new List([...self.entries()].map(({ value }) => value));
    },
  },
);

/** Puts a method's name before the errors of what it does. */
export function named<T>(method: string, operate: () => T): T {
  try {
    return operate();
  } catch (error) {
    if (!(error instanceof StarlarkError) || error.isFatal) throw error;
    throw new StarlarkError(`${method}: ${error.message}`);
  }
}

/** Adds the entries of a mapping or of pairs, then the keywords. */
export function updateDict(
  dict: Dict,
  source: Value | undefined,
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
): void {
  if (source instanceof Dict) {
    thread.entries(source.size());
    for (const { key, value } of [...source.entries()]) {
      chargeKey(key, thread);
      dict.insert(key, value);
    }
  } else if (source !== undefined) {
    if (!isIterable(source)) {
      throw new StarlarkError(`got ${typeName(source)}, want iterable`);
    }
    const pairs = elementsOf(source, thread);
    thread.entries(pairs.length);
    pairs.forEach((pair, index) => {
      insertPair(dict, pair, index, thread);
    });
  }
  for (const [key, value] of kwargs) dict.insert(key, value);
}

function insertPair(dict: Dict, pair: Value, index: number, thread: Thread): void {
  const element = `dictionary update sequence element #${index}`;
  if (!isIterable(pair)) {
    throw new StarlarkError(`${element} is not iterable (${typeName(pair)})`);
  }
  const values = elementsOf(pair, thread);
  if (values.length !== 2) {
    throw new StarlarkError(`${element} has length ${values.length}, want 2`);
  }
  chargeKey(values[0] ?? null, thread);
  dict.insert(values[0] ?? null, values[1] ?? null);
}
