/**
 * A model server that answers by a script, on loopback, in the four dialects that agents and SDKs
 * speak. It stands in for a provider in demos and tests; every request is kept for whoever asks.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import type { Timers } from '../../system/clock.ts';
import { anthropicMessages } from './anthropic-messages.ts';
import type { Dialect, FullTurn, ScriptedRequest, ScriptedTurn, ScriptedUsage } from './dialect.ts';
import { spoil } from './faults.ts';
import { gemini } from './gemini.ts';
import { openAiChat } from './openai-chat.ts';
import { openAiResponses } from './openai-responses.ts';

export interface ScriptedServerParts {
  readonly timers: Timers;
  /** What the model says to a request. */
  readonly script: (request: ScriptedRequest) => ScriptedTurn;
  /** Dice of a request, 0 to 1, for where and when faults strike; the middle where absent. */
  readonly dice?: (request: ScriptedRequest) => () => number;
}

export interface ScriptedServer {
  /** Without a path, as Gemini’s clients want it; `/v1` of it is the base URL of the other dialects. */
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
  /** Ends open connections too. */
  close(): Promise<void>;
}

const DIALECTS: readonly Dialect[] = [openAiChat, openAiResponses, anthropicMessages, gemini];
const MAX_BODY_BYTES = 32 * 2 ** 20;
const BYTES_PER_TOKEN = 4;

export async function startScriptedServer(parts: ScriptedServerParts): Promise<ScriptedServer> {
  const requests: ScriptedRequest[] = [];
  const server = createServer((incoming, response) => {
    response.on('error', () => {});
    void readBody(incoming).then((body) => answer(parts, requests, { incoming, response, body }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, requests, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}

/** The body as an object; undefined where it is none or too long. */
async function readBody(incoming: IncomingMessage): Promise<JsonObject | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) return undefined;
      chunks.push(chunk);
    }
    const value = JSON.parse(Buffer.concat(chunks).toString()) as Json;
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly body: JsonObject | undefined;
}

function answer(
  parts: ScriptedServerParts,
  requests: ScriptedRequest[],
  { incoming, response, body }: Exchange,
): void {
  const { pathname } = new URL(incoming.url ?? '/', 'http://127.0.0.1');
  const dialect = DIALECTS.find((one) => one.answers(pathname));
  if (incoming.method !== 'POST' || dialect === undefined || body === undefined) {
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { message: `nothing at ${pathname}` } }));
    return;
  }
  const number = requests.length + 1;
  const path = incoming.url ?? '';
  const request = { ...dialect.read(body, pathname), dialect: dialect.name, path, number, body };
  requests.push(request);
  const turn = parts.script(request);
  const send = (): void => sendTurn(parts, { request, dialect, turn, response });
  if (turn.latencyMs === undefined) send();
  else parts.timers.after(turn.latencyMs, send);
}

interface Answering {
  readonly request: ScriptedRequest;
  readonly dialect: Dialect;
  readonly turn: ScriptedTurn;
  readonly response: ServerResponse;
}

function sendTurn(
  { timers, dice }: ScriptedServerParts,
  { request, dialect, turn, response }: Answering,
): void {
  const full = fillIn(turn, request);
  if (turn.refusal !== undefined) {
    response.writeHead(403, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: { type: 'no_script', message: turn.refusal } }));
  } else if (turn.fault !== undefined) {
    const chance = dice?.(request) ?? (() => 0.5);
    spoil(turn.fault, { response, dialect, turn: full, timers, chance });
  } else if (request.isStream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of dialect.frames(full)) response.write(event);
    response.end();
  } else {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(dialect.whole(full)));
  }
}

function fillIn(turn: ScriptedTurn, request: ScriptedRequest): FullTurn {
  const text = turn.text ?? '';
  const calls = turn.toolCalls ?? [];
  return {
    id: `scripted-${request.number}`,
    model: request.model,
    text,
    toolCalls: calls.map((call, index) => ({ ...call, id: `call-${request.number}-${index + 1}` })),
    usage: { ...estimate(request, `${text}${JSON.stringify(calls)}`), ...turn.usage },
  };
}

function estimate({ body }: ScriptedRequest, answered: string): ScriptedUsage {
  const tokens = (value: string): number => Math.ceil(Buffer.byteLength(value) / BYTES_PER_TOKEN);
  const uncached = tokens(
    JSON.stringify(body['messages'] ?? body['input'] ?? body['contents'] ?? ''),
  );
  return { uncached, cacheRead: 0, cacheWrite: 0, output: tokens(answered), reasoning: 0 };
}
