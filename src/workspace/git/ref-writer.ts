/**
 * Names commits by one git process that lives for a while, since what is kept in the middle of a leaf is
 * named after every change. It ends by itself when nothing has been named for some time, and with us.
 */
import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { Socket } from 'node:net';
import { WhaleFlowError } from '../../base/errors.ts';
import { printable } from '../../base/printable.ts';
import { createSerial } from './serial.ts';

/** @throws {WhaleFlowError} WF6003. Durable when it resolves. */
export type WriteRef = (ref: string, commit: string) => Promise<void>;

const IDLE_MS = 10_000;
const TIMEOUT_MS = 120_000;
const MAX_ERROR_CHARACTERS = 2048;

/** `start`: `git update-ref --stdin` in the repository. */
export function createRefWriter(start: () => ChildProcessWithoutNullStreams): WriteRef {
  const serial = createSerial();
  let writer: RefProcess | undefined;
  return (ref, commit) =>
    serial(async () => {
      if (writer === undefined || writer.isOver) writer = new RefProcess(start());
      await writer.write(`start\nupdate ${ref} ${commit}\nprepare\ncommit\n`);
    });
}

class RefProcess {
  readonly #child: ChildProcessWithoutNullStreams;
  #said = '';
  #complaint = '';
  #over: string | undefined;
  #settle: (() => void) | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(child: ChildProcessWithoutNullStreams) {
    this.#child = child;
    child.stdout.on('data', (chunk: Buffer) => {
      this.#said += chunk.toString('latin1');
      this.#settle?.();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      this.#complaint = (this.#complaint + chunk.toString('utf8')).slice(0, MAX_ERROR_CHARACTERS);
    });
    // How it ends says more than that it reads no more.
    child.stdin.on('error', () => {});
    child.once('error', (error) => this.#end(error.message));
    child.once('close', (exit, killedBy) => this.#end(`exit ${exit ?? killedBy}`));
  }

  get isOver(): boolean {
    return this.#over !== undefined;
  }

  async write(lines: string): Promise<void> {
    clearTimeout(this.#idle);
    this.#hold(true);
    this.#said = '';
    const late = setTimeout(() => this.#child.kill('SIGKILL'), TIMEOUT_MS);
    await new Promise<void>((resolve) => {
      this.#settle = () => {
        if (this.isOver || this.#said.includes('commit: ok\n')) resolve();
      };
      this.#child.stdin.write(lines);
      this.#settle();
    });
    clearTimeout(late);
    this.#hold(false);
    if (this.#said.includes('commit: ok\n')) {
      this.#idle = setTimeout(() => this.#close(), IDLE_MS).unref();
      return;
    }
    const said = printable(this.#complaint.trim().replaceAll(/\n+/g, ' | '));
    throw new WhaleFlowError('WF6003', `git update-ref: ${this.#over}${said && `: ${said}`}`);
  }

  /** Another is begun for what comes next, while this one ends. */
  #close(): void {
    this.#over ??= 'ended';
    this.#child.stdin.end();
  }

  #end(why: string): void {
    this.#over ??= why;
    this.#settle?.();
  }

  /** While it has nothing to do, nobody waits for it to end. */
  #hold(isHeld: boolean): void {
    const { stdin, stdout, stderr } = this.#child;
    for (const pipe of [stdin, stdout, stderr]) {
      if (!(pipe instanceof Socket)) continue;
      if (isHeld) pipe.ref();
      else pipe.unref();
    }
    if (isHeld) this.#child.ref();
    else this.#child.unref();
  }
}
