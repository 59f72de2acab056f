import type { Thread } from '../../src/starlark/builtin.ts';
import { compares, equals } from '../../src/starlark/operate/compare.ts';
import { contains as isElement } from '../../src/starlark/operate/contains.ts';
import type { Value } from '../../src/starlark/value.ts';

/** The operators that assertions are made of. */
export function isEqual(x: Value, y: Value, thread: Thread): boolean {
  return equals(x, y, thread);
}

export function isLess(x: Value, y: Value, thread: Thread): boolean {
  return compares('<', x, y, thread);
}

export function contains(x: Value, y: Value, thread: Thread): boolean {
  return isElement(y, x, thread) ?? false;
}
