import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { List } from '../values/list.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';

export function isIterable(value: Value): value is StarlarkObject {
  return value instanceof StarlarkObject && value.isIterable;
}

/** The elements of an iterable at this moment, paid for if they must be copied; not to be changed.
 * @throws {StarlarkError} if the value is not iterable. */
export function elementsOf(value: Value, thread: Thread): readonly Value[] {
  if (value instanceof List || value instanceof Tuple) return value.items;
  if (!isIterable(value)) throw new StarlarkError(`${typeName(value)} value is not iterable`);
  const size = value.size();
  if (size !== undefined) {
    thread.sequence(size);
    return [...value.elements()];
  }
  const elements: Value[] = [];
  for (const element of value.elements()) {
    thread.sequence(1);
    elements.push(element);
  }
  return elements;
}
