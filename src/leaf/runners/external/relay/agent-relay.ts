/**
 * A program of its own, which stands beside an agent in its sandbox: it listens on the loopback that the
 * agent sees, and passes what comes there through its own pipes, to whoever started it. So an agent
 * without a network reaches its model, and nothing else, and no port is open outside.
 */
import { spawn } from 'node:child_process';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Readable, Writable } from 'node:stream';
import { MUX, type MuxKind, MuxReader, muxFrame } from './mux.ts';

/** What it is told, as its only argument. */
export interface RelayOrder {
  /** `{url}` in a word becomes the address that it listens on. */
  readonly argv: readonly string[];
  /** Added to its own environment; the same. */
  readonly env: Readonly<Record<string, string>>;
}

const NOT_STARTED = 127;
const SIGNALLED = 128;
/** What a program that has ended printed comes at once; what holds its pipes longer is not it. */
const DRAIN_MS = 500;
const out: Writable = process.stdout;
out.setMaxListeners(0);
const connections = new Map<number, Socket>();
let opened = 0;

function send(kind: MuxKind, channel: number, payload?: Uint8Array, source?: Readable): void {
  if (out.write(muxFrame(kind, channel, payload)) || source === undefined) return;
  source.pause();
  out.once('drain', () => source.resume());
}

const server = createServer({ allowHalfOpen: true }, (socket) => {
  opened += 1;
  const channel = opened;
  connections.set(channel, socket);
  send(MUX.open, channel);
  socket.on('data', (data: Uint8Array) => send(MUX.data, channel, data, socket));
  socket.on('end', () => send(MUX.end, channel));
  socket.on('error', () => {});
  socket.on('close', () => {
    if (connections.delete(channel)) send(MUX.close, channel);
  });
});

server.listen(0, '127.0.0.1', () => {
  const { port } = server.address() as AddressInfo;
  start(JSON.parse(process.argv[2] ?? '{}') as RelayOrder, `http://127.0.0.1:${port}`);
});

function start({ argv, env }: RelayOrder, url: string): void {
  const filled = (text: string): string => text.replaceAll('{url}', url);
  const [program = '', ...rest] = argv.map(filled);
  const own = Object.entries(env).map(([name, text]) => [name, filled(text)] as const);
  const child = spawn(program, rest, {
    env: { ...process.env, ...Object.fromEntries(own) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const { stdin, stdout } = child;
  stdin.on('error', () => {});
  stdout.on('data', (data: Uint8Array) => send(MUX.output, 0, data, stdout));
  child.on('error', ({ message }) => end(NOT_STARTED, `${message}\n`));
  const status = (code: number | null, signal: string | null): number =>
    code ?? SIGNALLED + (signal === 'SIGKILL' ? 9 : 15);
  child.on('close', (code, signal) => end(status(code, signal)));
  child.on('exit', (code, signal) => setTimeout(() => end(status(code, signal)), DRAIN_MS));
  const reader = new MuxReader((kind, channel, payload) => {
    const connection = connections.get(channel);
    if (kind === MUX.input) stdin.write(payload);
    else if (kind === MUX.inputEnd) stdin.end();
    else if (kind === MUX.data) connection?.write(payload);
    else if (kind === MUX.end) connection?.end();
    else if (kind === MUX.close) {
      connections.delete(channel);
      connection?.destroy();
    }
  });
  process.stdin.on('data', (data: Uint8Array) => reader.add(data));
  process.stdin.on('error', () => {});
  // Whoever started it is gone: the agent ends with it.
  process.stdin.on('end', () => child.kill('SIGTERM'));
}

/** With the agent’s own status, once all that it printed is on its way. */
function end(status: number, said = ''): void {
  const error: Writable = process.stderr;
  error.write(said, () => out.write(new Uint8Array(), () => process.exit(status)));
}

// The whole group is told; it ends with the agent, which may tidy up first.
process.on('SIGTERM', () => {});
