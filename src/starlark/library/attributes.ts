import { suggestion } from '../did-you-mean.ts';
import { StarlarkError } from '../error.ts';
import { Builtin } from '../values/callable.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { methodOf, methodsOf } from './method-tables.ts';

/** `value.name`, or nothing. */
export function findAttribute(value: Value, name: string): Value | undefined {
  const method = methodOf(value, name);
  if (method !== undefined) {
    return new Builtin(
      name,
      (thread, args, kwargs, position) => method.call(value, thread, args, kwargs, position),
      typeName(value),
    );
  }
  return value instanceof StarlarkObject ? value.attribute(name) : undefined;
}

/** `value.name`.
 * @throws {StarlarkError} that names the nearest attribute there is. */
export function attributeOf(value: Value, name: string): Value {
  const found = findAttribute(value, name);
  if (found === undefined) throw new StarlarkError(missing(value, name));
  return found;
}

export function setAttributeOf(value: Value, name: string, field: Value): void {
  if (!(value instanceof StarlarkObject)) {
    throw new StarlarkError(`can't assign to .${name} field of ${typeName(value)}`);
  }
  if (!value.setAttribute(name, field)) throw new StarlarkError(missing(value, name));
}

/** What `dir` lists, sorted. */
export function attributeNames(value: Value): readonly string[] {
  const methods = methodsOf(value);
  if (methods !== undefined) return [...methods.keys()];
  return value instanceof StarlarkObject ? value.attributeNames().toSorted() : [];
}

function missing(value: Value, name: string): string {
  const message =
    value instanceof StarlarkObject
      ? value.missingAttribute(name)
      : `${typeName(value)} has no .${name} field or method`;
  return message + suggestion(name, attributeNames(value), '.');
}
