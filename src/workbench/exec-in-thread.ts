/**
 * `whaleflow/starlark/worker`: a program in a thread of its own, for servers and for whoever cannot wait.
 * The thread can be ended at any moment; only data goes in and comes out.
 *
 * ```js
 * const sources = new Map([['main.star', 'total = base + 2\n']]);
 * const done = await execInThread({ file: 'main.star', sources, predeclared: { base: 40 } });
 * done.ok; // → true
 * done.globals.total; // → 42
 * ```
 *
 * What takes too long is ended, whatever it does:
 * ```js
 * const sources = new Map([['main.star', 'x = [i for i in range(1 << 30)]\n']]);
 * const limits = { steps: 1e12, allocationBytes: 1e12 };
 * const done = await execInThread({ file: 'main.star', sources, limits, maxMs: 500 });
 * done.errors[0].message; // → "evaluation ended: more than 500 ms"
 * ```
 */
import { Worker } from 'node:worker_threads';
import type { StarlarkDiagnostic } from '../starlark/diagnostic.ts';
import type { Dialect } from '../starlark/dialect.ts';
import type { JsonValue } from '../starlark/json-value.ts';
import type { Limits } from '../starlark/limits.ts';

export interface ThreadRequest {
  /** The id of the file to run, a key of `sources`. */
  readonly file: string;
  readonly sources: ReadonlyMap<string, string>;
  /** Values that the program finds by name. */
  readonly predeclared?: Readonly<Record<string, JsonValue>>;
  readonly dialect?: Dialect;
  readonly limits?: Partial<Limits>;
  /** Milliseconds until the thread is ended, its start included; 5,000 where absent. */
  readonly maxMs?: number;
  /** MiB of the thread’s heap; 256 where absent. */
  readonly maxHeapMib?: number;
  /** Ends the thread. */
  readonly signal?: AbortSignal;
}

export type ThreadResult =
  | {
      readonly ok: true;
      /** The globals that are data: functions and numbers that JSON has not are left out. */
      readonly globals: Readonly<Record<string, JsonValue>>;
      readonly printed: readonly string[];
      readonly steps: number;
    }
  | {
      readonly ok: false;
      readonly errors: readonly StarlarkDiagnostic[];
      readonly printed: readonly string[];
      readonly steps: number;
    };

const MAX_MS = 5_000;
const MAX_HEAP_MIB = 256;

/** Runs a file in a thread. Never rejects: what ends the thread is an error of the program. */
export async function execInThread(request: ThreadRequest): Promise<ThreadResult> {
  const { signal, maxMs = MAX_MS, maxHeapMib = MAX_HEAP_MIB, ...task } = request;
  const { promise, resolve } = Promise.withResolvers<ThreadResult>();
  const end = (why: string): void => resolve(ended(request.file, why));
  if (signal?.aborted === true) return ended(request.file, 'cancelled');
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./exec-thread.${extension}`, import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMib },
  });
  const timer = setTimeout(() => end(`more than ${maxMs} ms`), maxMs);
  const onAbort = (): void => end('cancelled');
  signal?.addEventListener('abort', onAbort);
  thread.once('message', resolve);
  thread.once('error', (error) => {
    const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
    end(isMemory ? `more than ${maxHeapMib} MiB` : error.message);
  });
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
    await thread.terminate();
  }
}

function ended(file: string, why: string): ThreadResult {
  const message = `evaluation ended: ${why}`;
  return {
    ok: false,
    errors: [{ message, file, line: 1, column: 1, frames: [] }],
    printed: [],
    steps: 0,
  };
}
