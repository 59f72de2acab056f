import { StarlarkError } from '../error.ts';
import { compareOrder } from '../operate/compare.ts';
import type { Thread } from '../run/thread.ts';
import type { Value } from '../values/object.ts';

interface Keyed {
  readonly key: Value;
  readonly value: Value;
}

/** A stable sort. Values without an order are reported once all have been compared. */
export function sortValues(
  values: readonly Value[],
  keyOf: ((value: Value) => Value) | undefined,
  isReversed: boolean,
  thread: Thread,
): Value[] {
  thread.sequence(values.length);
  thread.work(values.length * Math.log2(values.length + 1));
  const sign = isReversed ? -1 : 1;
  if (keyOf === undefined) {
    const sorted = [...values];
    if (sorted.every((value) => typeof value === 'number')) {
      return sorted.sort((x, y) => sign * (Number(x) - Number(y)));
    }
    const { compare, finish } = comparer(thread, sign);
    sorted.sort(compare);
    finish();
    return sorted;
  }
  const keyed: Keyed[] = values.map((value) => ({ key: keyOf(value), value }));
  const { compare, finish } = comparer(thread, sign);
  keyed.sort((x, y) => compare(x.key, y.key));
  finish();
  return keyed.map(({ value }) => value);
}

function comparer(
  thread: Thread,
  sign: number,
): { readonly compare: (x: Value, y: Value) => number; readonly finish: () => void } {
  let failure: StarlarkError | undefined;
  const compare = (x: Value, y: Value): number => {
    if (typeof x === 'number' && typeof y === 'number') return sign * (x - y);
    try {
      return sign * compareOrder('<', x, y, thread);
    } catch (error) {
      if (!(error instanceof StarlarkError) || error.isFatal) throw error;
      failure = error;
      return 0;
    }
  };
  const finish = (): void => {
    if (failure !== undefined) throw failure;
  };
  return { compare, finish };
}
