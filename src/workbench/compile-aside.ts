/**
 * Compiles what may mean harm: here as long as that takes next to nothing, which is so for the files that
 * people write, else from the start in a thread of its own, which is ended when it takes too long.
 * That is sound because compiling is a pure function of texts.
 */
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import { type Compiled, type CompileInput, compileWorkflow } from '../authoring/compile.ts';
import { Outgrown } from '../authoring/front-end.ts';
import { type Neighbourhood, readNeighbour } from './read-neighbour.ts';

export interface AsideInput extends Pick<CompileInput, 'file' | 'language' | 'options'> {
  readonly source: string;
  readonly neighbourhood: Neighbourhood;
}

/** UTF-16 units of all files together that are compiled here. */
const MAX_SMALL_UNITS = 65_536;
/** Other files that are read here; each may take a small effort. */
const MAX_SMALL_FILES = 10;
const WAITING = 0;

/** What a thread may take. */
export interface ThreadLimits {
  readonly maxMs: number;
  readonly maxHeapMib: number;
}

const THREAD: ThreadLimits = { maxMs: 5_000, maxHeapMib: 512 };

/** Never throws for what stands in a file. */
export function compileAside(input: AsideInput, thread: ThreadLimits = THREAD): Compiled {
  const { neighbourhood, ...rest } = input;
  let left = MAX_SMALL_UNITS - input.source.length;
  let files = 0;
  const sources = (path: string): string | undefined => {
    const text = readNeighbour(neighbourhood, path);
    left -= text?.length ?? 0;
    files += 1;
    if (left < 0 || files > MAX_SMALL_FILES) throw new Outgrown();
    return text;
  };
  if (left < 0) return compileInThread(input, thread);
  try {
    return compileWorkflow({ ...rest, sources, effort: 'small' });
  } catch (error) {
    if (!(error instanceof Outgrown)) throw error;
    return compileInThread(input, thread);
  }
}

/** What the thread is handed. */
export interface ThreadTask {
  readonly input: AsideInput;
  /** Set to anything but 0 when the answer is at the port. */
  readonly done: Int32Array;
  readonly port: import('node:worker_threads').MessagePort;
}

/** Waits for the thread: whoever compiles has nothing else to do. */
function compileInThread(input: AsideInput, limits: ThreadLimits): Compiled {
  const { port1, port2 } = new MessageChannel();
  const done = new Int32Array(new SharedArrayBuffer(4));
  const task: ThreadTask = { input, done, port: port2 };
  const extension = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const thread = new Worker(new URL(`./compile-thread.${extension}`, import.meta.url), {
    workerData: task,
    transferList: [port2],
    resourceLimits: { maxOldGenerationSizeMb: limits.maxHeapMib },
  });
  thread.unref();
  // Out of memory is told when nobody waits any more.
  thread.on('error', () => {});
  Atomics.wait(done, 0, WAITING, limits.maxMs);
  const answer = receiveMessageOnPort(port1);
  port1.close();
  void thread.terminate();
  return answer === undefined ? tooMuch(input.file, limits) : (answer.message as Compiled);
}

function tooMuch(file: string, { maxMs, maxHeapMib }: ThreadLimits): Compiled {
  const message = `compiling takes more than ${maxMs} ms or ${maxHeapMib} MiB`;
  const span = { file, line: 1, column: 1 };
  return { diagnostics: [{ code: 'WF1006', severity: 'error', message, span }] };
}
