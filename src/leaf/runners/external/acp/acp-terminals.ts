/** Commands that an agent has us run: in its tree, through the sandbox, as far as the leaf permits. */
import { RequestError } from '@agentclientprotocol/sdk';
import type { ProcessReport } from '../../../../sandbox/sandbox.ts';
import { joinArgv } from '../../../../workflow/task.ts';
import type { Verified } from '../../agent/ran-command.ts';
import { fullText } from '../../stream-text.ts';

export interface TerminalOrder {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Absolute; the tree’s root where absent. */
  readonly cwd: string | undefined;
  readonly maxOutputBytes: number;
}

export interface TerminalsParts {
  /** Why a command may not run; undefined where it may. */
  readonly refusal: (command: string) => string | undefined;
  readonly run: (
    order: TerminalOrder & { readonly argv: readonly string[] },
    onOutput: (chunk: Uint8Array) => void,
    signal: AbortSignal,
  ) => Promise<ProcessReport>;
  /** Called once for each that has ended. */
  readonly onEnd: (command: string, report: ProcessReport, output: string) => void;
}

interface Terminal {
  readonly stop: AbortController;
  readonly ended: Promise<ProcessReport>;
  readonly maxBytes: number;
  chunks: Uint8Array[];
  bytes: number;
  isCut: boolean;
  report: ProcessReport | undefined;
}

export interface TerminalState {
  readonly output: string;
  readonly truncated: boolean;
  readonly exitStatus?: { readonly exitCode: number | null; readonly signal: string | null };
}

const MAX_OPEN = 16;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const NOT_FOUND = -32002;
const INVALID = -32602;

export class AcpTerminals {
  readonly #parts: TerminalsParts;
  readonly #open = new Map<string, Terminal>();
  readonly verified: Verified[] = [];
  #number = 0;

  constructor(parts: TerminalsParts) {
    this.#parts = parts;
  }

  /** Gives its id. @throws {RequestError} where the leaf does not permit it. */
  create(order: TerminalOrder): string {
    const argv = argvOf(order);
    const command = joinArgv(order.args.length === 0 ? [order.command] : argv);
    const refusal = this.#parts.refusal(command);
    if (refusal !== undefined) throw new RequestError(INVALID, refusal);
    if (this.#open.size >= MAX_OPEN)
      throw new RequestError(INVALID, `${MAX_OPEN} are open already`);
    this.#number += 1;
    const id = `terminal-${this.#number}`;
    const stop = new AbortController();
    const maxBytes = Math.min(Math.max(1, order.maxOutputBytes), MAX_OUTPUT_BYTES);
    const add = (chunk: Uint8Array): void => keepTail(terminal, chunk);
    const running = this.#parts.run({ ...order, argv }, add, stop.signal);
    const ended = running.then((report) => {
      terminal.report = report;
      this.verified.push({ command, exitCode: report.exitCode });
      this.#parts.onEnd(command, report, fullText(report.stdout) + fullText(report.stderr));
      return report;
    });
    const terminal: Terminal = {
      stop,
      ended,
      maxBytes,
      chunks: [],
      bytes: 0,
      isCut: false,
      report: undefined,
    };
    this.#open.set(id, terminal);
    return id;
  }

  state(id: string): TerminalState {
    const { chunks, isCut, report } = this.#at(id);
    const output = new TextDecoder().decode(Buffer.concat(chunks));
    if (report === undefined) return { output, truncated: isCut };
    const { exitCode, signal } = report;
    return { output, truncated: isCut, exitStatus: { exitCode, signal } };
  }

  async wait(id: string): Promise<NonNullable<TerminalState['exitStatus']>> {
    const { exitCode, signal } = await this.#at(id).ended;
    return { exitCode, signal };
  }

  kill(id: string): void {
    this.#at(id).stop.abort();
  }

  async release(id: string): Promise<void> {
    const terminal = this.#at(id);
    this.#open.delete(id);
    terminal.stop.abort();
    await terminal.ended;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.release(id)));
  }

  #at(id: string): Terminal {
    const found = this.#open.get(id);
    if (found === undefined) throw new RequestError(NOT_FOUND, `there is no terminal ${id}`);
    return found;
  }
}

/** One text without arguments is a line for a shell, as agents write it. */
function argvOf({ command, args }: TerminalOrder): readonly string[] {
  if (args.length > 0) return [command, ...args];
  return /^[\w@%+:,./-]+$/.test(command) ? [command] : ['bash', '-c', command];
}

function keepTail(terminal: Terminal, chunk: Uint8Array): void {
  terminal.chunks.push(Uint8Array.from(chunk));
  terminal.bytes += chunk.length;
  while (terminal.bytes > terminal.maxBytes) {
    const [first] = terminal.chunks;
    if (first === undefined) return;
    const over = terminal.bytes - terminal.maxBytes;
    terminal.isCut = true;
    if (first.length <= over) terminal.chunks.shift();
    else terminal.chunks[0] = first.subarray(over);
    terminal.bytes -= Math.min(first.length, over);
  }
}
