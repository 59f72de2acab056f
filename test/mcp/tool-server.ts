/**
 * A small server of tools as a process, good or hostile, for tests: `FILE [http]`. FILE says what it does and is
 * read anew for each request, so that a test may change it. Speaks over stdio, or over HTTP on loopback and
 * prints its address. Imports nothing of the project: it stands for a stranger.
 */
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createInterface } from 'node:readline';

interface Behaviour {
  /** Each message that arrives is a line of it. */
  readonly log?: string;
  readonly tools?: readonly object[];
  /** Tools on one page; all where absent. */
  readonly pageSize?: number;
  /** Its list has no end. */
  readonly isEndless?: boolean;
  /** By method, or by the name of a tool. */
  readonly on?: Readonly<Record<string, Act>>;
  readonly stderr?: string;
  /** HTTP: where it sends all who come. */
  readonly redirect?: string;
  /** HTTP: the key that it wants. */
  readonly key?: string;
}

interface Act {
  readonly do?: 'hang' | 'die' | 'flood' | 'garbage' | 'twice' | 'announce';
  readonly result?: object;
  readonly error?: string;
  /** A variable of its environment in place of a result. */
  readonly env?: string;
  readonly pid?: boolean;
}

interface Message {
  readonly id?: number | string;
  readonly method?: string;
  readonly params?: {
    readonly name?: string;
    readonly cursor?: string;
    readonly [key: string]: unknown;
  };
}

const [file = '', way = 'stdio'] = process.argv.slice(2);
const behaviour = (): Behaviour => JSON.parse(readFileSync(file, 'utf8')) as Behaviour;
type Send = (frame: object | string) => void;

function answer({ id, method = '', params = {} }: Message, send: Send): void {
  const { log, on = {}, stderr } = behaviour();
  if (log !== undefined) appendFileSync(log, `${method} ${params.name ?? ''}\n`);
  if (stderr !== undefined) process.stderr.write(stderr);
  if (id === undefined) return;
  const act = on[method === 'tools/call' ? (params.name ?? '') : method] ?? {};
  const reply = (result: object): void => send({ jsonrpc: '2.0', id, result });
  switch (act.do) {
    case 'hang':
      return;
    case 'die':
      process.stderr.write('I am gone\n');
      process.exit(3);
      break;
    case 'flood':
      for (let count = 0; count < 100; count += 1) send('x'.repeat(1_000_000));
      return;
    case 'garbage':
      for (let count = 0; count < 200; count += 1) send('no frame at all\n');
      return;
    case 'announce':
      send({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });
      break;
    default:
  }
  if (act.error !== undefined) {
    send({ jsonrpc: '2.0', id, error: { code: -32000, message: act.error } });
  } else if (act.env !== undefined) reply(words(process.env[act.env] ?? 'not set'));
  else if (act.pid === true) reply(words(`${process.pid}`));
  else if (act.result !== undefined) reply(act.result);
  else standard({ id, method, params }, send);
}

function standard({ id, method = '', params = {} }: Message, send: Send): void {
  const { tools = [], pageSize = tools.length || 1, isEndless = false } = behaviour();
  const reply = (result: object): void => send({ jsonrpc: '2.0', id, result });
  switch (method) {
    case 'initialize':
      reply({
        protocolVersion: params['protocolVersion'],
        capabilities: { tools: { listChanged: true } },
        serverInfo: { name: 'stranger', version: '1' },
      });
      return;
    case 'tools/list': {
      const from = Number(params.cursor ?? 0);
      const isLast = !isEndless && from + pageSize >= tools.length;
      reply({
        tools: tools.slice(from, from + pageSize),
        ...(isLast ? {} : { nextCursor: `${from + pageSize}` }),
      });
      return;
    }
    case 'tools/call':
      reply(words(`${params.name} got ${JSON.stringify(params['arguments'])}`));
      return;
    default:
      send({ jsonrpc: '2.0', id, error: { code: -32601, message: `no ${method} here` } });
  }
}

const words = (text: string): object => ({ content: [{ type: 'text', text }] });

if (way === 'http') {
  const server = createServer((request, response) => void overHttp(request, response));
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    process.stdout.write(`http://127.0.0.1:${port}/mcp\n`);
  });
  process.stdin.on('close', () => process.exit(0)).resume();
} else {
  createInterface({ input: process.stdin }).on('line', (line) => {
    answer(JSON.parse(line) as Message, (frame) => {
      process.stdout.write(typeof frame === 'string' ? frame : `${JSON.stringify(frame)}\n`);
    });
  });
  process.stdin.on('close', () => process.exit(0));
}

async function overHttp(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { redirect, key } = behaviour();
  if (redirect !== undefined) response.writeHead(307, { location: redirect }).end();
  else if (key !== undefined && request.headers.authorization !== `Bearer ${key}`) {
    response.writeHead(401).end('who are you');
  } else if (request.method === 'POST') {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    const message = JSON.parse(body) as Message;
    if (message.id === undefined) response.writeHead(202).end();
    answer(message, (frame) => {
      if (message.id === undefined) return;
      if (typeof frame === 'string') {
        if (!response.headersSent) response.writeHead(200, { 'content-type': 'application/json' });
        response.write(frame);
        return;
      }
      if (!('id' in frame)) return;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(frame));
    });
  } else response.writeHead(405).end();
}
