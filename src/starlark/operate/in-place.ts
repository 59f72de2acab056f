import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { Dict } from '../values/dict.ts';
import { List } from '../values/list.ts';
import type { Value } from '../values/object.ts';
import { elementsOf, isIterable } from './iterate.ts';

/** `x += y` for a list and an iterable; false if it is another operation. */
export function addInPlace(x: Value, y: Value, thread: Thread): boolean {
  if (!(x instanceof List) || !isIterable(y)) return false;
  x.checkMutable('apply += to');
  extendList(x, y, thread);
  return true;
}

/** `x |= y` for two dicts; false if it is another operation. */
export function mergeInPlace(x: Value, y: Value, thread: Thread): boolean {
  if (!(x instanceof Dict && y instanceof Dict)) return false;
  x.check('apply |= to');
  thread.entries(y.size());
  for (const { key, value } of [...y.entries()]) {
    chargeKey(key, thread);
    x.put(key, value);
  }
  return true;
}

/** Appends all elements; the list may be its own source. */
export function extendList(list: List, source: Value, thread: Thread): void {
  const values = elementsOf(source, thread);
  thread.sequence(2 * values.length);
  // What a list has room for is up to twice what is in it, while its elements are moved there.
  thread.allocate(8 * values.length);
  const count = values.length;
  for (let index = 0; index < count; index++) list.items.push(values[index] ?? null);
}
