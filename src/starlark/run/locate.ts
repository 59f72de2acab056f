import { builtinFile, StarlarkError } from '../error.ts';
import type { Position } from '../position.ts';
import type { Thread } from './thread.ts';

/** Where in which function something is evaluated: what an error there adds to its traceback. */
export interface Site {
  readonly thread: Thread;
  readonly functionName: string;
  readonly position: Position;
}

/** The error with the frame of the site it passes; anything that isn't ours is passed on as is. */
export function locate(error: unknown, site: Site): unknown {
  const failure = toStarlarkError(error);
  failure?.frames.push({ ...site.position, name: site.functionName });
  return failure ?? error;
}

export function locateBuiltin(error: unknown, name: string): unknown {
  const failure = toStarlarkError(error);
  failure?.frames.push({ file: builtinFile, line: 0, column: 0, name });
  return failure ?? error;
}

/** The engine's own limits become errors of the program; other errors are bugs and stay. */
function toStarlarkError(error: unknown): StarlarkError | undefined {
  if (error instanceof StarlarkError) return error;
  if (!(error instanceof RangeError)) return undefined;
  if (error.message.includes('call stack')) return stackOverflow();
  return new StarlarkError(`out of memory: ${error.message}`, { isFatal: true });
}

export function stackOverflow(): StarlarkError {
  return new StarlarkError('Starlark stack overflow', {
    isFatal: true,
    hint: 'calls are nested too deeply: use a loop instead of recursion',
  });
}
