/**
 * Replays the exchanges of `fixtures/`, provider by provider, through the adapter: what is sent, byte for
 * byte as JSON, and what is made of the answer.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json, JsonObject } from '../../src/base/json.ts';
import { aiSdkProvider } from '../../src/model/ai-sdk/ai-sdk-provider.ts';
import { type DialectName, modelsOf } from '../../src/model/ai-sdk/models.ts';
import type { ModelEvent, ModelRequest } from '../../src/model/model-provider.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { Tokens } from '../../src/trace/usage.ts';
import { knownProviders } from '../../src/workbench/models/known-providers.ts';

interface Exchange {
  /** What it was written after: a page and the day, or the provider itself. */
  readonly source:
    | { readonly from: 'documentation'; readonly url: string; readonly date: string }
    | { readonly from: 'recorded'; readonly date: string };
  readonly dialect: DialectName;
  readonly ask: ModelRequest;
  /** The body that is sent for it. */
  readonly request?: JsonObject;
  readonly response: {
    readonly status: number;
    readonly type: string;
    /** Of a stream: an object is data, a text stands as it is. */
    readonly events?: readonly (JsonObject | string)[];
    readonly body?: JsonObject;
  };
  readonly expect:
    | {
        readonly text: string;
        readonly toolCalls?: readonly { readonly name: string; readonly input: Json }[];
        readonly usage: Tokens | 'estimated';
        readonly isCut?: true;
        readonly model?: string;
      }
    | {
        readonly failed: string;
        readonly isCredentials?: boolean;
        readonly isBusy?: boolean;
        readonly retryable?: boolean;
      };
}

const FOLDER = join(import.meta.dirname, 'fixtures');
const KEY = 'sk-canary-0123456789';
/** Writes the bodies that are sent into the files, to be read by a person before they are committed. */
const isWriting = process.env['WHALEFLOW_WRITE_FIXTURES'] === '1';

let server: Server;
let current: Exchange | undefined;
let sent: { readonly url: string; readonly key: string; readonly body: JsonObject } | undefined;
beforeAll(async () => {
  server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const { authorization = '', 'x-api-key': own = '' } = incoming.headers;
      const body = JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
      sent = { url: incoming.url ?? '', key: `${authorization}${String(own)}`, body };
      const { status, type } = current?.response ?? { status: 500, type: 'text/plain' };
      response.writeHead(status, { 'content-type': type }).end(bodyOf(current));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

function bodyOf(exchange: Exchange | undefined): string {
  const { events, body } = exchange?.response ?? {};
  if (events === undefined) return JSON.stringify(body ?? {});
  return events
    .map((event) => {
      if (typeof event !== 'string') {
        const name = exchange?.dialect === 'openai' ? '' : `event: ${String(event['type'])}\n`;
        return `${name}data: ${JSON.stringify(event)}\n\n`;
      }
      return event.startsWith(':') ? `${event}\n\n` : `data: ${event}\n\n`;
    })
    .join('');
}

async function ask(provider: string, { dialect, ask: request }: Exchange): Promise<ModelEvent> {
  const { port } = server.address() as AddressInfo;
  const row = knownProviders.find(({ name }) => name === rowOf(provider));
  if (row === undefined) throw new Error(`no row ${provider}`);
  expect(dialect).toBe(isOther(provider) ? 'openai-responses' : row.dialect);
  const { outputLimitField, capabilities } = row;
  const asked = aiSdkProvider({
    name: provider,
    model: modelsOf({
      name: provider,
      dialect,
      baseUrl: `http://127.0.0.1:${port}/v1`,
      key: KEY,
      ...(outputLimitField === undefined ? {} : { outputLimitField }),
    }),
    clock: nodeClock,
    timers: nodeTimers,
    secret: KEY,
    hasSchemaMode: () => capabilities.schema_mode === 'yes',
    priceOf: () => ({ costMicroUsd: 1, isSure: true }),
  });
  const origin = { path: 'leaf', attempt: 1, call: 1, role: 'leaf_reasoner' } as const;
  let end: ModelEvent | undefined;
  for await (const event of asked.call(request, origin, new AbortController().signal)) end = event;
  if (end === undefined) throw new Error('nothing came');
  return end;
}

/** `openai-responses`: the provider `openai`, spoken to in its other dialect. */
const OTHER = /-responses$/;
const isOther = (folder: string): boolean => OTHER.test(folder);
const rowOf = (folder: string): string => folder.replace(OTHER, '');

const PATHS: Readonly<Record<DialectName, string>> = {
  openai: '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  anthropic: '/v1/messages',
};

const providers = readdirSync(FOLDER, { withFileTypes: true }).filter((one) => one.isDirectory());

test('each provider that is built in has exchanges, and those have whole and broken answers', () => {
  const names = [...new Set(providers.map(({ name }) => rowOf(name)))].sort();
  const rows = knownProviders.filter(({ demo }) => demo === undefined);
  expect(names).toEqual(rows.map(({ name }) => name).sort());
});

describe.each(providers.map(({ name }) => name))('%s', (provider) => {
  const files = readdirSync(join(FOLDER, provider));
  test.each(files)('%s', async (file) => {
    const path = join(FOLDER, provider, file);
    const content = JSON.parse(readFileSync(path, 'utf8')) as Exchange | readonly Exchange[];
    const kept = Array.isArray(content) ? (content as readonly Exchange[]) : undefined;
    for (const exchange of kept ?? [content as Exchange])
      await holds(exchange, kept === undefined ? path : undefined);
  });

  /** `path`: where what is sent may be written. */
  async function holds(exchange: Exchange, path: string | undefined): Promise<void> {
    current = exchange;
    const end = await ask(provider, exchange);
    const { dialect } = exchange;
    expect(sent?.url).toBe(PATHS[dialect]);
    expect(sent?.key).toBe(dialect === 'anthropic' ? KEY : `Bearer ${KEY}`);
    const { source } = exchange;
    expect(source.date).toMatch(/^20\d\d-\d\d-\d\d$/);
    if (source.from === 'documentation') expect(source.url).toMatch(/^https:\/\//);
    if (isWriting && path !== undefined) {
      const { request: _old, ...rest } = exchange;
      const whole = { ...rest, request: sent?.body };
      writeFileSync(path, `${JSON.stringify(whole, undefined, 2)}\n`);
    } else expect(sent?.body).toEqual(exchange.request);
    expect(shapeOf(end, exchange)).toEqual(exchange.expect);
    expect(JSON.stringify(end)).not.toContain('canary');
  }
});

/** As much of the end as the file speaks of. */
function shapeOf(end: ModelEvent, { expect: wanted }: Exchange): object {
  if (end.type === 'text' || end.type === 'hidden') throw new Error('no end');
  if (end.type === 'failed') {
    return {
      failed: end.kind,
      ...('isCredentials' in wanted ? { isCredentials: end.isCredentials === true } : {}),
      ...('isBusy' in wanted ? { isBusy: end.isBusy === true } : {}),
      ...('retryable' in wanted ? { retryable: end.retryable } : {}),
    };
  }
  const { text, toolCalls, usage, isCut, model } = end;
  return {
    text,
    ...(toolCalls === undefined
      ? {}
      : { toolCalls: toolCalls.map(({ name, input }) => ({ name, input: JSON.parse(input) })) }),
    usage: usage.costStatus === 'estimated' ? 'estimated' : usage.tokens,
    ...(isCut === undefined ? {} : { isCut }),
    ...('model' in wanted ? { model } : {}),
  };
}
