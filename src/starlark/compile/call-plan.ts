import type { Frame, FunctionCode, StarlarkFunction } from '../values/callable.ts';
import { Dict } from '../values/dict.ts';
import { Tuple } from '../values/tuple.ts';

/** Which slot each argument of a call goes to, for one callee. */
export interface CallPlan {
  readonly slots: readonly number[];
  /** Fills in defaults and the empty `*args` and `**kwargs`. */
  readonly complete: (callee: StarlarkFunction, frame: Frame) => void;
}

/** `undefined` if the general way is needed, be it for surplus arguments or for an error. */
export function planCall(
  code: FunctionCode,
  positionalCount: number,
  names: readonly string[],
): CallPlan | undefined {
  if (positionalCount > code.positionalCount) return undefined;
  const plainCount = code.positionalCount + code.keywordOnlyCount;
  const slots = Array.from({ length: positionalCount }, (_, index) => index);
  for (const name of names) {
    const slot = code.parameters.indexOf(name);
    if (slot < 0 || slot >= plainCount || slots.includes(slot)) return undefined;
    slots.push(slot);
  }
  const defaulted: number[] = [];
  for (let slot = 0; slot < plainCount; slot++) {
    if (slots.includes(slot)) continue;
    if (code.hasDefault[slot] !== true) return undefined;
    defaulted.push(slot);
  }
  const { hasVarargs, hasKwargs } = code;
  const kwargsSlot = plainCount + (hasVarargs ? 1 : 0);
  const complete = (callee: StarlarkFunction, frame: Frame): void => {
    const { defaults } = callee;
    for (let index = 0; index < defaulted.length; index++) {
      const slot = defaulted[index] ?? 0;
      frame[slot] = defaults[slot];
    }
    if (hasVarargs) frame[plainCount] = new Tuple([]);
    if (hasKwargs) frame[kwargsSlot] = new Dict();
  };
  return { slots, complete };
}
