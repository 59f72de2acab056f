import { StarlarkError } from '../error.ts';
import { List } from '../values/list.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { Tuple } from '../values/tuple.ts';

export function isIterable(value: Value): value is StarlarkObject {
  return value instanceof StarlarkObject && value.isIterable;
}

/** The elements of an iterable at this moment; not to be changed by the caller.
 * @throws {StarlarkError} if the value is not iterable. */
export function elementsOf(value: Value): readonly Value[] {
  if (value instanceof List || value instanceof Tuple) return value.items;
  if (!isIterable(value)) throw new StarlarkError(`${typeName(value)} value is not iterable`);
  return [...value.elements()];
}
