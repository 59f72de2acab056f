import { expect, test } from 'vitest';
import { boundedCall, mostWritten } from './bounded-call.ts';
import type { ModelEvent, ModelProvider, ModelRequest } from './model-provider.ts';

const request: ModelRequest = {
  model: 'm',
  messages: [{ role: 'user', text: 'x'.repeat(400) }],
  maxOutputTokens: 1_000,
};
const origin = { path: 'leaf', attempt: 1, call: 1, role: 'leaf_reasoner' } as const;
const usage = {
  tokens: { uncached: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 },
  costMicroUsd: 1,
  costStatus: 'exact',
} as const;
const never = new AbortController().signal;

interface Writer extends ModelProvider {
  readonly seen: { pieces: number; isAborted: boolean; isClosed: boolean };
}

/** Writes so many pieces of a text, whatever it was asked for. */
function writer(pieces: number, text: string, type: 'text' | 'hidden' = 'text'): Writer {
  const seen = { pieces: 0, isAborted: false, isClosed: false };
  return {
    name: 'liar',
    seen,
    async *call(_request, _origin, signal): AsyncIterable<ModelEvent> {
      signal.addEventListener('abort', () => {
        seen.isAborted = true;
      });
      try {
        for (; seen.pieces < pieces; seen.pieces += 1) yield { type, text };
        yield { type: 'finished', text: '', usage, model: 'm' };
      } finally {
        seen.isClosed = true;
      }
    },
  };
}

async function eventsOf(provider: ModelProvider, estimateCost?: (i: number, o: number) => number) {
  const events: ModelEvent[] = [];
  const bounded = { request, origin, ...(estimateCost === undefined ? {} : { estimateCost }) };
  for await (const event of boundedCall(provider, bounded, never)) events.push(event);
  return events;
}

test.each(['text', 'hidden'] as const)(
  'an answer of %s without end is cut off, and paid for as what came',
  async (type) => {
    const provider = writer(10_000, 'x'.repeat(400), type);
    const end = (await eventsOf(provider, (input, output) => 2 * input + output)).at(-1);
    expect(end).toEqual({
      type: 'failed',
      kind: 'provider',
      message: 'liar wrote on after about 3300 tokens, of 1000 at most: cut off',
      retryable: false,
      usage: {
        tokens: { uncached: 100, cacheRead: 0, cacheWrite: 0, output: 3300, reasoning: 0 },
        costMicroUsd: 3500,
        costStatus: 'estimated',
      },
    });
    expect(provider.seen).toEqual({ pieces: 32, isAborted: true, isClosed: true });
  },
);

test('where no price is known that is said', async () => {
  const end = (await eventsOf(writer(10_000, 'x'.repeat(400)))).at(-1);
  expect(end).toMatchObject({ usage: { costMicroUsd: 0, costStatus: 'unknown' } });
});

test('an answer up to the margin is left alone', async () => {
  const pieces = mostWritten(request) / 4;
  const whole = writer(pieces, `${'鲸🐋'.repeat(2)}xx`);
  const events = await eventsOf(whole);
  expect(events).toHaveLength(pieces + 1);
  expect(events.at(-1)).toMatchObject({ type: 'finished', usage });
  expect(whole.seen.isAborted).toBe(false);
  expect((await eventsOf(writer(pieces + 1, `${'鲸🐋'.repeat(2)}xx`))).at(-1)?.type).toBe('failed');
});
