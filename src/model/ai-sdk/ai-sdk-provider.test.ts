import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { modelProviderSuite } from '../model-provider.suite.ts';
import type { ModelEnd, ModelEvent, ModelProvider, ModelRequest } from '../model-provider.ts';
import type { ScriptedTurn } from '../scripted-server/dialect.ts';
import { FAULTS } from '../scripted-server/faults.ts';
import { type ScriptedServer, startScriptedServer } from '../scripted-server/scripted-server.ts';
import { type AiSdkParts, aiSdkProvider } from './ai-sdk-provider.ts';
import { type DialectName, modelsOf } from './models.ts';

const KEY = 'sk-canary-0123456789';
/** For what stalls. */
const LIMITS = { headersMs: 400, firstTokenMs: 400, idleMs: 400, totalMs: 10_000 };
/** Where none is to strike: machines are shared. */
const PATIENT = { headersMs: 60_000, firstTokenMs: 60_000, idleMs: 60_000, totalMs: 90_000 };
const STALLS = new Set(['stall-before-headers', 'stall-in-body', 'keep-alive-only']);
const MAX_RESPONSE_BYTES = 12 * 2 ** 20;

const request: ModelRequest = {
  model: 'some-model',
  system: 'Be short.',
  messages: [{ role: 'user', text: 'Say hello.' }],
  maxOutputTokens: 100,
};

let server: ScriptedServer;
let turn: ScriptedTurn = {};
let seed = 0;
beforeAll(async () => {
  const script = ({ schema, messages }: { schema?: unknown; messages: readonly unknown[] }) =>
    schema === undefined ? turn : { text: '{"n": 1}', ...turn, messages };
  server = await startScriptedServer({ timers: nodeTimers, script, dice: () => () => seed / 8 });
});
afterAll(() => server.close());

function provider(dialect: DialectName, parts: Partial<AiSdkParts> = {}): ModelProvider {
  const baseUrl = `${server.url}/v1`;
  return aiSdkProvider({
    name: 'scripted',
    model: modelsOf({
      name: 'scripted',
      dialect,
      baseUrl,
      key: KEY,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    }),
    clock: nodeClock,
    timers: nodeTimers,
    limits: PATIENT,
    secret: KEY,
    hasSchemaMode: () => true,
    priceOf: (_model, { uncached, cacheRead, output }) => ({
      costMicroUsd: uncached * 2 + cacheRead + output * 10,
      isSure: true,
    }),
    ...parts,
  });
}

async function ask(
  asked: ModelProvider,
  parts: Partial<ModelRequest> = {},
): Promise<readonly ModelEvent[]> {
  const events: ModelEvent[] = [];
  const origin = { path: 'leaf', attempt: 1, call: 1, role: 'leaf_reasoner' } as const;
  const signal = new AbortController().signal;
  for await (const event of asked.call({ ...request, ...parts }, origin, signal)) {
    events.push(event);
  }
  return events;
}

const tools = [
  {
    name: 'read_file',
    description: 'Reads.',
    input: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  },
];

describe.each(['openai', 'openai-responses', 'anthropic'] as const)('%s', (dialect) => {
  modelProviderSuite(dialect, () => {
    turn = { text: 'Hello to you, whoever you may be.' };
    return {
      answering: answering(dialect, 'Hello to you, whoever you may be.'),
      failing: faulty(dialect, 'bad-request'),
      slow: faulty(dialect, 'stall-before-headers'),
    };
  });

  test('usage comes in five disjoint parts, with what caches had, priced', async () => {
    turn = {
      text: 'Yes.',
      usage: { uncached: 100, cacheRead: 40, cacheWrite: 0, output: 7, reasoning: 0 },
    };
    expect((await ask(provider(dialect))).at(-1)).toMatchObject({
      type: 'finished',
      text: 'Yes.',
      model: 'some-model',
      usage: {
        tokens: { uncached: 100, cacheRead: 40, cacheWrite: 0, output: 7, reasoning: 0 },
        costMicroUsd: 310,
        costStatus: 'exact',
      },
    });
  });

  test('a price that is not known is unknown, not nothing', async () => {
    turn = { text: 'Yes.' };
    const events = await ask(provider(dialect, { priceOf: () => undefined }));
    expect(events.at(-1)).toMatchObject({ usage: { costMicroUsd: 0, costStatus: 'unknown' } });
  });

  test('calls of tools come back as they were made, and their results go in', async () => {
    turn = { text: 'Let me look.', toolCalls: [{ name: 'read_file', input: { path: 'a' } }] };
    const [end] = (await ask(provider(dialect), { tools })).slice(-1);
    if (end?.type !== 'finished') throw new Error(JSON.stringify(end));
    const [call] = end.toolCalls ?? [];
    expect(JSON.parse(call?.input ?? '')).toEqual({ path: 'a' });
    turn = { text: 'Done.' };
    await ask(provider(dialect), {
      tools,
      messages: [
        ...request.messages,
        { role: 'assistant', text: 'Let me look.', toolCalls: call === undefined ? [] : [call] },
        {
          role: 'tool',
          results: [{ id: call?.id ?? '', name: 'read_file', text: 'whale', isError: false }],
        },
      ],
    });
    const last = server.requests.at(-1);
    expect(last?.messages.at(-1)).toEqual({ role: 'tool', text: 'whale' });
    expect(last?.tools).toEqual(['read_file']);
    expect(last?.system).toBe('Be short.');
  });

  test('the schema goes by its own way where there is one, else into the prompt', async () => {
    turn = { text: '{"n": 1}' };
    const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
    await ask(provider(dialect, { hasSchemaMode: () => false }), { output });
    expect(server.requests.at(-1)?.system).toContain('"integer"');
    await ask(provider(dialect), { output });
    expect(server.requests.at(-1)?.system).toBe('Be short.');
  });

  const seeds = process.env['WHALEFLOW_SOAK'] === '1' ? 8 : 2;
  test.each(FAULTS)(`%s, ${seeds} seeds`, async (fault) => {
    for (seed = 0; seed < seeds; seed += 1) {
      turn = { text: 'A longer answer, so that something can be cut.', fault };
      const asked = server.requests.length;
      const limits = STALLS.has(fault) ? LIMITS : PATIENT;
      const events = await ask(provider(dialect, { limits }), { tools });
      expect(server.requests.length - asked, 'requests sent').toBe(1);
      expect(events.filter(isEnd)).toHaveLength(1);
      expect(JSON.stringify(events)).not.toContain('canary');
      const end = events.at(-1);
      if (end === undefined || !isEnd(end)) throw new Error('no end');
      expect(toShape(end)).toEqual(expected(fault));
      for (const figure of Object.values(end.usage?.tokens ?? {})) {
        expect(Number.isSafeInteger(figure) && figure >= 0).toBe(true);
      }
    }
  });
});

function answering(dialect: DialectName, text: string): ModelProvider {
  return saying(dialect, { text });
}

function faulty(dialect: DialectName, fault: string): ModelProvider {
  return saying(dialect, { text: 'never', fault });
}

/** A provider whose next answer is this one, also when several are asked in turn. */
function saying(dialect: DialectName, said: ScriptedTurn): ModelProvider {
  const inner = provider(dialect);
  return {
    name: inner.name,
    call(asked, origin, signal) {
      turn = asked.output === undefined ? said : { ...said, text: '{"n": 1}' };
      return inner.call(asked, origin, signal);
    },
  };
}

const isEnd = (event: ModelEvent): event is ModelEnd =>
  event.type === 'finished' || event.type === 'failed';

function toShape(end: ModelEnd): string {
  if (end.type === 'finished') return `finished ${end.usage.costStatus}`;
  return `${end.kind}${end.retryable ? ' again' : ''}`;
}

/** What each fault has to look like to the caller. */
function expected(fault: string): string {
  switch (fault) {
    case 'bad-key':
      return 'refused';
    case 'bad-request':
    case 'no-such-model':
      return 'provider';
    case 'stall-before-headers':
    case 'stall-in-body':
    case 'keep-alive-only':
      return 'timeout again';
    case 'usage-negative':
    case 'usage-missing':
    case 'usage-nan':
      return 'finished estimated';
    default:
      return fault.startsWith('tool-') ? 'finished exact' : 'provider again';
  }
}
