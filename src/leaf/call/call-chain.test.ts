import { expect, test } from 'vitest';
import { scriptedProvider } from '../../model/mock/scripted-provider.ts';
import type {
  ModelEvent,
  ModelProvider,
  ModelRequest,
  ModelRoute,
} from '../../model/model-provider.ts';
import type { Timers } from '../../system/clock.ts';
import { nodeClock } from '../../system/node/node-clock.ts';
import type { Slice } from '../../trace/events.ts';
import { NO_TOKENS } from '../../trace/usage.ts';
import { waitOf } from '../../trace/wait-activity.ts';
import { type TestHost, testHost, testJob } from '../test-host.ts';
import { type CallChainParts, type CallResult, modelCalls } from './call-chain.ts';
import type { MemoKey } from './call-memo.ts';
import type { ProviderGate } from './provider-gate.ts';

const request: ModelRequest = {
  model: 'm',
  messages: [{ role: 'user', text: 'x'.repeat(40) }],
  maxOutputTokens: 90,
};
const usage = {
  tokens: { ...NO_TOKENS, uncached: 10, output: 5 },
  costMicroUsd: 7,
  costStatus: 'exact',
} as const;
const answer: ModelEvent = { type: 'finished', text: 'yes', usage, model: 'm-1' };
const busy: ModelEvent = { type: 'failed', kind: 'provider', message: 'busy', retryable: true };

/** Timers that take no time and remember what was asked of them. */
function instantTimers(): Timers & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  return {
    waits,
    after(delayMs, action) {
      waits.push(delayMs);
      setImmediate(action);
      return { cancel: () => {} };
    },
    nextTurn: (action) => void setImmediate(action),
  };
}

interface Setting {
  readonly host: TestHost;
  readonly waits: readonly number[];
  call(parts?: {
    readonly signal?: AbortSignal;
    readonly route?: Partial<ModelRoute>;
  }): Promise<CallResult>;
}

function setting(
  provider: ModelProvider,
  { slice, ...parts }: Partial<CallChainParts> & { readonly slice?: Slice } = {},
): Setting {
  const host = testHost();
  const timers = instantTimers();
  const route: ModelRoute = {
    provider,
    model: 'm',
    estimateCost: (input, output) => input + output,
  };
  const job = testJob({ type: 'model', prompt: '' }, slice === undefined ? {} : { slice });
  const calls = modelCalls(job, host, {
    route: () => route,
    clock: nodeClock,
    timers,
    chance: { bytes: (count) => new Uint8Array(count) },
    ...parts,
  });
  return {
    host,
    waits: timers.waits,
    call: (given = {}) =>
      calls.call(
        request,
        { ...route, ...given.route },
        given.signal ?? new AbortController().signal,
      ),
  };
}

const kinds = (host: TestHost): readonly string[] =>
  host.facts.map((fact) => ('try' in fact ? `${fact.type} ${fact.call}.${fact.try}` : fact.type));

test('a call reserves, is recorded, sent, and recorded again', async () => {
  const { host, call } = setting(scriptedProvider([[{ type: 'text', text: 'yes' }, answer]]));
  expect(await call()).toEqual({
    status: 'answered',
    answer: { text: 'yes', model: 'm-1' },
    recorded: expect.any(Promise),
  });
  const [requested, called] = host.facts;
  expect(requested).toMatchObject({
    type: 'model.requested',
    route: { provider: 'scripted', model: 'm' },
    reserved: { costMicroUsd: 100, tokens: 100 },
  });
  if (called?.type !== 'model.called') throw new Error('nothing was called');
  expect(called).toMatchObject({ usage, memo: 'bypass', call: 1, try: 1 });
  expect(host.json(called.request)).toEqual(request);
  expect(host.json(called.response)).toEqual({ text: 'yes', model: 'm-1' });
  expect(host.shown).toEqual([{ kind: 'text', text: 'yes' }]);
});

test('the request is durable before it is sent', async () => {
  const order: string[] = [];
  const provider: ModelProvider = {
    name: 'watching',
    async *call() {
      order.push('sent');
      yield answer;
    },
  };
  const made = setting(provider);
  const record = made.host.record.bind(made.host);
  made.host.record = async (fact) => {
    await record(fact);
    order.push(fact.type);
  };
  await made.call();
  expect(order.slice(0, 2)).toEqual(['model.requested', 'sent']);
});

test('what may be sent again is sent three times, each a pair of facts, with longer waits', async () => {
  const provider = scriptedProvider([[busy]]);
  const { host, waits, call } = setting(provider);
  expect(await call()).toEqual({
    status: 'failed',
    failure: { kind: 'provider', message: 'busy (3 tries)' },
  });
  expect(kinds(host)).toEqual([
    'model.requested 1.1',
    'model.called 1.1',
    'model.requested 1.2',
    'model.called 1.2',
    'model.requested 1.3',
    'model.called 1.3',
  ]);
  expect(waits).toEqual([1000, 4000]);
});

test.each([
  [{ ...busy, retryAfterMs: 20_000 }, 20_000],
  [{ ...busy, retryAfterMs: 10 }, 1000],
  [{ ...busy, retryAfterMs: -5 }, 1000],
  [{ ...busy, retryAfterMs: Number.NaN }, 1000],
  [{ ...busy, retryAfterMs: 9e9 }, 60_000],
])('a second sending waits as the provider asks, within bounds: %j', async (first, expected) => {
  const { waits, call } = setting(scriptedProvider([[first], [answer]]));
  expect(await call()).toMatchObject({ status: 'answered' });
  expect(waits).toEqual([expected]);
});

test('an answer after a failure is the answer, and both are paid for', async () => {
  const failed: ModelEvent = { ...busy, usage };
  const { host, call } = setting(scriptedProvider([[failed], [answer]]));
  expect(await call()).toMatchObject({ status: 'answered' });
  const called = host.facts.filter((fact) => fact.type === 'model.called');
  expect(called.map((fact) => fact.usage.costMicroUsd)).toEqual([7, 7]);
});

test('a provider that breaks its promises is a failure', async () => {
  const nothing = setting(scriptedProvider([[{ type: 'text', text: 'half' }]]));
  expect(await nothing.call()).toMatchObject({
    failure: { kind: 'provider', message: 'scripted ended without an answer' },
  });
  const throwing: ModelProvider = {
    name: 'throwing',
    // biome-ignore lint/correctness/useYield: it throws before it could
    async *call() {
      throw new Error('socket closed');
    },
  };
  const { host, call } = setting(throwing);
  expect(await call()).toMatchObject({
    failure: { kind: 'provider', message: 'throwing broke off: socket closed' },
  });
  expect(kinds(host)).toEqual(['model.requested 1.1', 'model.called 1.1']);
});

test('an abort while waiting ends the call, and nothing more is sent', async () => {
  const provider = scriptedProvider([[busy]]);
  const controller = new AbortController();
  const { call } = setting(provider, {
    timers: {
      after: () => {
        controller.abort();
        return { cancel: () => {} };
      },
      nextTurn: () => {},
    },
  });
  expect(await call({ signal: controller.signal })).toMatchObject({ failure: { kind: 'lost' } });
  expect(provider.asked).toHaveLength(1);
});

test('a call that does not fit into its slice is refused before it is recorded', async () => {
  const provider = scriptedProvider([[answer]]);
  const tokens = setting(provider, { slice: { tokens: 99 } });
  expect(await tokens.call()).toEqual({
    status: 'failed',
    failure: {
      kind: 'budget',
      message: 'a call of up to 100 tokens does not fit into the 99 tokens left of the slice',
    },
    short: { tokens: 100 },
  });
  const money = setting(provider, { slice: { costMicroUsd: 150 } });
  expect(await money.call()).toMatchObject({ status: 'answered' });
  expect(await setting(provider, { slice: { costMicroUsd: 99 } }).call()).toMatchObject({
    failure: { kind: 'budget' },
  });
  expect(tokens.host.facts).toEqual([]);
});

test('what earlier calls of the attempt have spent is gone', async () => {
  const { call } = setting(scriptedProvider([[answer]]), { slice: { tokens: 120 } });
  expect(await call()).toMatchObject({ status: 'answered' });
  expect(await call()).toMatchObject({ status: 'answered' });
  expect(await call()).toMatchObject({ failure: { kind: 'budget' } });
});

test('a call without a known price needs to be allowed under a money ceiling', async () => {
  const provider = scriptedProvider([[answer]]);
  const unpriced = { provider, model: 'm' };
  const job = { slice: { costMicroUsd: 1000 } };
  const call = (parts: Partial<CallChainParts>): Promise<CallResult> =>
    modelCalls(testJob({ type: 'model', prompt: '' }, job), testHost(), {
      route: () => unpriced,
      clock: nodeClock,
      timers: instantTimers(),
      chance: { bytes: (count) => new Uint8Array(count) },
      ...parts,
    }).call(request, unpriced, new AbortController().signal);
  expect(await call({})).toMatchObject({
    failure: { kind: 'budget', message: 'no price is known for model m' },
  });
  expect(await call({ allowUnknownCost: true })).toMatchObject({ status: 'answered' });
});

test('a memo answers without a request, at no cost', async () => {
  const provider = scriptedProvider([[answer]]);
  const seen: MemoKey[] = [];
  const { host, call } = setting(provider, {
    memo: {
      find: async (key) => {
        seen.push(key);
        return { outcome: 'hit', answer: { text: 'known', model: 'm-1' } };
      },
    },
  });
  expect(await call()).toMatchObject({ answer: { text: 'known' } });
  expect(kinds(host)).toEqual(['model.called 1.1']);
  expect(host.facts[0]).toMatchObject({ memo: 'hit', usage: { costMicroUsd: 0 } });
  expect(seen).toMatchObject([{ scope: 'run', run: 'run1', path: 'leaf' }]);
  expect(provider.asked).toEqual([]);
});

test('a memo that knows nothing is told what came of the call', async () => {
  const told: unknown[] = [];
  const memo = {
    find: async () => ({ outcome: 'miss' as const, settle: (came: unknown) => told.push(came) }),
  };
  await setting(scriptedProvider([[answer]]), { memo }).call();
  await setting(scriptedProvider([[{ ...busy, retryable: false }]]), { memo }).call();
  expect(told).toEqual([{ text: 'yes', model: 'm-1' }, undefined]);
});

test('the gate is left however the call ends', async () => {
  const log: string[] = [];
  const gate = {
    enter: async (provider: string) => {
      log.push(`in ${provider}`);
      return () => void log.push('out');
    },
  };
  await setting(scriptedProvider([[busy], [answer]]), { gate }).call();
  expect(log).toEqual(['in scripted', 'out', 'in scripted', 'out']);
});

const down: ModelEvent = {
  type: 'failed',
  kind: 'refused',
  message: 'no credit',
  retryable: false,
};

/** A route over events, under a name. */
function route(name: string, ...turns: readonly ModelEvent[]): ModelRoute {
  const provider = { ...scriptedProvider(turns.map((turn) => [turn])), name };
  return { provider, model: `${name}-model`, estimateCost: () => 1, maxOutputTokens: 50 };
}

test('when a provider fails the next one is asked, and the record says who was asked and who answered', async () => {
  const first = scriptedProvider([[busy]]);
  const { host, call } = setting(first);
  const fallbacks = [route('second', down), route('third', answer), route('fourth', answer)];
  const result = await call({ route: { fallbacks } });
  expect(result).toMatchObject({ status: 'answered', answer: { text: 'yes' } });
  const calls = host.facts.filter((fact) => fact.type === 'model.called');
  expect(calls.map((fact) => [fact.call, fact.try, fact.route.provider])).toEqual([
    [1, 1, 'scripted'],
    [1, 2, 'scripted'],
    [1, 3, 'scripted'],
    [1, 4, 'second'],
    [1, 5, 'third'],
  ]);
  expect(host.json(calls[4]?.request ?? host.keep('', 'json'))).toMatchObject({
    model: 'third-model',
    maxOutputTokens: 50,
  });
});

test.each([
  ['an answer of a wrong form', { ...down, kind: 'schema' } as const],
  ['a leaf that is ended', undefined],
])('%s is no reason to ask another', async (_name, end) => {
  const controller = new AbortController();
  const provider: ModelProvider = {
    name: 'scripted',
    async *call() {
      if (end === undefined) controller.abort();
      yield end ?? busy;
    },
  };
  const { host, call } = setting(provider);
  const fallbacks = [route('second', answer)];
  const result = await call({ route: { fallbacks }, signal: controller.signal });
  expect(result.status).toBe('failed');
  expect(host.facts.filter((fact) => fact.type === 'model.requested')).toHaveLength(1);
});

test('what a fallback says is not kept as the answer of the model that was asked', async () => {
  const settled: unknown[] = [];
  const memo = {
    find: async () => ({ outcome: 'miss', settle: (said: unknown) => settled.push(said) }) as const,
  };
  const { call } = setting(scriptedProvider([[down]]), { memo: memo as never });
  await call({ route: { fallbacks: [route('second', answer)] } });
  expect(settled).toEqual([undefined]);
});

test('the gate hears how each call ended', async () => {
  const ends: unknown[] = [];
  const gate = {
    enter: async () => (end: unknown) => {
      ends.push(end);
      return ends.length === 1
        ? ({ type: 'suspended', forMs: 5 } as const)
        : ({ type: 'resumed' } as const);
    },
  };
  const limited = { ...busy, isBusy: true, retryAfterMs: 5 } as const;
  const provider = scriptedProvider([[limited], [busy], [answer]]);
  const { host, call } = setting(provider, { gate });
  await call();
  expect(ends).toEqual([
    { type: 'busy', retryAfterMs: 5 },
    { type: 'failed' },
    { type: 'answered' },
  ]);
  const news = host.facts.filter(({ type }) => type.startsWith('provider.'));
  expect(news.map(({ type }) => type)).toEqual([
    'provider.suspended',
    'provider.resumed',
    'provider.resumed',
  ]);
});

const refused: ModelEvent = {
  type: 'failed',
  kind: 'refused',
  message: 'scripted answered 401',
  retryable: false,
  isCredentials: true,
};

test('a key that is refused is a stop, not an answer; a fallback that answers is one', async () => {
  const alone = await setting(scriptedProvider([[refused]])).call();
  expect(alone).toMatchObject({ status: 'failed', stop: 'credentials' });
  const second = { provider: scriptedProvider([[answer]]), model: 'n' };
  const helped = await setting(scriptedProvider([[refused]])).call({
    route: { fallbacks: [{ ...second, estimateCost: () => 0 }] },
  });
  expect(helped.status).toBe('answered');
});

test('when the fallback fails too, the key that can be mended is what is said', async () => {
  const broken: ModelEvent = { ...busy, retryable: false };
  const provider = scriptedProvider([[broken]]);
  const fallbacks = [{ provider, model: 'n', estimateCost: () => 0 }];
  const result = await setting(scriptedProvider([[refused]])).call({ route: { fallbacks } });
  expect(result).toMatchObject({
    stop: 'credentials',
    failure: { message: 'scripted answered 401' },
  });
});

test('a leaf that waits says for whom and until when, and that it no longer does', async () => {
  const gate: ProviderGate = {
    async enter(_provider, _signal, onWait) {
      onWait(5_000);
      return () => undefined;
    },
  };
  const events = [[{ ...busy, retryAfterMs: 2_000 }], [answer]] as const;
  const { host, call } = setting(scriptedProvider(events), { gate });
  const before = nodeClock.now();
  await call();
  const waits = host.shown.map(({ kind, text = '' }) => waitOf({ kind, text }));
  expect(waits[0]?.for).toBe('scripted');
  expect((waits[0]?.untilMs ?? 0) - before).toBeGreaterThanOrEqual(5_000);
  expect(host.shown[1]).toEqual({ kind: 'asks scripted' });
  expect(waits.find((wait) => wait?.why !== undefined)?.why).toBe('try 2 of 3: busy');
});
