import { expect, test } from 'vitest';
import { NO_TOKENS } from '../../trace/usage.ts';
import { checkEnd } from './check-end.ts';

const usage = {
  tokens: { ...NO_TOKENS, output: 3 },
  costMicroUsd: 7,
  costStatus: 'exact',
} as const;
const finished = { type: 'finished', text: 'hi', model: 'm', usage } as const;
const failed = { type: 'failed', kind: 'refused', message: 'no', retryable: false } as const;
const setAside = { tokens: 900, costMicroUsd: 40 };

test.each([
  ['an answer', finished],
  ['a failure', failed],
  ['a failure that says what it spent', { ...failed, usage }],
])('%s goes through as it is', (_, end) => {
  expect(checkEnd('lab', end, setAside)).toBe(end);
});

const tokens = (parts: object): object => ({
  ...finished,
  usage: { ...usage, tokens: { ...usage.tokens, ...parts } },
});

test.each([
  [tokens({ output: Number.NaN }), 'usage.tokens.output is NaN, no whole number from 0'],
  [tokens({ cacheRead: -1 }), 'usage.tokens.cacheRead is -1, no whole number from 0'],
  [tokens({ uncached: 1.5 }), 'usage.tokens.uncached is 1.5, no whole number from 0'],
  [tokens({ reasoning: Infinity }), 'usage.tokens.reasoning is Infinity, no whole number from 0'],
  [tokens({ cacheWrite: '9' }), 'usage.tokens.cacheWrite is "9", no whole number from 0'],
  [
    { ...finished, usage: { ...usage, costMicroUsd: 0.4 } },
    'usage.costMicroUsd is 0.4, no whole number from 0',
  ],
  [{ ...finished, usage: { ...usage, costStatus: 'free' } }, 'usage.costStatus is "free"'],
  [{ ...finished, usage: undefined }, 'usage is undefined'],
  [{ ...finished, text: 5 }, 'text is 5, no text'],
  [{ ...finished, model: undefined }, 'model is undefined, no text'],
  [{ ...failed, kind: 'broken' }, 'it failed with the kind "broken"'],
  [{ ...failed, usage: { tokens: {} } }, 'usage.tokens.uncached is undefined, no whole number'],
  [{ type: 'done' }, 'it ended with an event of type "done"'],
  [undefined, 'it ended with undefined'],
])('%j is a failure of the provider, and spends what was set aside', (end, problem) => {
  const checked = checkEnd('lab', end, setAside);
  expect(checked).toMatchObject({
    type: 'failed',
    kind: 'provider',
    message: expect.stringContaining(`lab broke its contract: ${problem}`),
    retryable: false,
    usage: { tokens: { ...NO_TOKENS, uncached: 900 }, costMicroUsd: 40, costStatus: 'estimated' },
  });
});
