/** Requests of others, passed on to a server on loopback in the words in which they were written. */
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { Exchange, WireDialect } from '../forward-exchange.ts';
import type { ModelEvent, ModelRequest } from '../model-provider.ts';
import type { ScriptedTurn } from '../scripted-server/dialect.ts';
import { FAULTS } from '../scripted-server/faults.ts';
import { type ScriptedServer, startScriptedServer } from '../scripted-server/scripted-server.ts';
import { type ForwardTarget, forwardProvider } from './forward-provider.ts';

const KEY = 'sk-canary-0123456789';
/** For what stalls. */
const LIMITS = { headersMs: 400, firstTokenMs: 400, idleMs: 400, totalMs: 10_000 };
/** Where none is to strike: machines are shared. */
const PATIENT = { headersMs: 60_000, firstTokenMs: 60_000, idleMs: 60_000, totalMs: 90_000 };
const STALLS = new Set(['stall-before-headers', 'stall-in-body', 'keep-alive-only']);
const dialects: readonly WireDialect[] = [
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'gemini',
];
const usage = { uncached: 40, cacheRead: 60, cacheWrite: 0, output: 20, reasoning: 0 };

let server: ScriptedServer;
let turn: ScriptedTurn = {};
let random = 0.5;
beforeAll(async () => {
  server = await startScriptedServer({
    timers: nodeTimers,
    script: () => turn,
    dice: () => () => random,
  });
});
afterAll(() => server.close());

interface Passed {
  readonly events: readonly ModelEvent[];
  /** What the other side got. */
  readonly status: number | undefined;
  readonly text: string;
}

const QUESTIONS: Readonly<Record<WireDialect, JsonObject>> = {
  'openai-chat': { messages: [{ role: 'user', content: 'Say hello.' }] },
  'openai-responses': { input: 'Say hello.' },
  'anthropic-messages': {
    messages: [{ role: 'user', content: 'Say hello.' }],
    max_tokens: 64_000,
  },
  gemini: { contents: [{ role: 'user', parts: [{ text: 'Say hello.' }] }] },
};
const bodyOf = (dialect: WireDialect, parts: JsonObject = {}): JsonObject => ({
  model: 'what-it-likes',
  ...QUESTIONS[dialect],
  stream: true,
  ...parts,
});

async function pass(
  dialect: WireDialect,
  body: JsonObject = bodyOf(dialect),
  target: Partial<ForwardTarget> = {},
): Promise<Passed> {
  let status: number | undefined;
  const pieces: Uint8Array[] = [];
  const exchange: Exchange = {
    dialect,
    body,
    isStream: body['stream'] === true,
    headers: { 'anthropic-beta': 'some' },
    begin: (code) => {
      status = code;
    },
    write: async (piece) => void pieces.push(piece),
  };
  const provider = forwardProvider(
    {
      target: {
        name: 'scripted',
        baseUrl: `${server.url}/v1`,
        key: KEY,
        priceOf: ({ uncached, cacheRead, output }) => ({
          costMicroUsd: uncached * 2 + cacheRead + output * 10,
          isSure: true,
        }),
        ...target,
      },
      clock: nodeClock,
      timers: nodeTimers,
      limits: STALLS.has(turn.fault ?? '') ? LIMITS : PATIENT,
    },
    exchange,
  );
  const request: ModelRequest = {
    model: 'ours',
    messages: [{ role: 'user', text: 'Say hello.' }],
    maxOutputTokens: 100,
    wire: { dialect, body },
  };
  const origin = { path: 'leaf', attempt: 1, call: 1, role: 'implementer' } as const;
  const events: ModelEvent[] = [];
  for await (const event of provider.call(request, origin, new AbortController().signal)) {
    events.push(event);
  }
  return { events, status, text: Buffer.concat(pieces).toString() };
}

const endOf = ({ events }: Passed): ModelEvent | undefined => events.at(-1);

test('one answer is had of a question, however many are asked for, in either spelling', async () => {
  turn = { text: 'ok' };
  await pass('openai-chat', bodyOf('openai-chat', { n: 8 }));
  expect(server.requests.at(-1)?.body).not.toHaveProperty('n');
  for (const name of ['generationConfig', 'generation_config']) {
    const most = { maxOutputTokens: 64_000, max_output_tokens: 64_000 };
    const many = { ...most, candidateCount: 8, candidate_count: 8, topK: 3 };
    await pass('gemini', bodyOf('gemini', { [name]: many }));
    const body = server.requests.at(-1)?.body ?? {};
    expect(body['generationConfig']).toEqual({ topK: 3, maxOutputTokens: 100 });
    expect(body).not.toHaveProperty('generation_config');
  }
});

describe.each(dialects)('%s', (dialect) => {
  test.each([
    ['as a stream', true],
    ['as a whole', false],
  ])('passes an answer on %s and reads it', async (_name, stream) => {
    const toolCalls = [{ name: 'write', input: { path: 'a.txt' } }];
    turn = { text: 'Hello, whale! 🐋', toolCalls, usage };
    const passed = await pass(dialect, bodyOf(dialect, { stream }));
    expect(passed.status).toBe(200);
    expect(passed.text).toContain('write');
    expect(endOf(passed)).toMatchObject({
      type: 'finished',
      text: 'Hello, whale! 🐋',
      toolCalls: [{ name: 'write', input: '{"path":"a.txt"}' }],
      usage: { tokens: usage, costMicroUsd: 40 * 2 + 60 + 200, costStatus: 'exact' },
      model: 'ours',
    });
  });

  test('asks our model, no longer than was set aside, and says all the rest as it was', async () => {
    turn = { text: 'ok' };
    const own = { metadata: { user: 'x' }, tools: [], made_up: [1, { deep: true }] };
    await pass(dialect, bodyOf(dialect, own));
    const body = server.requests.at(-1)?.body ?? {};
    expect(body).toMatchObject(own);
    const { max_tokens, max_output_tokens, generationConfig, model } = body;
    const config = generationConfig as JsonObject | undefined;
    expect(max_tokens ?? max_output_tokens ?? config?.['maxOutputTokens']).toBe(100);
    // One dialect has the model in its path.
    const path = server.requests.at(-1)?.path ?? '';
    expect(/\/models\/([^/]+):/.exec(path)?.[1] ?? model).toBe('ours');
  });

  test.each(FAULTS)(
    '%s: ends once, in time, and is sent again only before anything has passed',
    async (fault) => {
      for (const at of [0.1, 0.9]) {
        random = at;
        turn = { text: 'Hello, whale! Hello again, and again.', usage, fault };
        const passed = await pass(dialect);
        const ends = passed.events.filter(({ type }) => type === 'finished' || type === 'failed');
        expect(ends).toHaveLength(1);
        const [end] = ends;
        if (end?.type === 'failed' && passed.status !== undefined)
          expect(end.retryable).toBe(false);
        expect(JSON.stringify(end)).not.toContain(KEY);
      }
    },
  );
});

test('an answer without figures is estimated, and one without a price is unknown', async () => {
  const answering = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    const choices = [{ message: { content: 'hi' }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ model: 'm', choices }));
  });
  await new Promise<void>((resolve) => answering.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(answering.address() as AddressInfo).port}/v1`;
  const estimated = await pass('openai-chat', undefined, { baseUrl });
  expect(endOf(estimated)).toMatchObject({ usage: { costStatus: 'estimated' } });
  const unknown = await pass('openai-chat', undefined, { baseUrl, priceOf: () => undefined });
  expect(endOf(unknown)).toMatchObject({ usage: { costStatus: 'unknown', costMicroUsd: 0 } });
  answering.close();
});

test.each(dialects)(
  '%s: the key of the provider goes out, and nothing else that passed for one',
  async (dialect) => {
    let seen: IncomingHttpHeaders = {};
    const looking = createServer((request, response) => {
      seen = request.headers;
      response.writeHead(401, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: `no such key: ${KEY}` }));
    });
    await new Promise<void>((resolve) => looking.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(looking.address() as AddressInfo).port}/v1`;
    const passed = await pass(dialect, undefined, { baseUrl });
    const sent = seen['x-api-key'] ?? seen['x-goog-api-key'] ?? seen.authorization;
    expect(String(sent).replace('Bearer ', '')).toBe(KEY);
    expect(seen['anthropic-beta']).toBe('some');
    expect(endOf(passed)).toMatchObject({ type: 'failed', kind: 'refused', retryable: false });
    expect(JSON.stringify(passed)).not.toContain(KEY);
    looking.close();
  },
);
