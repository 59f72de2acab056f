/**
 * No confinement: a process of its own with the rights of the user, in a process group of its own, so
 * that it can be ended as a whole. One that leaves the group (`setsid`, a double fork) is found by its mark,
 * on Linux; only a sandbox with a process namespace also ends one that drops its environment too.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import type { Clock, TimerHandle, Timers } from '../../system/clock.ts';
import { countDoor } from '../../system/door-counts.ts';
import { OutputCapture } from '../output-capture.ts';
import { MARK_VARIABLE, markText } from '../process-mark.ts';
import type { ProcessReport, ProcessRequest, Sandbox } from '../sandbox.ts';
import { endMarked } from './end-marked.ts';
import { signalGroup } from './process-group.ts';
import { processStart } from './process-start.ts';
import { noteRunning } from './running-processes.ts';

export interface NoneSandboxParts {
  readonly clock: Clock;
  readonly timers: Timers;
  /** Between SIGTERM and SIGKILL. */
  readonly graceMs?: number;
}

const DEFAULT_GRACE_MS = 5_000;
/** How long output may still come after the end: what holds the pipe then has left the group. */
const DRAIN_MS = 1_000;

export function noneSandbox({
  clock,
  timers,
  graceMs = DEFAULT_GRACE_MS,
}: NoneSandboxParts): Sandbox {
  let number = 0;
  return {
    level: 'none',
    async run(request, signal) {
      const started = clock.monotonic();
      number += 1;
      const mark = request.mark === undefined ? {} : { mark: markText(request.mark, number) };
      const run = new ProcessRun(request, { clock, timers, graceMs, ...mark });
      const report = await run.untilEnd(signal);
      return { ...report, ...mark, durationMs: Math.round(clock.monotonic() - started) };
    },
  };
}

interface RunParts extends Required<NoneSandboxParts> {
  readonly mark?: string;
}

type Ended = Omit<ProcessReport, 'durationMs' | 'mark'>;

/** One process from its start until nothing of it is left. */
class ProcessRun {
  readonly #request: ProcessRequest;
  readonly #parts: RunParts;
  readonly #stdout: OutputCapture;
  readonly #stderr: OutputCapture;
  readonly #end = Promise.withResolvers<Ended>();
  readonly #pending = new Set<TimerHandle>();
  #child: ChildProcess | undefined;
  #timedOut = false;
  #aborted = false;
  #stopping = false;
  #note: Disposable | undefined;
  #sweeping: Promise<number> | undefined;

  constructor(request: ProcessRequest, parts: RunParts) {
    this.#request = request;
    this.#parts = parts;
    this.#stdout = new OutputCapture(request.maxOutputBytes);
    this.#stderr = new OutputCapture(request.maxOutputBytes);
  }

  async untilEnd(signal: AbortSignal): Promise<Ended> {
    const onAbort = (): void => {
      this.#aborted = true;
      this.#stop();
    };
    if (signal.aborted) onAbort();
    else this.#start();
    signal.addEventListener('abort', onAbort, { once: true });
    const ended = await this.#end.promise;
    signal.removeEventListener('abort', onAbort);
    await this.#sweep();
    this.#note?.[Symbol.dispose]();
    for (const timer of this.#pending) timer.cancel();
    return ended;
  }

  #start(): void {
    const { argv, cwd, env, stdin, input, timeoutMs, onStart } = this.#request;
    const { mark, clock } = this.#parts;
    const [program = '', ...rest] = argv;
    try {
      countDoor('processes');
      const child = spawn(program, rest, {
        cwd,
        env: mark === undefined ? env : { ...env, [MARK_VARIABLE]: mark },
        detached: true,
        stdio: [stdin === undefined && input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      });
      this.#child = child;
      child.once('error', (error) => this.#failToStart(error));
      child.once('exit', () => this.#afterExit(child));
      child.once('close', (code, by) => this.#finish({ exitCode: code, signal: by }));
      this.#readFrom(child);
      const { pid } = child;
      if (pid !== undefined) this.#note = noteRunning(pid, mark);
      if (pid !== undefined) onStart?.({ pid, start: processStart(pid, clock.now()) });
      // A process that does not read its input is no failure.
      child.stdin?.once('error', () => {});
      if (input === undefined) child.stdin?.end(stdin);
      else this.#feed(child, input);
    } catch (error) {
      this.#failToStart(error);
      return;
    }
    this.#after(timeoutMs, () => {
      this.#timedOut = true;
      this.#stop();
    });
  }

  /** A process that has ended takes no more of it. */
  #feed({ stdin }: ChildProcess, input: AsyncIterable<Uint8Array>): void {
    if (stdin === null) return;
    const source = Readable.from(input, { objectMode: true });
    source.once('error', () => stdin.destroy());
    stdin.once('close', () => source.destroy());
    source.pipe(stdin);
  }

  #readFrom(child: ChildProcess): void {
    const { onOutput } = this.#request;
    child.stdout?.on('data', (chunk: Uint8Array) => {
      this.#stdout.add(chunk);
      onOutput?.('stdout', chunk);
    });
    child.stderr?.on('data', (chunk: Uint8Array) => {
      this.#stderr.add(chunk);
      onOutput?.('stderr', chunk);
    });
  }

  /** SIGTERM, then SIGKILL; and an end to the waiting even for what cannot be killed. */
  #stop(): void {
    const pid = this.#child?.pid;
    if (pid === undefined) {
      this.#finish({ exitCode: null, signal: null });
      return;
    }
    if (this.#stopping) return;
    this.#stopping = true;
    signalGroup(pid, 'SIGTERM');
    this.#after(this.#parts.graceMs, () => {
      signalGroup(pid, 'SIGKILL');
      this.#after(this.#parts.graceMs + DRAIN_MS, () => {
        this.#finish({ exitCode: null, signal: 'SIGKILL' });
      });
    });
  }

  /** Nothing of the group outlives its leader, whatever way that ended. */
  #afterExit(child: ChildProcess): void {
    if (child.pid !== undefined) signalGroup(child.pid, 'SIGKILL');
    // What has left the group may hold the pipes: with its end they close.
    void this.#sweep();
    this.#after(DRAIN_MS, () => {
      child.stdout?.destroy();
      child.stderr?.destroy();
    });
  }

  /** Nothing that carries the mark outlives it either. */
  async #sweep(): Promise<void> {
    const { mark, timers } = this.#parts;
    if (mark === undefined || this.#child?.pid === undefined) return;
    this.#sweeping ??= endMarked((other) => other === mark, timers);
    await this.#sweeping;
  }

  #failToStart(error: unknown): void {
    const spawnError = whyNotStarted(error);
    this.#finish({ exitCode: null, signal: null, spawnError });
  }

  #finish(end: Pick<Ended, 'exitCode' | 'signal' | 'spawnError'>): void {
    this.#end.resolve({
      pid: this.#child?.pid,
      timedOut: this.#timedOut,
      aborted: this.#aborted,
      stdout: this.#stdout.output(),
      stderr: this.#stderr.output(),
      ...end,
    });
  }

  #after(delayMs: number, action: () => void): void {
    this.#pending.add(this.#parts.timers.after(delayMs, action));
  }
}

/** `spawn nope ENOENT` in words. */
function whyNotStarted(error: unknown): string {
  const { code, message, path } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT') return `no program ${path ?? ''} on the path`;
  if (code === 'EACCES') return `${path ?? 'the program'} may not be executed`;
  return (message ?? String(error)).replace(/^spawn /, '');
}
