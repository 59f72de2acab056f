import { callFromHost } from './run/call.ts';
import type { Thread } from './run/thread.ts';
import { Builtin, type NativeCall } from './values/callable.ts';
import type { Value } from './values/object.ts';

export type { CallPosition } from './position.ts';
export type { NativeCall, Thread };
export { Builtin };

export interface BuiltinDefinition {
  readonly name: string;
  /** May throw `StarlarkError`, which is shown as `Error in NAME: message` where it was called. */
  readonly call: NativeCall;
}

/**
 * Makes a function of the host that programs can call.
 *
 * ```js
 * const shout = builtin({ name: 'shout', call: (thread, [text]) => `${text}!` });
 * const sources = new Map([['a.star', 'x = shout("hi")\n']]);
 * exec({ file: 'a.star', sources, predeclared: { shout } }).globals.get('x'); // → "hi!"
 * ```
 */
export function builtin({ name, call }: BuiltinDefinition): Builtin {
  return new Builtin(name, call);
}

/**
 * Calls a function a program gave, within the evaluation under way.
 * @throws {StarlarkError} from the callee.
 *
 * ```js
 * const twice = builtin({
 *   name: 'twice',
 *   call: (thread, [f, x]) => callValue(thread, f, [callValue(thread, f, [x])]),
 * });
 * const sources = new Map([['a.star', 'x = twice(lambda n: n * 3, 2)\n']]);
 * exec({ file: 'a.star', sources, predeclared: { twice } }).globals.get('x'); // → 18
 * ```
 */
export function callValue(
  thread: Thread,
  callee: Value,
  args: readonly Value[],
  kwargs?: ReadonlyMap<string, Value>,
): Value {
  return callFromHost(callee, args, thread, kwargs);
}
