/** An agent whose model calls go through us: real processes, a scripted server in place of a provider. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../base/json.ts';
import { forwardProvider } from '../../../model/forward/forward-provider.ts';
import type { ScriptedTurn } from '../../../model/scripted-server/dialect.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../../model/scripted-server/scripted-server.ts';
import { openBubblewrap } from '../../../sandbox/bubblewrap/open-bubblewrap.ts';
import { noneSandbox } from '../../../sandbox/none/none-sandbox.ts';
import { startTicks } from '../../../sandbox/none/process-table.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { nodeChance } from '../../../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../../system/node/node-clock.ts';
import { modelCalls } from '../../call/call-chain.ts';
import type { ExternalAgent } from './external-agent.ts';
import type { LineParts } from './proxied-agent.ts';
import { externalJob, factsOf, type JobParts, type Ran, runExternal } from './test-run.ts';

const DOUBLES = resolve(import.meta.dirname, '../../../../test/external');
const KEY = 'sk-canary-of-the-provider';
const TOKEN = 'token-of-this-leaf';
const usage = { uncached: 100, cacheRead: 50, output: 20 };
let folder = '';
let server: ScriptedServer;
let turn: ScriptedTurn = {};
beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-proxied-')));
  server = await startScriptedServer({ timers: nodeTimers, script: () => turn });
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const agent: ExternalAgent = {
  name: 'double',
  protocol: { type: 'exec', format: 'jsonl' },
  argv: [process.execPath, join(DOUBLES, 'exec-agent.mjs')],
  rights: { readOnly: [], readWrite: [], confined: [] },
  env: {},
  proxyEnv: { MODEL_URL: '{url}', MODEL_TOKEN: '{token}', MODEL_NAME: '{model}' },
  readable: [DOUBLES],
  writable: [],
  billing: 'unknown',
};

const line: LineParts = {
  open: async (job, host) => ({
    calls: modelCalls(job, host, {
      clock: nodeClock,
      timers: nodeTimers,
      chance: nodeChance,
      route: () => undefined,
    }),
    model: 'ours-1',
    route: (exchange) => ({
      provider: forwardProvider(
        {
          target: {
            name: 'scripted',
            baseUrl: `${server.url}/v1`,
            key: KEY,
            priceOf: () => ({ costMicroUsd: 700, isSure: true }),
          },
          clock: nodeClock,
          timers: nodeTimers,
        },
        exchange,
      ),
      model: 'ours-1',
      estimateCost: (input, output) => input + output,
    }),
  }),
  newToken: () => TOKEN,
  relay: join(import.meta.dirname, 'relay/agent-relay.ts'),
  node: process.execPath,
};

const chat = {
  path: '/v1/chat/completions',
  body: { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50 },
};
const ask = (parts: object = {}): object => ({ ask: { ...chat, ...parts } });

async function strict(): Promise<Sandbox> {
  const opened = await openBubblewrap({
    plain: noneSandbox({ clock: nodeClock, timers: nodeTimers }),
    folder: join(folder, '../whaleflow-proxied-cache'),
    platform: process.platform,
    machine: process.arch,
    isRoot: process.getuid?.() === 0,
    home: process.env['HOME'] ?? '/',
    path: process.env['PATH'] ?? '',
    programs: [process.execPath],
    readable: [],
    bootId: 'test',
    newName: () => Buffer.from(nodeChance.bytes(8)).toString('hex'),
  });
  if (!('sandbox' in opened)) throw new Error(opened.why);
  return opened.sandbox;
}

const run = (steps: readonly object[], parts: JobParts = {}, sandbox?: Sandbox): Promise<Ran> =>
  // Whatever hangs is ended by us, or the test is.
  runExternal(externalJob(steps, parts, 600_000), {
    root: folder,
    agent,
    line,
    ...(sandbox === undefined ? {} : { sandbox }),
  });
const saidBy = ({ report }: Ran): string => {
  const output = (report.output ?? null) as JsonObject;
  return (output['self_report'] as { readonly summary: string }).summary;
};

const hasBubblewrap = ((): boolean => {
  try {
    execFileSync('bwrap', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

const wires: readonly (readonly [string, object])[] = [
  ['chat', chat],
  ['responses', { path: '/v1/responses', body: { input: 'hi', max_output_tokens: 50 } }],
  [
    'messages',
    { path: '/v1/messages', body: { messages: [{ role: 'user', content: 'hi' }], max_tokens: 50 } },
  ],
];

type Place = readonly [name: string, open: (() => Promise<Sandbox>) | undefined];
const places: readonly Place[] = [
  ['without a sandbox', undefined],
  ...(hasBubblewrap ? [['in the strict sandbox, without a network', strict] as const] : []),
];

describe.each(places)('%s', (_name, open) => {
  test.each(wires)(
    'its calls in %s reach the model of its leaf, and are recorded exactly',
    async (_wire, asked) => {
      turn = { text: 'Hello from the model', usage };
      const ran = await run([ask(asked)], {}, await open?.());
      expect(saidBy(ran)).toContain('Hello from the model');
      const [called, ...more] = factsOf(ran.host, 'model.called');
      expect(more).toEqual([]);
      expect(called).toMatchObject({
        route: { provider: 'scripted', model: 'ours-1' },
        usage: {
          tokens: { uncached: 100, cacheRead: 50, output: 20 },
          costMicroUsd: 700,
          costStatus: 'exact',
        },
      });
      const request = ran.host.json(called?.request) as {
        readonly wire: { readonly body: JsonObject };
      };
      expect(request.wire.body).toMatchObject((asked as { readonly body: JsonObject }).body);
      expect(factsOf(ran.host, 'model.requested')).toHaveLength(1);
    },
  );
});

test.each(places)(
  '%s: what it leaves running ends with it, and holds nothing up',
  async (_n, open) => {
    // In the tree: the sandbox lets it write nowhere else.
    const job = externalJob([{ fork: 'deaf' }, { line: { type: 'result', text: 'done' } }]);
    const sandbox = await open?.();
    const ran = await runExternal(job, {
      root: folder,
      agent,
      line,
      ...(sandbox === undefined ? {} : { sandbox }),
    });
    expect(ran.report).toMatchObject({ status: 'succeeded' });
    if (sandbox !== undefined) return;
    const pid = Number(readFileSync(join(folder, 'deaf'), 'utf8'));
    expect(startTicks(pid)).toBeUndefined();
  },
);

test('it sees an address, a token and a name, and never a key', async () => {
  turn = { text: 'ok', usage };
  const ran = await run([ask(), { environment: 'MODEL_TOKEN' }]);
  expect(saidBy(ran)).toBe(TOKEN);
  const name = await run([ask(), { environment: 'MODEL_NAME' }]);
  expect(saidBy(name)).toBe('ours-1');
  const said = JSON.stringify(ran.host.facts) + ran.host.facts.length;
  expect(said).not.toContain(KEY);
});

test('another program on this machine has not its token', async () => {
  const before = server.requests.length;
  const ran = await run([ask({ token: 'guessed' })]);
  expect(saidBy(ran)).toContain('401');
  expect(server.requests).toHaveLength(before);
});

test('what needs no model is answered here: names of models, counts of tokens', async () => {
  const before = server.requests.length;
  const count = ask({ path: '/v1/messages/count_tokens' });
  expect(saidBy(await run([count]))).toContain('input_tokens');
  expect(saidBy(await run([ask({ path: '/v1/models', method: 'GET' })]))).toContain('ours-1');
  expect(saidBy(await run([ask({ path: '/v1/embeddings' })]))).toContain('404');
  expect(server.requests).toHaveLength(before);
});

test('the budget is a hard stop: what the slice does not hold is not sent, and ends the agent', async () => {
  turn = { text: 'ok', usage };
  const before = server.requests.length;
  const slice = { tokens: 300, costMicroUsd: 100_000 };
  const ran = await run([ask(), ask(), ask(), { hang: true }], { slice });
  expect(ran.report).toMatchObject({ status: 'failed', failure: { kind: 'budget' } });
  // The second call would need more than the 130 that the first left of 300.
  expect(server.requests.length - before).toBe(2);
  expect(ran.report).not.toHaveProperty('short');
});

describe('in Google’s words', () => {
  const google = (method: string): object => ({
    ask: {
      path: `/v1beta/models/what-it-likes:${method}`,
      body: {
        contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
        generationConfig: { maxOutputTokens: 50, temperature: 0.5 },
      },
    },
  });

  test('a call, whole or as a stream, is recorded exactly and limited', async () => {
    turn = { text: 'ok', usage };
    for (const method of ['generateContent', 'streamGenerateContent?alt=sse']) {
      const ran = await run([google(method)]);
      expect(saidBy(ran)).toContain('"text":"ok"');
      const { path = '', body = {} } = server.requests.at(-1) ?? {};
      expect(path).toContain('/models/ours-1:');
      expect(body).toMatchObject({ generationConfig: { maxOutputTokens: 50, temperature: 0.5 } });
      const [called] = factsOf(ran.host, 'model.called');
      expect(called?.usage).toMatchObject({
        tokens: { uncached: 100, cacheRead: 50, output: 20 },
        costStatus: 'exact',
      });
      expect(ran.host.json(called?.request)).toMatchObject({
        maxOutputTokens: 50,
        messages: [{ role: 'user', text: 'hi' }],
        wire: { dialect: 'gemini' },
      });
    }
  });

  test('the budget is a hard stop', async () => {
    turn = { text: 'ok', usage };
    const before = server.requests.length;
    const stream = google('streamGenerateContent?alt=sse');
    const slice = { tokens: 300, costMicroUsd: 100_000 };
    const ran = await run([stream, stream, stream, { hang: true }], { slice });
    expect(ran.report).toMatchObject({ status: 'failed', failure: { kind: 'budget' } });
    expect(server.requests.length - before).toBe(2);
  });

  test('tokens are counted without a model, and a stream that is no stream of events is refused', async () => {
    const before = server.requests.length;
    expect(saidBy(await run([google('countTokens')]))).toContain('totalTokens');
    const refused = saidBy(await run([google('streamGenerateContent')]));
    expect(JSON.parse(refused.slice('400 '.length))).toMatchObject({ error: { code: 400 } });
    expect(server.requests).toHaveLength(before);
  });
});

test('a first call that does not fit says what it needs, so that the leaf can be asked again', async () => {
  const ran = await run([ask(), { hang: true }], { slice: { tokens: 20 } });
  expect(ran.report).toMatchObject({ status: 'failed', failure: { kind: 'budget' } });
  expect(ran.report).toHaveProperty('short.tokens');
});

test('calls at the same time do not share what is left of the slice', async () => {
  turn = { text: 'ok', usage, latencyMs: 300 };
  const before = server.requests.length;
  const slice = { tokens: 300 };
  const ran = await run([{ askAtOnce: [chat, chat, chat, chat, chat, chat] }, { hang: true }], {
    slice,
  });
  expect(ran.report).toMatchObject({ failure: { kind: 'budget' } });
  expect(server.requests.length - before).toBeLessThanOrEqual(4);
});

test('a key that is refused ends the agent, and asks for a person', async () => {
  turn = { fault: 'bad-key' };
  const before = server.requests.length;
  const ran = await run([ask(), ask(), { hang: true }]);
  expect(ran.report).toMatchObject({
    status: 'failed',
    failure: { kind: 'refused', message: expect.stringContaining('401') },
    stop: 'credentials',
  });
  expect(server.requests.length - before).toBe(1);
});

test('a provider that fails is an answer to the agent, which goes on', async () => {
  turn = { fault: 'bad-request' };
  const ran = await run([ask(), { line: { type: 'result', text: 'went on' } }]);
  expect(saidBy(ran)).toBe('went on');
  expect(factsOf(ran.host, 'model.called')[0]).toMatchObject({ failure: { kind: 'provider' } });
});
