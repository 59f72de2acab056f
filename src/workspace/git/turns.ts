/** Lets at most so many actions run at once; the others wait, first come first served. */
export type Turns = <T>(action: () => Promise<T>, signal?: AbortSignal) => Promise<T>;

/** The promise of a call that is aborted while it waits rejects when its turn comes, without acting. */
export function createTurns(atOnce: number): Turns {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (action, signal) => {
    if (running >= atOnce) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      signal?.throwIfAborted();
      return await action();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
