/**
 * A model server for one leaf: an agent’s calls of a model come here, and go through the call chain to
 * the model of the leaf’s role. So each is reserved before it is sent, waits its turn, and is recorded
 * exactly; what the slice does not hold is not sent, and ends the agent. The agent never sees a key.
 */
import { hash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { isJsonObject, type Json, type JsonObject } from '../../../../base/json.ts';
import type { Exchange } from '../../../../model/forward-exchange.ts';
import type { ModelRoute } from '../../../../model/model-provider.ts';
import { estimateTokens } from '../../../../model/model-request.ts';
import type { Shortage, StopCause } from '../../../../trace/events.ts';
import type { Failure } from '../../../../trace/outcome.ts';
import type { CallResult, ModelCalls } from '../../../call/call-chain.ts';
import { refusalOf } from './proxy-refusal.ts';
import { toModelRequest, type WireName, wireOf } from './wire-request.ts';

export interface ModelProxyParts {
  readonly calls: ModelCalls;
  /** The way to the leaf’s model for one exchange; undefined where its provider speaks another dialect. */
  readonly route: (exchange: Exchange) => ModelRoute | undefined;
  /** What the agent has for a key. */
  readonly token: string;
  /** The model that it is told of. */
  readonly model: string;
  /** Of each answer, where the leaf says so. */
  readonly maxOutputTokens?: number;
  readonly signal: AbortSignal;
}

export interface ModelProxy {
  accept(connection: Duplex): void;
  /** Why nothing more is sent: the leaf’s budget, or what only a person can mend. */
  readonly stopped: ProxyStop | undefined;
  /** Aborts once nothing more is sent. */
  readonly onStop: AbortSignal;
  close(): void;
}

export interface ProxyStop {
  readonly failure: Failure;
  readonly short?: Shortage;
  readonly stop?: StopCause;
}

interface WayBack {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly isStream: boolean;
}

const MAX_BODY_BYTES = 32 * 2 ** 20;
/** Headers of a dialect that mean something to the provider. */
const PASSED_HEADERS = ['anthropic-version', 'anthropic-beta', 'openai-beta'];

export function modelProxy(parts: ModelProxyParts): ModelProxy {
  return new Proxying(parts);
}

class Proxying implements ModelProxy {
  readonly #parts: ModelProxyParts;
  readonly #server: Server;
  readonly #stop = new AbortController();
  #stopped: ModelProxy['stopped'];
  #answered = 0;

  constructor(parts: ModelProxyParts) {
    this.#parts = parts;
    this.#server = createServer((request, response) => {
      response.on('error', () => {});
      void this.#handle(request, response).catch(() => response.destroy());
    });
  }

  get stopped(): ModelProxy['stopped'] {
    return this.#stopped;
  }

  get onStop(): AbortSignal {
    return this.#stop.signal;
  }

  accept(connection: Duplex): void {
    this.#server.emit('connection', connection);
  }

  close(): void {
    this.#server.close();
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const wire = wireOf(pathname);
    if (!isOwn(incoming, this.#parts.token)) {
      refuse(response, wire, { status: 401, message: 'this is the proxy of another leaf' });
      return;
    }
    if (incoming.method !== 'POST') {
      this.#look(pathname, response);
      return;
    }
    const body = await readBody(incoming);
    if (body === undefined) {
      refuse(response, wire, {
        status: 400,
        message: 'the body is no JSON object of up to 32 MiB',
      });
    } else if (/\/count_tokens$/.test(pathname)) {
      sendJson(response, 200, { input_tokens: estimateTokens(JSON.stringify(body)) });
    } else if (/:countTokens$/.test(pathname)) {
      sendJson(response, 200, { totalTokens: estimateTokens(JSON.stringify(body)) });
    } else if (wire === undefined) {
      refuse(response, wire, { status: 404, message: `nothing at ${pathname}` });
    } else {
      const isStream = body['stream'] === true || searchParams.get('alt') === 'sse';
      if (!isStream && pathname.endsWith(':streamGenerateContent')) {
        const message = 'a stream is had as events alone: alt=sse';
        refuse(response, wire, { status: 400, message });
        return;
      }
      await this.#ask(wire, body, { incoming, response, isStream });
    }
  }

  /** What needs no model. */
  #look(pathname: string, response: ServerResponse): void {
    const { model } = this.#parts;
    const one = {
      id: model,
      type: 'model',
      object: 'model',
      display_name: model,
      owned_by: 'whaleflow',
    };
    if (/\/models$/.test(pathname)) sendJson(response, 200, { object: 'list', data: [one] });
    else if (/\/models\/[^/]+$/.test(pathname)) sendJson(response, 200, one);
    else if (pathname === '/') sendJson(response, 200, {});
    else sendJson(response, 404, { error: { message: `nothing at ${pathname}` } });
  }

  async #ask(wire: WireName, body: JsonObject, way: WayBack): Promise<void> {
    const { calls, maxOutputTokens, signal } = this.#parts;
    const { response } = way;
    const exchange = exchangeOf(wire, body, way);
    const route = this.#parts.route(exchange);
    if (route === undefined) {
      const message = `the provider of the model of this leaf does not speak ${wire}`;
      refuse(response, wire, { status: 404, message });
      return;
    }
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const request = toModelRequest(wire, body, {
      model: route.model,
      most: Math.min(maxOutputTokens ?? Infinity, route.maxOutputTokens ?? Infinity),
    });
    const ends = AbortSignal.any([signal, this.#stop.signal, gone.signal]);
    const result = await calls.call(request, route, ends);
    if (result.status === 'answered') {
      this.#answered += 1;
      response.end();
      return;
    }
    if (response.headersSent) response.destroy();
    else refuse(response, wire, refusalOf(result.failure));
    if (result.failure.kind === 'budget' || result.stop !== undefined) this.#end(result);
  }

  /** A leaf whose first call does not fit is asked again with as much; later ones have done work already. */
  #end({ failure, short, stop }: Extract<CallResult, { readonly status: 'failed' }>): void {
    const isFirst = this.#answered === 0 && short !== undefined;
    this.#stopped ??= {
      failure,
      ...(isFirst ? { short } : {}),
      ...(stop === undefined ? {} : { stop }),
    };
    this.#stop.abort();
  }
}

/** Whoever has not the token is not the agent of this leaf. */
function isOwn({ headers }: IncomingMessage, token: string): boolean {
  const names = ['x-api-key', 'api-key', 'x-goog-api-key', 'authorization'];
  const own = names.map((name) => headers[name]);
  const given = own
    .flatMap((value) => value ?? [])
    .map((value) => value.replace(/^Bearer\s+/i, ''));
  const digest = (text: string): Buffer => hash('sha256', text, 'buffer');
  return given.some((text) => timingSafeEqual(digest(text), digest(token)));
}

async function readBody(incoming: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  try {
    const value = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function exchangeOf(
  dialect: WireName,
  body: JsonObject,
  { incoming, response, isStream }: WayBack,
): Exchange {
  const passed = PASSED_HEADERS.flatMap((name) => {
    const value = incoming.headers[name];
    return typeof value === 'string' ? [[name, value] as const] : [];
  });
  return {
    dialect,
    body,
    isStream,
    headers: Object.fromEntries(passed),
    begin: (status, contentType) => {
      response.writeHead(status, { 'content-type': contentType });
    },
    async write(piece) {
      if (response.destroyed || response.write(piece)) return;
      await new Promise<void>((resolve) => {
        const goOn = (): void => {
          response.off('drain', goOn).off('close', goOn);
          resolve();
        };
        response.once('drain', goOn).once('close', goOn);
      });
    },
  };
}

function refuse(
  response: ServerResponse,
  wire: WireName | undefined,
  { status, message }: { readonly status: number; readonly message: string },
): void {
  const said = `whaleflow: ${message}`;
  const error = { type: 'invalid_request_error', message: said };
  if (wire === 'gemini') {
    const own = { code: status, message: said, status: 'FAILED_PRECONDITION' };
    sendJson(response, status, { error: own });
  } else
    sendJson(
      response,
      status,
      wire === 'anthropic-messages' ? { type: 'error', error } : { error },
    );
}

function sendJson(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
