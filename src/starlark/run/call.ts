import { StarlarkError } from '../error.ts';
import type { CallPosition } from '../position.ts';
import { Builtin, Cell, type Frame, StarlarkFunction } from '../values/callable.ts';
import { StarlarkObject, typeName, type Value } from '../values/object.ts';
import { bindArguments } from './bind-arguments.ts';
import { locateBuiltin, stackOverflow } from './locate.ts';
import type { Thread } from './thread.ts';

export const noKwargs: ReadonlyMap<string, Value> = new Map();

const nowhere = { file: '<host>', line: 0, column: 0 };
const hostPosition: CallPosition = { ...nowhere, callee: nowhere };

/** Runs a function in a frame whose parameters are set. */
export function enter(callee: StarlarkFunction, frame: Frame, thread: Thread): Value {
  const { code } = callee;
  thread.depth++;
  if (thread.depth > thread.limits.callDepth) throw stackOverflow();
  thread.steps++;
  if (thread.steps > thread.checkpoint) thread.tick();
  if (!code.isFlat) makeCells(callee, frame, thread);
  if (!thread.allowsRecursion) return enterOnce(callee, frame, thread);
  const value = code.run(frame);
  thread.depth--;
  return value;
}

/** The slots of a frame that is made in no time. */
export const smallFrame = 64;

/** Also charges a frame that is large. */
function makeCells({ code, cells }: StarlarkFunction, frame: Frame, thread: Thread): void {
  const { cellSlots, freeStart, frameSize } = code;
  if (frameSize > smallFrame) thread.work(frameSize / 4);
  for (let index = 0; index < cellSlots.length; index++) {
    const slot = cellSlots[index] ?? 0;
    frame[slot] = new Cell(frame[slot]);
  }
  for (let index = 0; index < cells.length; index++) frame[freeStart + index] = cells[index];
}

/** Where recursion is forbidden, one body may not be entered again while it runs. */
function enterOnce(callee: StarlarkFunction, frame: Frame, thread: Thread): Value {
  const { code } = callee;
  if (code.active > 0) throw new StarlarkError(`function ${code.name} called recursively`);
  code.active++;
  try {
    const value = code.run(frame);
    thread.depth--;
    return value;
  } finally {
    code.active--;
  }
}

/** Calls any value. The frame of the caller is the caller's business.
 * @throws {StarlarkError} from the callee, or if the value can't be called. */
export function call(
  callee: Value,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
  position: CallPosition,
): Value {
  if (callee instanceof StarlarkFunction) {
    // What `*args` and `**kwargs` get is copied for each call.
    if (args.length > smallFrame) thread.sequence(args.length);
    if (kwargs.size > smallFrame) thread.entries(kwargs.size);
    return enter(callee, bindArguments(callee, args, kwargs), thread);
  }
  if (callee instanceof Builtin) return callBuiltin(callee, args, kwargs, thread, position);
  const result = callee instanceof StarlarkObject ? callee.invoke(thread, args, kwargs) : undefined;
  if (result === undefined) {
    throw new StarlarkError(`invalid call of non-function (${typeName(callee)})`);
  }
  return result;
}

export function callBuiltin(
  callee: Builtin,
  args: readonly Value[],
  kwargs: ReadonlyMap<string, Value>,
  thread: Thread,
  position: CallPosition,
): Value {
  thread.steps++;
  if (thread.steps > thread.checkpoint) thread.tick();
  try {
    return callee.call(thread, args, kwargs, position);
  } catch (error) {
    throw locateBuiltin(error, callee.name);
  }
}

/** Calls a value from a built-in, say a `key` function; depth is right again after a failure. */
export function callFromHost(
  callee: Value,
  args: readonly Value[],
  thread: Thread,
  kwargs: ReadonlyMap<string, Value> = noKwargs,
): Value {
  const { depth } = thread;
  try {
    return call(callee, args, kwargs, thread, hostPosition);
  } finally {
    thread.depth = depth;
  }
}

export function isCallable(value: Value): boolean {
  if (value instanceof StarlarkFunction || value instanceof Builtin) return true;
  return value instanceof StarlarkObject && value.isCallable;
}
