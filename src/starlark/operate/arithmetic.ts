import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { Float } from '../values/float.ts';
import { type Int, isInt, normalize } from '../values/integer.ts';
import type { Value } from '../values/object.ts';

/** Larger shifts are refused, as starlark-go does. */
const maxShift = 512;

/** Below it the sum of two numbers is exact; floor division uses it so that (x - r) / y is. */
const halfExact = 2 ** 52;

export function addInts(x: Int, y: Int, thread: Thread): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const sum = x + y;
    if (Number.isSafeInteger(sum)) return sum;
  }
  weighInt(x, thread);
  weighInt(y, thread);
  const a = typeof x === 'bigint' ? x : BigInt(x);
  return normalize(a + (typeof y === 'bigint' ? y : BigInt(y)));
}

export function subtractInts(x: Int, y: Int, thread: Thread): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const difference = x - y;
    if (Number.isSafeInteger(difference)) return difference;
  }
  weighInt(x, thread);
  weighInt(y, thread);
  return normalize(BigInt(x) - BigInt(y));
}

/** Charges a result about as long as the operand, and the time to pass over it once. */
function weighInt(value: Int, thread: Thread): void {
  if (typeof value === 'number') return;
  const length = hexLength(value);
  if (length <= smallLength) return;
  thread.allocate(length / 2);
  thread.work(length / 1024);
}

/** Charges the time to pass over an int once, as comparing two of equal length does. */
export function passOver(value: Int, thread: Thread): void {
  if (typeof value === 'number') return;
  const length = hexLength(value);
  if (length > smallLength) thread.work(length / 1024);
}

/** Steps that it takes to write an int in decimal: long ones take more than their length. */
export function stepsToWrite(value: bigint): number {
  const length = hexLength(value);
  return length > smallLength ? length / 16 + (length * length) / 2 ** 16 : 0;
}

export function multiplyInts(x: Int, y: Int, thread: Thread): Int {
  if (typeof x === 'number' && typeof y === 'number') {
    const product = x * y;
    // A product in the safe range is exact; adding 0 turns -0 into 0.
    if (Number.isSafeInteger(product)) return product + 0;
    return BigInt(x) * BigInt(y);
  }
  if (x === 0 || y === 0) return 0;
  // One factor is out of the safe range, so the product is as well.
  const a = typeof x === 'bigint' ? x : BigInt(x);
  const b = typeof y === 'bigint' ? y : BigInt(y);
  const lengthA = hexLength(a);
  const lengthB = hexLength(b);
  thread.allocate((lengthA + lengthB) / 2);
  if (lengthA + lengthB > smallLength) {
    thread.work((lengthA + lengthB) / 256 + (lengthA * lengthB) / 2 ** 16);
  }
  return a * b;
}

/** Numbers of together so many digits are multiplied and divided in no time. */
const smallLength = 64;

const word = 2n ** 64n;

/** Powers of two to compare with, each half as long again as the one before. */
const powers: { readonly digits: number; readonly value: bigint }[] = [];

/** Hexadecimal digits, at most half as many again: comparing is quicker than printing. */
function hexLength(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size < word) return 16;
  for (let index = 0; ; index++) {
    const power = powers[index] ?? nextPower();
    if (size < power.value) return power.digits;
  }
}

function nextPower(): { readonly digits: number; readonly value: bigint } {
  const digits = Math.ceil((powers.at(-1)?.digits ?? 16) * 1.5);
  const power = { digits, value: 2n ** BigInt(4 * digits) };
  powers.push(power);
  return power;
}

export function floorDivideInts(x: Int, y: Int, thread: Thread): Int {
  if (y === 0) throw new StarlarkError('floored division by zero');
  if (typeof x === 'number' && typeof y === 'number') {
    if (Math.abs(x) < halfExact && Math.abs(y) < halfExact) {
      return (x - floorRemainder(x, y)) / y + 0;
    }
  }
  const [a, b] = [BigInt(x), BigInt(y)];
  const length = hexLength(a);
  if (length > smallLength) thread.work(length / 64 + (length * hexLength(b)) / 2 ** 16);
  const quotient = a / b;
  const isRounded = a % b !== 0n && a < 0n !== b < 0n;
  return normalize(isRounded ? quotient - 1n : quotient);
}

export function moduloInts(x: Int, y: Int, thread: Thread): Int {
  if (y === 0) throw new StarlarkError('integer modulo by zero');
  if (typeof x === 'number' && typeof y === 'number') return floorRemainder(x, y);
  const a = typeof x === 'bigint' ? x : BigInt(x);
  const b = typeof y === 'bigint' ? y : BigInt(y);
  const length = hexLength(a);
  if (length > smallLength) thread.work(length / 64 + (length * hexLength(b)) / 2 ** 16);
  const remainder = a % b;
  return normalize(remainder !== 0n && remainder < 0n !== b < 0n ? remainder + b : remainder);
}

/** The remainder with the sign of the divisor, never -0. */
function floorRemainder(x: number, y: number): number {
  const remainder = x % y;
  return remainder !== 0 && remainder < 0 !== y < 0 ? remainder + y : remainder + 0;
}

export function shiftLeft(x: Int, y: Int, thread: Thread): Int {
  checkShift(y);
  if (y >= maxShift) throw new StarlarkError(`shift count too large: ${y}`);
  const value = BigInt(x);
  thread.allocate(hexLength(value) / 2 + Number(y) / 8);
  return normalize(value << BigInt(y));
}

export function shiftRight(x: Int, y: Int, thread: Thread): Int {
  checkShift(y);
  if (typeof x === 'number' && (x | 0) === x) return x >> (y > 31 ? 31 : Number(y));
  weighInt(x, thread);
  return normalize(BigInt(x) >> (y > 2 ** 30 ? 2n ** 30n : BigInt(y)));
}

function checkShift(count: Int): void {
  if (typeof count === 'bigint' || count !== (count | 0)) {
    throw new StarlarkError(`${count} out of range`);
  }
  if (count < 0) throw new StarlarkError(`negative shift count: ${count}`);
}

export function bitwise(operator: '&' | '|' | '^', x: Int, y: Int, thread: Thread): Int {
  if (typeof x === 'number' && typeof y === 'number' && (x | 0) === x && (y | 0) === y) {
    return operator === '&' ? x & y : operator === '|' ? x | y : x ^ y;
  }
  weighInt(x, thread);
  weighInt(y, thread);
  const [a, b] = [BigInt(x), BigInt(y)];
  return normalize(operator === '&' ? a & b : operator === '|' ? a | b : a ^ b);
}

export function negateInt(x: Int, thread: Thread): Int {
  weighInt(x, thread);
  return typeof x === 'number' ? 0 - x : normalize(-x);
}

export function invertInt(x: Int, thread: Thread): Int {
  weighInt(x, thread);
  return typeof x === 'number' ? subtractInts(-1, x, thread) : normalize(~x);
}

/** The double nearest to an int.
 * @throws {StarlarkError} if there is none. */
export function toDouble(value: Int): number {
  const double = Number(value);
  if (!Number.isFinite(double)) throw new StarlarkError('int too large to convert to float');
  return double;
}

/** The operand as a double if both are numbers and one is a float. */
export function floatOperands(x: Value, y: Value): readonly [number, number] | undefined {
  if (x instanceof Float) {
    if (y instanceof Float) return [x.value, y.value];
    return isInt(y) ? [x.value, toDouble(y)] : undefined;
  }
  return y instanceof Float && isInt(x) ? [toDouble(x), y.value] : undefined;
}

export function floorDivideFloats(x: number, y: number): Float {
  if (y === 0) throw new StarlarkError('floored division by zero');
  const quotient = x / y;
  return new Float(Math.floor(quotient));
}

export function moduloFloats(x: number, y: number): Float {
  if (y === 0) throw new StarlarkError('floating-point modulo by zero');
  const remainder = x % y;
  const isCorrected = remainder !== 0 && remainder < 0 !== y < 0;
  return new Float(isCorrected ? remainder + y : remainder);
}

export function divide(x: Value, y: Value): Float | undefined {
  if (isInt(x) && isInt(y)) return divideDoubles(toDouble(x), toDouble(y));
  const operands = floatOperands(x, y);
  return operands === undefined ? undefined : divideDoubles(...operands);
}

function divideDoubles(x: number, y: number): Float {
  if (y === 0) throw new StarlarkError('floating-point division by zero');
  return new Float(x / y);
}
