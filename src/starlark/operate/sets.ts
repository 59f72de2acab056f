import { chargeKey } from '../run/charge.ts';
import type { Thread } from '../run/thread.ts';
import type { Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';

/** A set of these values, paid for. */
export function newSet(values: readonly Value[], thread: Thread): StarlarkSet {
  thread.entries(values.length);
  for (const value of values) chargeKey(value, thread);
  return StarlarkSet.from(values);
}

/** A new set; the order of elements is that of the left operand, then of the right. */
export function setOperation(
  operator: '&' | '|' | '^' | '-',
  x: StarlarkSet,
  right: Iterable<Value>,
  thread: Thread,
): StarlarkSet {
  const y = StarlarkSet.from(right);
  // Both are made: the right one, and the result.
  thread.entries(x.size() + y.size());
  thread.work(x.size() + y.size());
  const result = new StarlarkSet();
  for (const value of x.elements()) {
    const isShared = y.has(value);
    if (operator === '|' || isShared === (operator === '&')) result.add(value);
  }
  if (operator === '&' || operator === '-') return result;
  for (const value of y.elements()) if (!x.has(value)) result.add(value);
  return result;
}
