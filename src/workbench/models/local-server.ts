/** Model servers on this machine: whether one listens, and how it is started. */
import { connect } from 'node:net';
import type { ProviderRow } from './models-config.ts';
import { isLoopback } from './read-provider.ts';

const PROBE_MS = 300;

/** Ought to be served by this machine. The demo’s own server is started with its run. */
export const isLocal = ({ demo, baseUrl }: ProviderRow): boolean =>
  demo === undefined && isLoopback(baseUrl);

/** Connects and hangs up: nothing is said. */
export function isListening({ baseUrl }: Pick<ProviderRow, 'baseUrl'>): Promise<boolean> {
  const { hostname, port, protocol } = new URL(baseUrl);
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const host = hostname.replace(/^\[(.*)\]$/, '$1');
  const usual = protocol === 'https:' ? 443 : 80;
  const socket = connect({ host, port: port === '' ? usual : Number(port), timeout: PROBE_MS });
  const end = (isThere: boolean): void => {
    socket.destroy();
    resolve(isThere);
  };
  socket.once('connect', () => end(true));
  // The first time may be our own: an answer that came while nothing ran here is heard only after it.
  socket.once('timeout', () => socket.setTimeout(PROBE_MS, () => end(false)));
  socket.once('error', () => end(false));
  return promise;
}

/** What to do where nothing listens: of servers that we know, the command that starts them. */
export function howToStart({ name, baseUrl }: ProviderRow, model: string): string {
  const { port } = new URL(baseUrl);
  switch (name) {
    case 'ollama':
      return 'start it: ollama serve';
    case 'vllm':
      return `start it: vllm serve ${model} --port ${port}`;
    case 'llamacpp':
      return `start it: llama-server --port ${port} -m FILE`;
    default:
      return `start the server at ${baseUrl}`;
  }
}
