/** What every model provider has to do. Each implementation calls this with itself. */
import { describe, expect, test } from 'vitest';
import type { ModelCallOrigin, ModelEvent, ModelProvider, ModelRequest } from './model-provider.ts';

export interface ProviderFixture {
  /** A provider that answers. */
  readonly answering: ModelProvider;
  /** One that fails. */
  readonly failing: ModelProvider;
  /** One that takes far longer than a test. */
  readonly slow: ModelProvider;
}

const origin: ModelCallOrigin = { path: 'leaf', attempt: 1, call: 1, role: 'leaf_reasoner' };
const request: ModelRequest = {
  model: 'some-model',
  system: 'Be short.',
  messages: [{ role: 'user', text: 'Say hello.' }],
  maxOutputTokens: 100,
};

export function modelProviderSuite(name: string, open: () => ProviderFixture): void {
  describe(`${name} provider`, () => {
    const events = async (
      provider: ModelProvider,
      signal: AbortSignal = new AbortController().signal,
      asked: ModelRequest = request,
    ): Promise<readonly ModelEvent[]> => {
      const all: ModelEvent[] = [];
      for await (const event of provider.call(asked, origin, signal)) all.push(event);
      return all;
    };

    test('text comes in pieces that are the answer, which comes last', async () => {
      const all = await events(open().answering);
      const end = all.at(-1);
      const pieces = all.slice(0, -1).map((event) => (event.type === 'text' ? event.text : '?'));
      expect(end).toMatchObject({ type: 'finished', text: pieces.join('') });
    });

    test('usage is whole numbers in five parts, with a price and how sure it is', async () => {
      const end = (await events(open().answering)).at(-1);
      if (end?.type !== 'finished') throw new Error('no answer');
      const figures = [...Object.values(end.usage.tokens), end.usage.costMicroUsd];
      expect(Object.keys(end.usage.tokens).sort()).toEqual([
        'cacheRead',
        'cacheWrite',
        'output',
        'reasoning',
        'uncached',
      ]);
      for (const figure of figures) expect(Number.isSafeInteger(figure) && figure >= 0).toBe(true);
    });

    test('a typed request gets a value, or a text for the caller to read', async () => {
      const output = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] };
      const end = (await events(open().answering, undefined, { ...request, output })).at(-1);
      if (end?.type !== 'finished') throw new Error('no answer');
      expect(end.value ?? JSON.parse(end.text)).toMatchObject({ n: expect.any(Number) });
    });

    test('a failure is the one last event, and no rejection', async () => {
      const all = await events(open().failing);
      expect(all.filter(({ type }) => type !== 'text')).toHaveLength(1);
      expect(all.at(-1)).toMatchObject({ type: 'failed', message: expect.any(String) });
    });

    test('an abort ends a call that would not end by itself, as failed and not to be sent again', async () => {
      const controller = new AbortController();
      const running = events(open().slow, controller.signal);
      setImmediate(() => controller.abort());
      expect((await running).at(-1)).toMatchObject({ type: 'failed', retryable: false });
      expect((await events(open().answering, AbortSignal.abort())).at(-1)?.type).toBe('failed');
    });
  });
}
