import { StarlarkError } from '../error.ts';
import { moduloFloats, toDouble } from '../operate/arithmetic.ts';
import { positional } from '../signature.ts';
import { Builtin, type NativeCall } from '../values/callable.ts';
import { Float } from '../values/float.ts';
import { isInt } from '../values/integer.ts';
import { typeName, type Value } from '../values/object.ts';
import { Module } from '../values/struct.ts';
import { truncate } from './format-number.ts';
import { gamma } from './gamma.ts';

const unaryFunctions: Readonly<Record<string, (x: number) => number>> = {
  acos: Math.acos,
  acosh: Math.acosh,
  asin: Math.asin,
  asinh: Math.asinh,
  atan: Math.atan,
  atanh: Math.atanh,
  cos: Math.cos,
  cosh: Math.cosh,
  degrees: (x) => (x * 180) / Math.PI,
  exp: Math.exp,
  fabs: Math.abs,
  gamma,
  radians: (x) => (x * Math.PI) / 180,
  round: (x) => (x < 0 ? -Math.round(-x) : Math.round(x)),
  sin: Math.sin,
  sinh: Math.sinh,
  sqrt: Math.sqrt,
  tan: Math.tan,
  tanh: Math.tanh,
};

const binaryFunctions: Readonly<Record<string, (x: number, y: number) => number>> = {
  atan2: Math.atan2,
  copysign: (x, y) => (y < 0 || Object.is(y, -0) ? -Math.abs(x) : Math.abs(x)),
  hypot: Math.hypot,
  mod: (x, y) => x % y,
  // JavaScript has NaN where IEEE 754 has 1.
  pow: (x, y) => (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY) ? 1 : x ** y),
  remainder,
};

/** starlark-go's `math`: all functions take ints and floats. */
export const mathModule: Module = new Module('math', [
  ['e', new Float(Math.E)],
  ['pi', new Float(Math.PI)],
  ...Object.entries(unaryFunctions).map(([name, operate]): [string, Value] => [
    name,
    entry(name, 1, 1, (x) => new Float(operate(x))),
  ]),
  ...Object.entries(binaryFunctions).map(([name, operate]): [string, Value] => [
    name,
    entry(name, 2, 2, (x, y) => new Float(operate(x, y))),
  ]),
  ['ceil', rounding('ceil', Math.ceil)],
  ['floor', rounding('floor', Math.floor)],
  [
    'log',
    entry('log', 1, 2, (x, base) => {
      if (Number.isNaN(base)) return new Float(Math.log(x));
      if (base === 1) throw new StarlarkError('division by zero');
      return new Float(Math.log(x) / Math.log(base));
    }),
  ],
]);

function entry(
  name: string,
  least: number,
  most: number,
  operate: (x: number, y: number) => Value,
): Builtin {
  const parameters = positional(name, least, most);
  const call: NativeCall = (_thread, args, kwargs) => {
    const bound = parameters(args, kwargs);
    const x = double(name, bound.value(0), 0);
    const y = args.length < 2 ? Number.NaN : double(name, bound.value(1), 1);
    return operate(x, y);
  };
  return new Builtin(name, call);
}

function double(name: string, value: Value, index: number): number {
  if (value instanceof Float) return value.value;
  if (isInt(value)) return toDouble(value);
  const got = typeName(value);
  throw new StarlarkError(`${name}: for parameter ${index + 1}: got ${got}, want float or int`);
}

/** `ceil` and `floor` give ints, and leave ints of any size as they are. */
function rounding(name: string, operate: (x: number) => number): Builtin {
  const parameters = positional(name, 1);
  return new Builtin(name, (_thread, args, kwargs) => {
    const value = parameters(args, kwargs).value(0);
    if (isInt(value)) return value;
    if (!(value instanceof Float)) {
      throw new StarlarkError(`got ${typeName(value)}, want float or int`);
    }
    return truncate(operate(value.value));
  });
}

/** IEEE 754's remainder: the quotient is rounded to the nearest even integer. */
function remainder(x: number, y: number): number {
  if (!Number.isFinite(x) || y === 0 || Number.isNaN(y)) return Number.NaN;
  if (!Number.isFinite(y)) return x;
  const size = Math.abs(y);
  const rest = moduloFloats(Math.abs(x), size).value;
  const quotientIsOdd = Math.floor(Math.abs(x) / size) % 2 === 1;
  const isUp = rest > size / 2 || (rest === size / 2 && quotientIsOdd);
  const result = isUp ? rest - size : rest;
  return x < 0 || Object.is(x, -0) ? -result : result;
}
