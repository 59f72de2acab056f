/**
 * Every fault of a model server, in each dialect, with seeds that move where and when it strikes, through
 * the whole way of a call: memo, reservation, gate, tries, provider, record. What came of it is printed.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { modelCalls } from '../../src/leaf/call/call-chain.ts';
import { type TestHost, testHost, testJob } from '../../src/leaf/test-host.ts';
import { aiSdkProvider } from '../../src/model/ai-sdk/ai-sdk-provider.ts';
import { type DialectName, modelsOf } from '../../src/model/ai-sdk/models.ts';
import { mostWritten } from '../../src/model/bounded-call.ts';
import type { ModelRoute } from '../../src/model/model-provider.ts';
import { FAULTS } from '../../src/model/scripted-server/faults.ts';
import {
  type ScriptedServer,
  startScriptedServer,
} from '../../src/model/scripted-server/scripted-server.ts';
import type { Timers } from '../../src/system/clock.ts';
import { nodeClock, nodeTimers } from '../../src/system/node/node-clock.ts';
import type { Fact } from '../../src/trace/events.ts';
import { totalTokens } from '../../src/trace/usage.ts';
import { dice, seedOf } from '../engine/chance.ts';

const KEY = 'sk-canary-0123456789';
const SEEDS = process.env['WHALEFLOW_SOAK'] === '1' ? 200 : 20;
const MAX_TRIES = 3;
/** Nothing is heard until a limit strikes: these may run side by side, the others take the processor. */
const STALLS: ReadonlySet<string> = new Set([
  'stall-before-headers',
  'stall-in-body',
  'keep-alive-only',
]);
/** Sent as one piece of their own: they have come whole before anybody can stop them. */
const HUGE_PIECES: ReadonlySet<string> = new Set(['tool-arguments-huge']);
const LIMITS = {
  stall: { headersMs: 1_000, firstTokenMs: 1_000, idleMs: 1_000, totalMs: 20_000 },
  other: { headersMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 30_000 },
};
/** Past every limit above and all tries: whoever is not back by then hangs. */
const HANG_MS = 100_000;
const MAX_RESPONSE_BYTES = 4 * 2 ** 20;
const MAX_OUTPUT_TOKENS = 100;
/** What a server sends in one piece, at most: nobody can stop before it has come. */
const MAX_PIECE_TOKENS = 1_000;
const TEXT = 'A longer answer — with more than ASCII in it: 鲸🐋 — so that something can be cut.';
const usage = { uncached: 100, cacheRead: 40, cacheWrite: 0, output: 7, reasoning: 3 };

const tally = {
  calls: 0,
  sendings: 0,
  answered: 0,
  failed: 0,
  hung: 0,
  crashed: 0,
  billedTwice: 0,
  keySeen: 0,
  longestMs: 0,
};
let server: ScriptedServer;
/** Sendings of a case, by its number, which is the name of its model. */
const sent = new Map<string, number>();
beforeAll(async () => {
  server = await startScriptedServer({
    timers: nodeTimers,
    script({ model }) {
      sent.set(model, (sent.get(model) ?? 0) + 1);
      return { text: TEXT, usage, fault: model.split('~')[0] ?? '' };
    },
    dice: ({ model, number }) => dice(seedOf(model, number)).next,
  });
});
afterAll(async () => {
  await server.close();
  const { calls, sendings, answered, failed, longestMs } = tally;
  const { hung, crashed, billedTwice, keySeen } = tally;
  console.log(
    `faults: ${FAULTS.length} kinds x 3 dialects x ${SEEDS} seeds: ${calls} calls, ${sendings} sendings, ` +
      `${answered} answered, ${failed} failed; ${hung} hung, ${crashed} crashed, ${billedTwice} billed twice, key seen ${keySeen} times; ` +
      `longest ${Math.round(longestMs)} ms`,
  );
});

/** Waiting between tries takes no time here; what is waited for is asked elsewhere. */
const hurried: Timers = {
  ...nodeTimers,
  after(_delayMs, action) {
    const handle = setImmediate(action);
    return { cancel: () => clearImmediate(handle) };
  },
  nextTurn: (action) => nodeTimers.nextTurn(action),
};

type Called = Extract<Fact, { readonly type: 'model.called' }>;
type Requested = Extract<Fact, { readonly type: 'model.requested' }>;

async function strike(dialect: DialectName, fault: string, seed: number): Promise<void> {
  const model = `${fault}~${dialect}~${seed}`;
  const provider = aiSdkProvider({
    name: 'scripted',
    model: modelsOf({
      name: 'scripted',
      dialect,
      baseUrl: `${server.url}/v1`,
      key: KEY,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    }),
    clock: nodeClock,
    timers: nodeTimers,
    limits: STALLS.has(fault) ? LIMITS.stall : LIMITS.other,
    secret: KEY,
    hasSchemaMode: () => true,
    priceOf: (_model, tokens) => ({ costMicroUsd: totalTokens(tokens), isSure: true }),
  });
  const route: ModelRoute = { provider, model, estimateCost: (input, output) => input + output };
  const host = testHost();
  const calls = modelCalls(testJob({ type: 'model', prompt: '' }), host, {
    route: () => route,
    clock: nodeClock,
    timers: hurried,
    chance: { bytes: (count) => new Uint8Array(count) },
  });
  const messages = [{ role: 'user', text: 'Hello?' }] as const;
  const request = { model, messages, maxOutputTokens: MAX_OUTPUT_TOKENS };
  const started = performance.now();
  const stop = new AbortController();
  const hang = setTimeout(() => {
    tally.hung += 1;
    stop.abort();
  }, HANG_MS);
  const result = await calls.call(request, route, stop.signal).catch((thrown: unknown) => {
    tally.crashed += 1;
    throw thrown;
  });
  clearTimeout(hang);
  tally.longestMs = Math.max(tally.longestMs, performance.now() - started);
  tally.calls += 1;
  tally[result.status] += 1;
  expect(stop.signal.aborted, `${model} hung`).toBe(false);
  checkLedger(host, { model, isAnswered: result.status === 'answered' });
  checkSilence(host, JSON.stringify(result));
}

/** Each sending is requested once and answered for once, and only what brought content is paid for. */
function checkLedger(
  { facts }: TestHost,
  { model, isAnswered }: { readonly model: string; readonly isAnswered: boolean },
): void {
  const requested = facts.filter((fact): fact is Requested => fact.type === 'model.requested');
  const called = facts.filter((fact): fact is Called => fact.type === 'model.called');
  const tries = requested.map(({ call, try: number }) => `${call}.${number}`);
  expect(called.map(({ call, try: number }) => `${call}.${number}`)).toEqual(tries);
  expect(tries.length).toBeLessThanOrEqual(MAX_TRIES);
  expect(sent.get(model), `${model}: sendings`).toBe(tries.length);
  tally.sendings += tries.length;
  const answers = called.filter(({ response }) => response !== undefined);
  const isBilledTwice = answers.length > 1 || new Set(tries).size < tries.length;
  if (isBilledTwice) tally.billedTwice += 1;
  expect(isBilledTwice, `${model}: ${tries.join(' ')}`).toBe(false);
  expect(answers.length, `${model}: answers`).toBe(isAnswered ? 1 : 0);
  for (const { usage: billed, response } of called) {
    const { tokens, costMicroUsd, costStatus } = billed;
    const most = mostWritten({ maxOutputTokens: MAX_OUTPUT_TOKENS }) + MAX_PIECE_TOKENS;
    if (!HUGE_PIECES.has(model.split('~')[0] ?? '')) {
      expect(tokens.output + tokens.reasoning, `${model}: written`).toBeLessThanOrEqual(most);
    }
    for (const figure of [...Object.values(tokens), costMicroUsd]) {
      expect(Number.isSafeInteger(figure) && figure >= 0, `${model}: ${figure}`).toBe(true);
    }
    if (costMicroUsd === 0) expect(response, `${model}: an answer for nothing`).toBeUndefined();
    // What the server said stands as it is, also of an answer that then broke off; the rest is estimated.
    else if (costStatus === 'exact') expect(tokens).toEqual(expectedTokens(tokens.reasoning > 0));
    else expect(costStatus).toBe('estimated');
  }
}

/** Anthropic does not tell thinking from writing. */
const expectedTokens = (tells: boolean): typeof usage =>
  tells ? usage : { ...usage, output: usage.output + usage.reasoning, reasoning: 0 };

/** The key is in nothing that is recorded, shown, answered, or part of an address or a body. */
function checkSilence(host: TestHost, result: string): void {
  const contents = host.facts.flatMap((fact) =>
    fact.type === 'model.called' ? [host.text(fact.request), host.text(fact.response)] : [],
  );
  const said = JSON.stringify([host.facts, host.shown, contents, result]);
  expectNoKey(said);
}

function expectNoKey(said: string): void {
  const isSeen = said.includes('canary');
  if (isSeen) tally.keySeen += 1;
  expect(isSeen, 'the key is in it').toBe(false);
}

describe.each(['openai', 'openai-responses', 'anthropic'] as const)('%s', (dialect) => {
  test.each(FAULTS)(`%s, ${SEEDS} seeds`, async (fault) => {
    const seeds = Array.from({ length: SEEDS }, (_, seed) => seed);
    if (STALLS.has(fault)) await Promise.all(seeds.map((seed) => strike(dialect, fault, seed)));
    else for (const seed of seeds) await strike(dialect, fault, seed);
    for (const { path, body } of server.requests.slice(-SEEDS)) {
      expectNoKey(path + JSON.stringify(body));
    }
  });
});
