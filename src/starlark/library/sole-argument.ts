import { StarlarkError } from '../error.ts';
import type { Value } from '../values/object.ts';

/** The argument of a built-in that takes exactly one and no keyword, in starlark-go's words, which
 * differ between its older built-ins: "want 1" or "want exactly 1". */
export function soleArgument(
  name: string,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  wanted: '1' | 'exactly 1' = '1',
): Value {
  refuseKeywords(name, kwargs);
  const [value] = args;
  if (value === undefined || args.length !== 1) {
    throw new StarlarkError(`${name}: got ${args.length} arguments, want ${wanted}`);
  }
  return value;
}

export function refuseKeywords(name: string, kwargs: ReadonlyMap<string, Value>): void {
  if (kwargs.size > 0) throw new StarlarkError(`${name} does not accept keyword arguments`);
}
