import type { Thread } from '../run/thread.ts';
import type { Value } from '../values/object.ts';
import { StarlarkSet } from '../values/set.ts';

/** A new set; the order of elements is that of the left operand, then of the right. */
export function setOperation(
  operator: '&' | '|' | '^' | '-',
  x: StarlarkSet,
  right: Iterable<Value>,
  thread: Thread,
): StarlarkSet {
  const y = StarlarkSet.from(right);
  thread.entries(x.size() + y.size());
  const result = new StarlarkSet();
  for (const value of x.elements()) {
    const isShared = y.has(value);
    if (operator === '|' || isShared === (operator === '&')) result.add(value);
  }
  if (operator === '&' || operator === '-') return result;
  for (const value of y.elements()) if (!x.has(value)) result.add(value);
  return result;
}
