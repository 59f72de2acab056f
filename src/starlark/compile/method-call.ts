import type { Method } from '../library/method.ts';
import type { CallPosition } from '../position.ts';
import { locate, locateBuiltin, type Site } from '../run/locate.ts';
import type { Value } from '../values/object.ts';

/** Calls a method of a built-in type; an error shows the method, then the place of the call. */
export function callMethod(
  method: Method,
  self: Value,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  site: Site,
  position: CallPosition,
): Value {
  const { thread } = site;
  try {
    thread.steps++;
    if (thread.steps > thread.checkpoint) thread.tick();
    return method.call(self, thread, args, kwargs, position);
  } catch (error) {
    throw locate(locateBuiltin(error, method.name), site);
  }
}
