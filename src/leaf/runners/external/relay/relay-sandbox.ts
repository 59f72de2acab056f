/** A sandbox whose processes reach one service of ours, and for that need no network. */
import { dirname } from 'node:path';
import { Duplex } from 'node:stream';
import { OutputCapture } from '../../../../sandbox/output-capture.ts';
import type { ProcessRequest, Sandbox } from '../../../../sandbox/sandbox.ts';
import { ByteQueue } from '../byte-queue.ts';
import type { RelayOrder } from './agent-relay.ts';
import { MUX, MuxReader, muxFrame } from './mux.ts';

export interface RelayParts {
  /** The program of `agent-relay.ts`, absolute. */
  readonly script: string;
  /** Node, absolute. */
  readonly node: string;
  /** Variables of the process in which `{url}` is the address of the service; also in its arguments. */
  readonly env: Readonly<Record<string, string>>;
  /** Takes a connection that the process has made. */
  readonly accept: (connection: Duplex) => void;
}

export function relaySandbox(sandbox: Sandbox, parts: RelayParts): Sandbox {
  return {
    level: sandbox.level,
    async run({ stdin, input, ...request }, signal) {
      const relay = new Relay(request, parts);
      // Input that breaks off ends nothing: the process does, by its own or at its time.
      relay.feed(stdin, input).catch(() => {});
      const report = await sandbox.run(relay.request(), signal);
      relay.close();
      return { ...report, stdout: relay.output.output() };
    },
  };
}

type Request = Omit<ProcessRequest, 'stdin' | 'input'>;

class Relay {
  readonly #request: Request;
  readonly #parts: RelayParts;
  readonly #queue = new ByteQueue();
  readonly #connections = new Map<number, Connection>();
  readonly #reader: MuxReader;
  readonly output: OutputCapture;

  constructor(request: Request, parts: RelayParts) {
    this.#request = request;
    this.#parts = parts;
    this.output = new OutputCapture(request.maxOutputBytes);
    this.#reader = new MuxReader((kind, channel, payload) => this.#take(kind, channel, payload));
  }

  request(): ProcessRequest {
    const { argv, onOutput, readable = [] } = this.#request;
    const { node, script, env } = this.#parts;
    const order: RelayOrder = { argv, env };
    return {
      ...this.#request,
      argv: [node, script, JSON.stringify(order)],
      input: this.#queue,
      readable: [...readable, dirname(script)],
      onOutput: (stream, chunk) => {
        if (stream === 'stderr') onOutput?.('stderr', chunk);
        else this.#reader.add(chunk);
      },
    };
  }

  async feed(
    stdin: Uint8Array | undefined,
    input: AsyncIterable<Uint8Array> | undefined,
  ): Promise<void> {
    if (stdin !== undefined) this.#queue.push(muxFrame(MUX.input, 0, stdin));
    else for await (const chunk of input ?? []) this.#queue.push(muxFrame(MUX.input, 0, chunk));
    this.#queue.push(muxFrame(MUX.inputEnd, 0));
  }

  close(): void {
    this.#queue.close();
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connections.clear();
  }

  #take(kind: number, channel: number, payload: Uint8Array): void {
    switch (kind) {
      case MUX.output:
        this.output.add(payload);
        this.#request.onOutput?.('stdout', payload);
        return;
      case MUX.open:
        this.#open(channel);
        return;
      case MUX.data:
        this.#connections.get(channel)?.push(Buffer.from(payload));
        return;
      case MUX.end:
        this.#connections.get(channel)?.push(null);
        return;
      case MUX.close:
        this.#connections.get(channel)?.destroy();
        return;
      default:
    }
  }

  #open(channel: number): void {
    const connection = new Connection({
      send: (data) => this.#queue.push(muxFrame(MUX.data, channel, data)),
      end: () => this.#queue.push(muxFrame(MUX.end, channel)),
      gone: () => {
        if (this.#connections.delete(channel)) this.#queue.push(muxFrame(MUX.close, channel));
      },
    });
    connection.on('error', () => {});
    this.#connections.set(channel, connection);
    this.#parts.accept(connection);
  }
}

interface Wire {
  readonly send: (data: Uint8Array) => void;
  readonly end: () => void;
  readonly gone: () => void;
}

/** Our end of a connection that was made inside. */
class Connection extends Duplex {
  readonly #wire: Wire;

  constructor(wire: Wire) {
    super({ allowHalfOpen: true });
    this.#wire = wire;
  }

  override _read(): void {
    // What comes is pushed as it comes: one request at a time, of bounded length.
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#wire.send(chunk);
    done();
  }

  override _final(done: () => void): void {
    this.#wire.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#wire.gone();
    done(error);
  }
}
