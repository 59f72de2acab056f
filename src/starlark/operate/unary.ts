import { StarlarkError } from '../error.ts';
import type { Thread } from '../run/thread.ts';
import { Float } from '../values/float.ts';
import { isInt } from '../values/integer.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { invertInt, negateInt } from './arithmetic.ts';

/** `-x`, `+x` or `~x`. */
export function unary(operator: string, x: Value, thread: Thread): Value {
  if (isInt(x)) {
    if (operator === '-') return negateInt(x, thread);
    return operator === '~' ? invertInt(x, thread) : x;
  }
  if (x instanceof Float && operator !== '~') return operator === '-' ? new Float(-x.value) : x;
  const result = x instanceof StarlarkObject ? x.unary(operator) : undefined;
  if (result === undefined) throw new StarlarkError(`unknown unary op: ${operator} ${typeName(x)}`);
  return result;
}
