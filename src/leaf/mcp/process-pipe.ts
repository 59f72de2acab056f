/**
 * The frames of a server that is a process in a sandbox, as the SDK wants them: one JSON a line on its
 * stdin and stdout. The process is ours, not the SDK’s: it has its own group, its limits, and ends with us.
 */
import type { JSONRPCMessage, Transport } from '@modelcontextprotocol/client';
import { isJsonObject, type Json } from '../../base/json.ts';
import { isJsonDeeper } from '../../base/json-depth.ts';
import type { ProcessReport, ProcessRequest, Sandbox } from '../../sandbox/sandbox.ts';
import { ByteQueue } from '../runners/external/byte-queue.ts';
import { LineReader } from '../runners/external/line-reader.ts';
import { tailText } from '../runners/stream-text.ts';

export interface PipeParts {
  readonly sandbox: Sandbox;
  readonly process: Omit<ProcessRequest, 'timeoutMs' | 'maxOutputBytes' | 'input' | 'onOutput'>;
  /** What it prints on stderr, as it comes. */
  readonly onNote: (chunk: Uint8Array) => void;
}

const LIMITS = { maxLineBytes: 4 * 2 ** 20, maxTotalBytes: 64 * 2 ** 20 };
const MAX_STREAM_BYTES = 16 * 1024;
const MAX_DEPTH = 100;
/** Lines in a row that are no frames: then it does not speak the protocol. */
const MAX_BAD_FRAMES = 100;
const SAID_BYTES = 1024;
const LONGER_THAN_ANY_LEAF_MS = 2 ** 31 - 1;

export class ProcessPipe implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** By these two the SDK knows that nothing of HTTP goes over it. */
  readonly stderr = null;
  readonly pid = null;
  readonly #parts: PipeParts;
  readonly #input = new ByteQueue();
  readonly #kill = new AbortController();
  readonly #lines: LineReader;
  #running: Promise<void> | undefined;
  #problem: string | undefined;
  #isClosed = false;
  #bad = 0;

  constructor(parts: PipeParts) {
    this.#parts = parts;
    this.#lines = new LineReader((line) => this.#read(new TextDecoder().decode(line)), LIMITS);
  }

  /** What the process did to end the talk; undefined while all is well, and where we ended it. */
  get problem(): string | undefined {
    return this.#problem;
  }

  async start(): Promise<void> {
    // The SDK starts a pipe again that it has tried out; a process that has ended stays so.
    if (this.#isClosed) throw new Error(this.#problem ?? 'it is closed');
    this.#running ??= this.#run();
  }

  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#isClosed) throw new Error(this.#problem ?? 'it is closed');
    this.#input.push(new TextEncoder().encode(`${JSON.stringify(message)}\n`));
  }

  async close(): Promise<void> {
    this.#end(undefined);
    await this.#running;
  }

  async #run(): Promise<void> {
    const { sandbox, process } = this.#parts;
    const report = await sandbox.run(
      {
        ...process,
        timeoutMs: LONGER_THAN_ANY_LEAF_MS,
        maxOutputBytes: MAX_STREAM_BYTES,
        input: this.#input,
        onOutput: (stream, chunk) => this.#hear(stream, chunk),
      },
      this.#kill.signal,
    );
    this.#end(howEnded(report));
  }

  #hear(stream: 'stdout' | 'stderr', chunk: Uint8Array): void {
    if (stream === 'stderr') this.#parts.onNote(chunk);
    else if (!this.#lines.add(chunk)) this.#end(`it sent ${this.#lines.problem}`);
  }

  #read(raw: string): void {
    const frame = parsed(raw);
    this.#bad = frame === undefined ? this.#bad + 1 : 0;
    if (this.#bad > MAX_BAD_FRAMES) this.#end(`it sent ${this.#bad} lines that are no frames`);
    if (frame !== undefined && !this.#isClosed) this.onmessage?.(frame);
  }

  /** Once: the first reason is the one that counts. */
  #end(problem: string | undefined): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#problem = problem;
    this.#input.close();
    this.#kill.abort();
    this.onclose?.();
  }
}

function howEnded({ spawnError, exitCode, signal, stderr }: ProcessReport): string {
  if (spawnError !== undefined) return `it did not start: ${spawnError}`;
  const how = exitCode === null ? `signal ${signal}` : `status ${exitCode}`;
  const words = tailText(stderr, SAID_BYTES).trim();
  return `it ended with ${how}${words === '' ? '' : `: ${words}`}`;
}

/** Undefined for what is no frame. */
function parsed(raw: string): JSONRPCMessage | undefined {
  if (isJsonDeeper(raw, MAX_DEPTH)) return undefined;
  try {
    const value = JSON.parse(raw) as Json;
    const isFrame = isJsonObject(value) && value['jsonrpc'] === '2.0';
    return isFrame ? (value as unknown as JSONRPCMessage) : undefined;
  } catch {
    return undefined;
  }
}
