import { StarlarkError } from '../error.ts';
import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import { Bytes } from '../values/bytes.ts';
import { Dict } from '../values/dict.ts';
import { Float } from '../values/float.ts';
import { isInt } from '../values/integer.ts';
import { List } from '../values/list.ts';
import { typeName, type Value } from '../values/object.ts';
import { Range } from '../values/range.ts';
import { StarlarkSet } from '../values/set.ts';
import { Tuple } from '../values/tuple.ts';
import { equals } from './compare.ts';

/** `x in y`; `undefined` if y holds no elements. */
export function contains(x: Value, y: Value, thread: Thread): boolean | undefined {
  if (y instanceof List || y instanceof Tuple) {
    thread.work(y.items.length / 16);
    return y.items.some((item) => equals(item, x, thread));
  }
  if (y instanceof StarlarkSet) {
    chargeKey(x, thread);
    return y.has(x);
  }
  if (y instanceof Dict) return isKey(x, y, thread);
  if (typeof y === 'string') {
    if (typeof x !== 'string') {
      const got = typeName(x);
      throw new StarlarkError(`'in <string>' requires string as left operand, not ${got}`);
    }
    thread.search(y.length, x.length);
    return y.includes(x);
  }
  if (y instanceof Range) return inRange(x, y);
  if (y instanceof Bytes) return inBytes(x, y, thread);
  return undefined;
}

/** Whether a dict has a key; what cannot be hashed is a key of none. */
function isKey(x: Value, dict: Dict, thread: Thread): boolean {
  try {
    chargeKey(x, thread);
    return dict.has(x);
  } catch (error) {
    if (error instanceof StarlarkError && !error.isFatal) return false;
    throw error;
  }
}

function inRange(x: Value, range: Range): boolean {
  const value = x instanceof Float ? x.value : x;
  if (!isInt(value)) {
    const got = typeName(x);
    throw new StarlarkError(`'in <range>' requires integer as left operand, not ${got}`);
  }
  return typeof value === 'number' && range.includes(value);
}

function inBytes(x: Value, bytes: Bytes, thread: Thread): boolean {
  thread.work(bytes.data.length / 64);
  if (isInt(x)) {
    if (x < 0 || x > 255) {
      const wanted = 'want value in unsigned 8-bit range';
      throw new StarlarkError(`int in bytes: ${x} out of range (${wanted})`);
    }
    return bytes.data.includes(Number(x));
  }
  if (!(x instanceof Bytes)) {
    const got = typeName(x);
    throw new StarlarkError(`'in bytes' requires bytes or int as left operand, not ${got}`);
  }
  thread.work((bytes.data.length * (1 + x.data.length)) / 16);
  return findBytes(bytes.data, x.data) >= 0;
}

function findBytes(data: Uint8Array, wanted: Uint8Array): number {
  for (let start = 0; start + wanted.length <= data.length; start++) {
    if (wanted.every((byte, offset) => data[start + offset] === byte)) return start;
  }
  return -1;
}
