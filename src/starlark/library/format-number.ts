import { StarlarkError } from '../error.ts';
import { toDouble } from '../operate/arithmetic.ts';
import { Float, formatExponent, formatFloat } from '../values/float.ts';
import { type Int, intFromDouble, isInt } from '../values/integer.ts';
import { typeName, type Value } from '../values/object.ts';

/** What `%d`, `%x` and `%o` take: ints, and floats rounded towards zero. */
export function toInteger(value: Value): Int {
  if (isInt(value)) return value;
  if (value instanceof Float) return truncate(value.value);
  throw new StarlarkError(`cannot convert ${typeName(value)} to int`);
}

export function truncate(value: number): Int {
  if (Number.isNaN(value)) throw new StarlarkError('cannot convert float NaN to integer');
  if (!Number.isFinite(value)) throw new StarlarkError('cannot convert float infinity to integer');
  return intFromDouble(Math.trunc(value));
}

/** Formats for `%e`, `%f` and `%g`. */
export function formatFloatVerb(verb: string, value: Value): string {
  const double = value instanceof Float ? value.value : isInt(value) ? toDouble(value) : undefined;
  if (double === undefined) {
    throw new StarlarkError(`%${verb} format requires float, not ${typeName(value)}`);
  }
  const letter = verb.toLowerCase();
  if (!Number.isFinite(double) || letter === 'g') return formatFloat(double);
  const sign = double < 0 || Object.is(double, -0) ? '-' : '';
  const text = letter === 'e' ? scientific(Math.abs(double)) : fixed(Math.abs(double));
  return sign + (verb === letter ? text : text.toUpperCase());
}

function scientific(value: number): string {
  const [mantissa = '', exponent = '0'] = value.toExponential(6).split('e');
  return `${mantissa}e${formatExponent(Number(exponent))}`;
}

/** `toFixed` turns to exponents at 1e21; such doubles are integral. */
function fixed(value: number): string {
  return value < 1e21 ? value.toFixed(6) : `${BigInt(value)}.000000`;
}
