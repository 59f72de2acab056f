import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { Bytes, compareBytes } from '../values/bytes.ts';
import { Float } from '../values/float.ts';
import { isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';
import { Struct } from '../values/struct.ts';
import { Tuple } from '../values/tuple.ts';
import { passOver } from './arithmetic.ts';

const maxDepth = 200;

export type Comparison = '<' | '<=' | '>' | '>=';

/** `x == y`. Charges a step for each pair of elements: shared parts can make a small value huge. */
export function equals(x: Value, y: Value, thread: Thread): boolean {
  if (!(x instanceof StarlarkObject) && !(y instanceof StarlarkObject)) {
    return equalScalars(x, y, thread);
  }
  const equal = (a: Value, b: Value, depth: number): boolean => {
    if (!(a instanceof StarlarkObject) && !(b instanceof StarlarkObject)) {
      return equalScalars(a, b, thread);
    }
    if (a instanceof Float || b instanceof Float) return equalFloat(a, b);
    if (!(a instanceof StarlarkObject && b instanceof StarlarkObject)) return false;
    if (depth > maxDepth) throw tooDeep();
    const size = a instanceof Struct ? a.fields.size : (a.size() ?? 0);
    const isListed = a instanceof List || a instanceof Tuple;
    const other = b instanceof Struct ? b.fields.size : b.size();
    thread.work(size === other ? 1 + size * (isListed ? 1 / 16 : 2) : 1);
    return a.equals(b, depth + 1, equal);
  };
  return equal(x, y, 0);
}

/** Long texts and ints of one length are read to their end, as often as a program asks. */
function equalScalars(x: Value, y: Value, thread: Thread): boolean {
  if (typeof x === 'string') {
    if (x.length > 64 && typeof y === 'string' && x.length === y.length) {
      thread.work(x.length / 64);
    }
  } else if (typeof x === 'bigint') {
    passOver(x, thread);
  }
  return x === y;
}

function tooDeep(): StarlarkError {
  return new StarlarkError('comparison exceeded maximum recursion depth');
}

function equalFloat(x: Value, y: Value): boolean {
  const a = numeric(x);
  const b = numeric(y);
  return a !== undefined && b !== undefined && orderNumbers(a, b) === 0;
}

function numeric(value: Value): number | bigint | undefined {
  if (value instanceof Float) return value.value;
  return isInt(value) ? value : undefined;
}

/** Exact between int and float; NaN equals itself and is greater than all else. */
function orderNumbers(x: number | bigint, y: number | bigint): number {
  if (x < y) return -1;
  if (x > y) return 1;
  const isNanX = Number.isNaN(x);
  const isNanY = Number.isNaN(y);
  if (isNanX === isNanY) return 0;
  return isNanX ? 1 : -1;
}

/** An ordered comparison.
 * @throws {StarlarkError} if the types have no order. */
export function compares(operator: Comparison, x: Value, y: Value, thread: Thread): boolean {
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) {
    return compareSets(operator, x, y, thread);
  }
  const sign = order(operator, x, y, thread, 0);
  switch (operator) {
    case '<':
      return sign < 0;
    case '<=':
      return sign <= 0;
    case '>':
      return sign > 0;
    case '>=':
      return sign >= 0;
  }
}

function compareSets(
  operator: Comparison,
  x: StarlarkSet,
  y: StarlarkSet,
  thread: Thread,
): boolean {
  thread.work(2 * (x.size() + y.size()));
  const [small, large] = operator.startsWith('<') ? [x, y] : [y, x];
  const isProper = operator.length === 1;
  if (isProper ? small.size() >= large.size() : small.size() > large.size()) return false;
  return small.isSubset(large);
}

/** Negative, zero or positive; the operator is for the message alone. */
export function compareOrder(operator: string, x: Value, y: Value, thread: Thread): number {
  return order(operator, x, y, thread, 0);
}

function order(operator: string, x: Value, y: Value, thread: Thread, depth: number): number {
  const a = numeric(x);
  const b = numeric(y);
  if (a !== undefined && b !== undefined) {
    passOver(a, thread);
    return orderNumbers(a, b);
  }
  if (typeof x === 'string' && typeof y === 'string') {
    const length = Math.min(x.length, y.length);
    if (length > 64) thread.work(length / 64);
    return x < y ? -1 : x > y ? 1 : 0;
  }
  if (typeof x === 'boolean' && typeof y === 'boolean') return Number(x) - Number(y);
  if (x instanceof Bytes && y instanceof Bytes) return compareBytes(x.data, y.data);
  const isSame =
    (x instanceof List && y instanceof List) || (x instanceof Tuple && y instanceof Tuple);
  if (isSame) {
    if (depth > maxDepth) throw tooDeep();
    return orderItems(operator, x.items, y.items, thread, depth + 1);
  }
  throw new StarlarkError(`${typeName(x)} ${operator} ${typeName(y)} not implemented`);
}

function orderItems(
  operator: string,
  x: readonly Value[],
  y: readonly Value[],
  thread: Thread,
  depth: number,
): number {
  const shared = Math.min(x.length, y.length);
  for (let index = 0; index < shared; index++) {
    const a = x[index] ?? null;
    const b = y[index] ?? null;
    thread.work(1);
    if (equals(a, b, thread)) continue;
    return order(operator, a, b, thread, depth);
  }
  return x.length - y.length;
}
