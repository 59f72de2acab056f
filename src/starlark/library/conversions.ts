import { StarlarkError } from '../error.ts';
import { toDouble } from '../operate/arithmetic.ts';
import { elementsOf, isIterable } from '../operate/iterate.ts';
import { weights } from '../run/weights.ts';
import { positional, signature } from '../signature.ts';
import { Bytes } from '../values/bytes.ts';
import type { NativeCall } from '../values/callable.ts';
import { Float } from '../values/float.ts';
import { type Int, isInt, parseInteger } from '../values/integer.ts';
import { typeName, type Value } from '../values/object.ts';
import { truncate } from './format-number.ts';
import { refuseKeywords, soleArgument } from './sole-argument.ts';

const intParameters = signature('int', ['x', 'base?']);
const encoder = new TextEncoder();

/** Built-ins that make one scalar from another. */
export const conversions: Readonly<Record<string, NativeCall>> = {
  bytes: (thread, args, kwargs) => {
    const value = soleArgument('bytes', args, kwargs, 'exactly 1');
    if (value instanceof Bytes) return value;
    thread.allocate(weights.bytes);
    if (typeof value === 'string') {
      thread.text(value.length * 2);
      return new Bytes(encoder.encode(value));
    }
    if (!isIterable(value)) {
      const got = typeName(value);
      throw new StarlarkError(`bytes: got ${got}, want string, bytes, or iterable of ints`);
    }
    return new Bytes(Uint8Array.from(elementsOf(value, thread), byteAt));
  },
  chr: (_thread, args, kwargs) => {
    const code = soleArgument('chr', args, kwargs);
    if (!isInt(code)) throw new StarlarkError(`chr: got ${typeName(code)}, want int`);
    if (typeof code === 'bigint' || code !== (code | 0)) {
      throw new StarlarkError(`chr: ${code} out of range`);
    }
    if (code < 0) throw new StarlarkError(`chr: Unicode code point ${code} out of range (<0)`);
    if (code > 0x10ffff) {
      const name = `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
      throw new StarlarkError(`chr: Unicode code point ${name} out of range (>0x10FFFF)`);
    }
    return String.fromCodePoint(code).toWellFormed();
  },
  float: (_thread, args, kwargs) => {
    refuseKeywords('float', kwargs);
    if (args.length > 1) throw new StarlarkError(`float got ${args.length} arguments, wants 1`);
    return args.length === 0 ? new Float(0) : toFloat(args[0] ?? null);
  },
  hash: (thread, args, kwargs) => {
    const value = positional('hash', 1)(args, kwargs).value(0);
    if (typeof value === 'string') {
      thread.work(value.length / 16);
      return hashString(value);
    }
    if (value instanceof Bytes) {
      thread.work(value.data.length / 16);
      return hashBytes(value.data);
    }
    throw new StarlarkError(`hash: got ${typeName(value)}, want string or bytes`);
  },
  int: (thread, args, kwargs) => {
    const bound = intParameters(args, kwargs);
    return toInt(bound.value(0), bound.optional(1), (units) => thread.work(units));
  },
  ord: (_thread, args, kwargs) => {
    const value = soleArgument('ord', args, kwargs);
    if (value instanceof Bytes) {
      const [byte] = value.data;
      if (byte === undefined || value.data.length !== 1) {
        throw new StarlarkError(`ord: bytes has length ${value.data.length}, want 1`);
      }
      return byte;
    }
    if (typeof value !== 'string') {
      throw new StarlarkError(`ord: got ${typeName(value)}, want string or bytes`);
    }
    const points = Array.from(value.slice(0, 64).toWellFormed());
    const [first] = points;
    if (first === undefined || points.length !== 1 || value.length > 2) {
      const count = value.length > 64 ? Array.from(value).length : points.length;
      throw new StarlarkError(`ord: string encodes ${count} Unicode code points, want 1`);
    }
    return first.codePointAt(0) ?? 0;
  },
};

function byteAt(value: Value, index: number): number {
  if (!isInt(value)) {
    throw new StarlarkError(`bytes: at index ${index}, got ${typeName(value)}, want int`);
  }
  if (value < 0 || value > 255) {
    const range = '(want value in unsigned 8-bit range)';
    throw new StarlarkError(`bytes: at index ${index}, ${value} out of range ${range}`);
  }
  return Number(value);
}

const decimal = /^[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$/;
const special = /^([+-]?)(inf|infinity|nan)$/i;

function toFloat(value: Value): Float {
  if (value instanceof Float) return value;
  if (isInt(value)) return new Float(toDouble(value));
  if (typeof value === 'boolean') return new Float(value ? 1 : 0);
  if (typeof value !== 'string') {
    throw new StarlarkError(`float got ${typeName(value)}, want number or string`);
  }
  if (value === '') throw new StarlarkError('float: empty string');
  const named = special.exec(value);
  if (named !== null) {
    const isNan = named[2]?.toLowerCase() === 'nan';
    const infinity = named[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    return new Float(isNan ? Number.NaN : infinity);
  }
  if (!decimal.test(value)) throw new StarlarkError(`invalid float literal: ${value}`);
  const double = Number(value);
  if (!Number.isFinite(double)) {
    throw new StarlarkError('floating-point number too large');
  }
  return new Float(double);
}

function toInt(value: Value, base: Value | undefined, work: (steps: number) => void): Int {
  if (typeof value === 'string') {
    const radix = base === undefined ? 10 : base;
    if (!isInt(radix)) throw new StarlarkError(`int: for base, got ${typeName(radix)}, want int`);
    if (radix !== 0 && (radix < 2 || radix > 36)) {
      throw new StarlarkError('int: base must be an integer >= 2 && <= 36');
    }
    work((value.length * value.length) / 2 ** 12);
    const parsed = parseInteger(value, Number(radix));
    if (parsed !== undefined) return parsed;
    throw new StarlarkError(`int: invalid literal with base ${radix}: ${value}`);
  }
  if (base !== undefined)
    throw new StarlarkError("int: can't convert non-string with explicit base");
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (isInt(value)) return value;
  if (!(value instanceof Float)) {
    throw new StarlarkError(`int: cannot convert ${typeName(value)} to int`);
  }
  try {
    return truncate(value.value);
  } catch (error) {
    throw error instanceof StarlarkError ? new StarlarkError(`int: ${error.message}`) : error;
  }
}

/** Java's hash of a string, as the specification has it. */
function hashString(text: string): number {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return hash;
}

/** FNV-1a of 32 bits. */
function hashBytes(data: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of data) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
