import { StarlarkError } from '../error.ts';
import { formatPercent } from '../library/percent-format.ts';
import { maxElements } from '../limits.ts';
import { longText, type Thread } from '../run/thread.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { type Int, isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';
import { Struct } from '../values/struct.ts';
import { Tuple } from '../values/tuple.ts';
import {
  addInts,
  bitwise,
  divide,
  floatOperands,
  floorDivideFloats,
  floorDivideInts,
  moduloFloats,
  moduloInts,
  multiplyInts,
  shiftLeft,
  shiftRight,
  subtractInts,
} from './arithmetic.ts';
import { type Comparison, compares, equals } from './compare.ts';
import { contains } from './contains.ts';
import { setOperation } from './sets.ts';

/** Any binary operation but `and` and `or`.
 * The operation it gives throws a StarlarkError without a position. */
export function binaryOperation(operator: string): BinaryOperation {
  const attempt = operations.get(operator);
  return (x, y, thread) => {
    const result = attempt?.(x, y, thread) ?? hostOperation(operator, x, y);
    if (result === undefined) {
      const sign = operator === 'not in' ? 'in' : operator;
      const types = `${typeName(x)} ${sign} ${typeName(y)}`;
      throw new StarlarkError(`unknown binary op: ${types}`);
    }
    return result;
  };
}

export type BinaryOperation = (x: Value, y: Value, thread: Thread) => Value;

/** Gives `undefined` if no built-in type defines the operation on these operands. */
type Attempt = (x: Value, y: Value, thread: Thread) => Value | undefined;

function hostOperation(operator: string, x: Value, y: Value): Value | undefined {
  const left = x instanceof StarlarkObject ? x.binary(operator, y, true) : undefined;
  if (left !== undefined) return left;
  return y instanceof StarlarkObject ? y.binary(operator, x, false) : undefined;
}

const comparisonOf =
  (operator: Comparison): Attempt =>
  (x, y, thread) =>
    compares(operator, x, y, thread);

const operations: ReadonlyMap<string, Attempt> = new Map<string, Attempt>([
  ['==', equals],
  ['!=', (x, y, thread) => !equals(x, y, thread)],
  ['<', comparisonOf('<')],
  ['<=', comparisonOf('<=')],
  ['>', comparisonOf('>')],
  ['>=', comparisonOf('>=')],
  ['+', add],
  ['-', subtract],
  ['*', multiply],
  ['/', (x, y) => divide(x, y)],
  ['//', floorDivide],
  ['%', modulo],
  ['in', contains],
  ['not in', (x, y, thread) => negated(contains(x, y, thread))],
  ['&', (x, y, thread) => bits('&', x, y, thread)],
  ['|', (x, y, thread) => bits('|', x, y, thread)],
  ['^', (x, y, thread) => bits('^', x, y, thread)],
  ['<<', (x, y, thread) => bits('<<', x, y, thread)],
  ['>>', (x, y, thread) => bits('>>', x, y, thread)],
]);

function negated(value: boolean | undefined): boolean | undefined {
  return value === undefined ? undefined : !value;
}

function add(x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x) && isInt(y)) return addInts(x, y, thread);
  if (typeof x === 'string' && typeof y === 'string') return concatenate(x, y, thread);
  const floats = floatOperands(x, y);
  if (floats !== undefined) return new Float(floats[0] + floats[1]);
  if (x instanceof List && y instanceof List) return new List(joined(x.items, y.items, thread));
  if (x instanceof Tuple && y instanceof Tuple) {
    return new Tuple(joined(x.items, y.items, thread));
  }
  if (x instanceof Struct && y instanceof Struct) {
    const fields = x.fields.size + y.fields.size;
    thread.entries(fields);
    // They are sorted anew.
    thread.work(2 * fields);
    return undefined;
  }
  if (x instanceof Bytes && y instanceof Bytes) {
    const size = x.data.length + y.data.length;
    thread.allocate(size);
    const data = new Uint8Array(size);
    data.set(x.data);
    data.set(y.data, x.data.length);
    return new Bytes(data);
  }
  return undefined;
}

/** Joined strings share their parts until they are read, so the shorter one is what is charged. */
export function concatenate(x: string, y: string, thread: Thread): string {
  const length = x.length + y.length;
  if (length > maxElements) thread.text(length);
  if (length >= longText) thread.join(x.length, y.length);
  else thread.allocate(2 * Math.min(x.length, y.length) + 32);
  return x + y;
}

function joined(x: readonly Value[], y: readonly Value[], thread: Thread): Value[] {
  thread.sequence(x.length + y.length);
  return x.concat(y);
}

function subtract(x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x) && isInt(y)) return subtractInts(x, y, thread);
  const floats = floatOperands(x, y);
  if (floats !== undefined) return new Float(floats[0] - floats[1]);
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) {
    return setOperation('-', x, y.elements(), thread);
  }
  return undefined;
}

function multiply(x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x)) return isInt(y) ? multiplyInts(x, y, thread) : productWithInt(y, x, thread);
  if (isInt(y)) return productWithInt(x, y, thread);
  const floats = floatOperands(x, y);
  return floats === undefined ? undefined : new Float(floats[0] * floats[1]);
}

function productWithInt(x: Value, count: Int, thread: Thread): Value | undefined {
  if (x instanceof Float) {
    const [a, b] = floatOperands(x, count) ?? [0, 0];
    return new Float(a * b);
  }
  if (typeof x === 'string') return x.repeat(repeats(x.length, count, thread));
  if (x instanceof List) return new List(repeatItems(x.items, count, thread));
  if (x instanceof Tuple) return new Tuple(repeatItems(x.items, count, thread));
  if (x instanceof Bytes) {
    const times = repeats(x.data.length, count, thread);
    const data = new Uint8Array(x.data.length * times);
    for (let index = 0; index < times; index++) data.set(x.data, index * x.data.length);
    return new Bytes(data);
  }
  return undefined;
}

function repeatItems(items: readonly Value[], count: Int, thread: Thread): Value[] {
  const times = repeats(items.length, count, thread);
  const repeated: Value[] = [];
  for (let index = 0; index < times; index++) for (const item of items) repeated.push(item);
  return repeated;
}

/** The number of copies, charged for; empty sequences are not copied at all. */
function repeats(length: number, count: Int, thread: Thread): number {
  if (length === 0) return 0;
  if (typeof count === 'bigint' || count !== (count | 0)) {
    throw new StarlarkError(`repeat count ${count} too large`);
  }
  if (count <= 0) return 0;
  if (length * count > maxElements) {
    throw new StarlarkError(`excessive repeat (${length} * ${count} elements)`);
  }
  thread.sequence(length * count);
  return count;
}

function floorDivide(x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x) && isInt(y)) return floorDivideInts(x, y, thread);
  const floats = floatOperands(x, y);
  return floats === undefined ? undefined : floorDivideFloats(...floats);
}

function modulo(x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x) && isInt(y)) return moduloInts(x, y, thread);
  if (typeof x === 'string') return formatPercent(x, y, thread);
  const floats = floatOperands(x, y);
  return floats === undefined ? undefined : moduloFloats(...floats);
}

function bits(operator: string, x: Value, y: Value, thread: Thread): Value | undefined {
  if (isInt(x) && !isInt(y) && (operator === '<<' || operator === '>>')) {
    if (y instanceof StarlarkObject && y.binary(operator, x, false) !== undefined) return undefined;
    throw new StarlarkError(`got ${typeName(y)}, want int`);
  }
  if (isInt(x) && isInt(y)) {
    if (operator === '&' || operator === '|' || operator === '^')
      return bitwise(operator, x, y, thread);
    if (operator === '<<') return shiftLeft(x, y, thread);
    if (operator === '>>') return shiftRight(x, y, thread);
    return undefined;
  }
  if (x instanceof StarlarkSet && y instanceof StarlarkSet) {
    if (operator === '&' || operator === '|' || operator === '^') {
      return setOperation(operator, x, y.elements(), thread);
    }
    return undefined;
  }
  if (operator === '|' && x instanceof Dict && y instanceof Dict) {
    thread.entries(x.size() + y.size());
    const union = new Dict();
    for (const { key, value } of x.entries()) union.put(key, value);
    for (const { key, value } of y.entries()) union.put(key, value);
    return union;
  }
  return undefined;
}
