import { StarlarkError } from '../error.ts';
import { equals } from '../operate/compare.ts';
import { extendList } from '../operate/in-place.ts';
import { outOfRange } from '../operate/subscript.ts';
import { slotBytes } from '../run/charge.ts';
import { type BoundArguments, positional } from '../signature.ts';
import { List } from '../values/list.ts';
import { typeName, type Value } from '../values/object.ts';
import { type MethodTable, methodTable } from './method.ts';

const append = positional('append', 1);
const clear = positional('clear', 0);
const extend = positional('extend', 1);
const index = positional('index', 1, 3);
const insert = positional('insert', 2);
const pop = positional('pop', 0, 1);
const remove = positional('remove', 1);

export const listMethods: MethodTable = methodTable(
  (value: Value): value is List => value instanceof List,
  {
    append: (self, thread, args, kwargs) => {
      const value = args.length === 1 && kwargs.size === 0 ? args[0] : undefined;
      const item = value === undefined ? append(args, kwargs).value(0) : value;
      change(self, 'append', 'append to');
      thread.allocate(slotBytes(item));
      self.items.push(item);
      return null;
    },
    clear: (self, _thread, args, kwargs) => {
      clear(args, kwargs);
      change(self, 'clear', 'clear');
      self.items.length = 0;
      return null;
    },
    extend: (self, thread, args, kwargs) => {
      const source = extend(args, kwargs).iterable(0);
      change(self, 'extend', 'extend');
      extendList(self, source, thread);
      return null;
    },
    index: (self, thread, args, kwargs) => {
      const bound = index(args, kwargs);
      const wanted = bound.value(0);
      const { start, end } = sliceOf(bound, 1, self.items.length);
      for (let at = start; at < end; at++) {
        thread.work(1 / 16);
        if (equals(self.items[at] ?? null, wanted, thread)) return at;
      }
      throw new StarlarkError('index: value not in list');
    },
    insert: (self, thread, args, kwargs) => {
      const bound = insert(args, kwargs);
      const at = bound.int(0);
      change(self, 'insert', 'insert into');
      const { length } = self.items;
      thread.work(length / 64);
      thread.allocate(slotBytes(bound.value(1)));
      self.items.splice(at < 0 ? Math.max(0, at + length) : at, 0, bound.value(1));
      return null;
    },
    pop: (self, thread, args, kwargs) => {
      const { length } = self.items;
      const given = pop(args, kwargs).optional(0) === undefined ? -1 : pop(args, kwargs).int(0);
      const at = given < 0 ? given + length : given;
      if (at < 0 || at >= length) {
        throw new StarlarkError(`pop: ${outOfRange('list', given, length)}`);
      }
      change(self, 'pop', 'pop from');
      if (at === length - 1) return self.items.pop() ?? null;
      thread.work((length - at) / 64);
      return self.items.splice(at, 1)[0] ?? null;
    },
    remove: (self, thread, args, kwargs) => {
      const wanted = remove(args, kwargs).value(0);
      change(self, 'remove', 'remove from');
      thread.work(self.items.length / 16);
      const at = self.items.findIndex((item) => equals(item, wanted, thread));
      if (at < 0) throw new StarlarkError('remove: element not found');
      self.items.splice(at, 1);
      return null;
    },
  },
);

function change(list: List, method: string, verb: string): void {
  if (!list.isMutable) {
    try {
      list.checkMutable(verb);
    } catch (error) {
      throw error instanceof StarlarkError
        ? new StarlarkError(`${method}: ${error.message}`)
        : error;
    }
  }
}

/** Optional bounds given as arguments, clipped like those of a slice. */
export function sliceOf(
  bound: BoundArguments,
  first: number,
  length: number,
): { readonly start: number; readonly end: number } {
  const read = (at: number, fallback: number): number => {
    const value = bound.optional(at);
    if (value === undefined || value === null) return fallback;
    if (typeof value === 'bigint') return value < 0 ? 0 : length;
    if (typeof value !== 'number') return bound.fail(at, `got ${typeName(value)}, want int`);
    return Math.min(Math.max(value < 0 ? value + length : value, 0), length);
  };
  return { start: read(first, 0), end: read(first + 1, length) };
}
