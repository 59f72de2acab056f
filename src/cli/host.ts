/** The process as the command line sees it: what tests replace. */
import { readFileSync } from 'node:fs';
import type { ExitStatus } from '../base/error-codes.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import type { DriveOrder } from '../workbench/launch-run.ts';
import type { Workbench } from '../workbench/workbench.ts';
import { processStream } from './process-stream.ts';
import { programWords } from './program-words.ts';

/** A stream of text to a terminal, a pipe or a file. */
export interface TextStream {
  readonly isTerminal: boolean;
  /** Of the terminal, as it is now; undefined where there is none. */
  size(): { readonly columns: number; readonly rows: number } | undefined;
  write(text: string): void;
  onResize(listener: () => void): Disposable;
}

export type SignalName = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** What is typed to start this program; `whaleflow` where absent. */
  readonly program?: () => string;
  readonly stdout: TextStream;
  readonly stderr: TextStream;
  readonly hasInput: boolean;
  /** All of stdin, read once. */
  readInput(): string;
  /** Single keys until disposed; escape sequences arrive as one key. Ctrl-C arrives as `\x03`. */
  keys(listener: (key: string) => void): Disposable;
  onSignal(name: SignalName, listener: () => void): Disposable;
  /** Ends this process now: what it left undone is done by the next one. */
  exit(status: ExitStatus): void;
  /** Kills a process of this host; does nothing when it is gone. */
  kill(pid: number): void;
  /** In place of SQLite. */
  readonly openStore?: () => TraceStore;
  /** In place of a detached process. */
  readonly startDriver?: (workbench: Workbench, run: string, order: DriveOrder) => Promise<unknown>;
}

/** This process. */
const STDIN = 0;

export function processHost(): Host {
  let input: string | undefined;
  return {
    env: process.env,
    cwd: process.cwd(),
    program: () =>
      programWords({
        entry: process.argv[1] ?? '',
        cwd: process.cwd(),
        env: process.env,
      }),
    stdout: processStream('stdout'),
    stderr: processStream('stderr'),
    // Looking at stdin opens it, which takes milliseconds.
    get hasInput() {
      return process.stdin.isTTY === true;
    },
    readInput() {
      input ??= readFileSync(STDIN, 'utf8');
      return input;
    },
    keys: readKeys,
    onSignal(name, listener) {
      process.on(name, listener);
      return { [Symbol.dispose]: () => void process.off(name, listener) };
    },
    exit: (status) => process.exit(status),
    kill(pid) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    },
  };
}

function readKeys(listener: (key: string) => void): Disposable {
  const { stdin } = process;
  if (stdin.isTTY !== true) return { [Symbol.dispose]: () => {} };
  const onData = (data: Buffer): void => {
    for (const key of splitKeys(data.toString('utf8'))) listener(key);
  };
  stdin.setRawMode(true);
  stdin.resume();
  stdin.on('data', onData);
  return {
    [Symbol.dispose]() {
      stdin.off('data', onData);
      stdin.setRawMode(false);
      stdin.pause();
      stdin.unref();
    },
  };
}

/** Keys that are typed fast arrive as one text. */
export function splitKeys(text: string): readonly string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one.
  return text.match(/\x1b\[[0-9;]*[A-Za-z~]|\x1bO[A-Z]|[\s\S]/gu) ?? [];
}
