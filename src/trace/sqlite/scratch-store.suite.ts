/** Stores in folders of their own, and processes that use them, for the tests of this folder. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Timers } from '../../system/clock.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { TraceStore } from '../trace-store.ts';
import type { World } from './connection.ts';
import type { OpenMode } from './open-database.ts';
import { openStore } from './sqlite-store.ts';

/** An empty folder that goes when the test ends. */
export function scratchFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export function openScratch(
  stateFolder: string,
  mode: OpenMode = 'create',
  instead: Partial<World> = {},
): TraceStore {
  const world = { clock: nodeClock, timers: nodeTimers, chance: nodeChance, ...instead };
  return openStore({ stateFolder, mode, ...world });
}

/** Timers that fire when the test says so. */
export function heldTimers(): Timers & { readonly delays: number[]; fire(): void } {
  const delays: number[] = [];
  const pending = new Set<() => void>();
  return {
    delays,
    after(delayMs, action) {
      delays.push(delayMs);
      pending.add(action);
      return { cancel: () => void pending.delete(action) };
    },
    nextTurn: () => {},
    fire() {
      for (const action of pending) {
        pending.delete(action);
        action();
      }
    },
  };
}

/** The code of the error that `action` throws; undefined when it does not. */
export function codeOf(action: () => unknown): unknown {
  try {
    const result = action();
    if (typeof result === 'object' && result !== null && Symbol.dispose in result) {
      (result as Disposable)[Symbol.dispose]();
    }
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}

/** A process of its own that runs one verb of `store-process.suite.ts`. */
export function startProcess(verb: string, ...values: readonly string[]): StoreProcess {
  const script = fileURLToPath(new URL('./store-process.suite.ts', import.meta.url));
  const child = spawn(process.execPath, [script, verb, ...values], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return new StoreProcess(child);
}

/** Its lines as they come. */
export class StoreProcess {
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #rest = '';
  #wake: () => void = () => {};

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      const lines = (this.#rest + text).split('\n');
      this.#rest = lines.pop() ?? '';
      this.lines.push(...lines);
      this.#wake();
    });
    this.#ended = new Promise((resolve) => child.once('close', () => resolve()));
  }

  /** Resolves when it has said `count` lines. */
  async said(count: number): Promise<void> {
    while (this.lines.length < count) {
      const more = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const isOver = await Promise.race([more.then(() => false), this.#ended.then(() => true)]);
      if (isOver && this.lines.length < count) throw new Error('the process ended too early');
    }
  }

  tell(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  /** Ends it as a crash does, and waits until all that it said has arrived. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#ended;
  }
}
