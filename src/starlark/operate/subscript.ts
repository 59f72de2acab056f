import { StarlarkError } from '../error.ts';
import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { weights } from '../run/weights.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { Range } from '../values/range.ts';
import { repr } from '../values/repr.ts';
import { Tuple } from '../values/tuple.ts';

/** `x[key]`. */
export function subscript(x: Value, key: Value, thread: Thread): Value {
  if (x instanceof Dict) {
    chargeKey(key, thread);
    const value = x.get(key);
    if (value === undefined) throw new StarlarkError(`key ${repr(key)} not in dict`);
    return value;
  }
  if (x instanceof List || x instanceof Tuple) {
    return x.items[position(x, key, x.items.length)] ?? null;
  }
  if (typeof x === 'string') {
    thread.read(x.length);
    return x.charAt(position(x, key, x.length));
  }
  if (x instanceof Range) return x.at(position(x, key, x.length));
  if (x instanceof Bytes) {
    const at = position(x, key, x.data.length);
    return new Bytes(x.data.slice(at, at + 1));
  }
  const value = x instanceof StarlarkObject ? x.index(key) : undefined;
  if (value === undefined) {
    throw new StarlarkError(`unhandled index operation ${typeName(x)}[${typeName(key)}]`);
  }
  return value;
}

function position(x: Value, key: Value, length: number): number {
  const type = typeName(x);
  if (!isInt(key)) throw new StarlarkError(`${type} index: got ${typeName(key)}, want int`);
  const at = typeof key === 'bigint' ? Number.NaN : key < 0 ? key + length : key;
  if (at >= 0 && at < length) return at;
  throw new StarlarkError(outOfRange(type, key, length));
}

export function outOfRange(type: string, index: number | bigint, length: number): string {
  if (length === 0) return `index ${index} out of range: empty ${type}`;
  return `${type} index ${index} out of range [${-length}:${length - 1}]`;
}

/** `x[key] = value`. */
export function assignSubscript(x: Value, key: Value, value: Value, thread: Thread): void {
  if (x instanceof Dict) {
    chargeKey(key, thread);
    x.insert(key, value);
    return;
  }
  if (!(x instanceof List)) {
    throw new StarlarkError(`${typeName(x)} value does not support item assignment`);
  }
  if (!isInt(key)) throw new StarlarkError(`got ${typeName(key)}, want int`);
  const at = position(x, key, x.items.length);
  x.checkMutable('assign to element of');
  x.items[at] = value;
}

export interface SliceBounds {
  readonly low: Value;
  readonly high: Value;
  readonly step: Value;
}

/** `x[low:high:step]`; None stands for a bound left out. */
export function slice(x: Value, bounds: SliceBounds, thread: Thread): Value {
  const length = sliceLength(x);
  if (length === undefined) throw new StarlarkError(`invalid slice operand ${typeName(x)}`);
  const step = sliceStep(bounds.step);
  const [start, end] = step > 0 ? forward(bounds, length) : backward(bounds, length);
  if (x instanceof Range) {
    thread.allocate(weights.range);
    return new Range(x.at(start), x.at(end), x.step * step);
  }
  if (step === 1) {
    thread.work((end - start) / 64);
    if (typeof x === 'string') {
      thread.allocate(weights.string);
      return x.slice(start, end);
    }
    if (x instanceof Bytes) {
      thread.allocate(weights.bytes + Math.max(0, end - start));
      return new Bytes(x.data.slice(start, end));
    }
  }
  const count = Math.max(0, Math.ceil((end - start) / step));
  thread.sequence(count);
  if (typeof x === 'string') {
    let text = '';
    for (let index = 0; index < count; index++) text += x.charAt(start + index * step);
    return text;
  }
  if (x instanceof Bytes) {
    const at = (index: number): number => x.data[start + index * step] ?? 0;
    return new Bytes(Uint8Array.from({ length: count }, (_, index) => at(index)));
  }
  if (!(x instanceof List || x instanceof Tuple)) return null;
  const items: Value[] = [];
  for (let index = 0; index < count; index++) items.push(x.items[start + index * step] ?? null);
  return x instanceof List ? new List(items) : new Tuple(items);
}

function sliceLength(x: Value): number | undefined {
  if (typeof x === 'string') return x.length;
  const isSequence =
    x instanceof List || x instanceof Tuple || x instanceof Range || x instanceof Bytes;
  return isSequence ? x.size() : undefined;
}

function sliceStep(value: Value): number {
  if (value === null) return 1;
  if (!isInt(value)) {
    throw new StarlarkError(`invalid slice step: got ${typeName(value)}, want int`);
  }
  if (value === 0) throw new StarlarkError('zero is not a valid slice step');
  return clamp(value, -(2 ** 31), 2 ** 31);
}

function forward({ low, high }: SliceBounds, length: number): readonly [number, number] {
  const start = clamp(bound(low, 'start', 0, length), 0, length);
  const end = clamp(bound(high, 'end', length, length), 0, length);
  return [start, Math.max(start, end)];
}

function backward({ low, high }: SliceBounds, length: number): readonly [number, number] {
  const start = clamp(bound(low, 'start', length - 1, length), -1, length - 1);
  const end = high === null ? -1 : clamp(bound(high, 'end', -1, length), -1, length - 1);
  return [start, Math.min(start, end)];
}

function bound(value: Value, name: string, fallback: number, length: number): number {
  if (value === null) return fallback;
  if (!isInt(value)) {
    throw new StarlarkError(`invalid ${name} index: got ${typeName(value)}, want int`);
  }
  const index = clamp(value, -(2 ** 40), 2 ** 40);
  return index < 0 ? index + length : index;
}

function clamp(value: number | bigint, low: number, high: number): number {
  return value < low ? low : value > high ? high : Number(value);
}
