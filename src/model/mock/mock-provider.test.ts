import { expect, test } from 'vitest';
import { nodeTimers } from '../../system/node/node-clock.ts';
import type { MockRule } from '../mock-rule.ts';
import { modelProviderSuite } from '../model-provider.suite.ts';
import type { ModelEvent, ModelRequest } from '../model-provider.ts';
import { mockProvider } from './mock-provider.ts';

const provider = (...rules: readonly MockRule[]) =>
  mockProvider({ timers: nodeTimers, fixture: { rules } });

modelProviderSuite('mock', () => ({
  answering: provider(),
  failing: provider({ path: '*', fail: { kind: 'provider', message: 'down' } }),
  slow: provider({ path: '*', latencyMs: 600_000 }),
}));

const request: ModelRequest = {
  model: 'mock-1',
  messages: [{ role: 'user', text: 'Say hello.' }],
  maxOutputTokens: 100,
};

async function ask(asked: ModelRequest, path = 'leaf'): Promise<ModelEvent | undefined> {
  let last: ModelEvent | undefined;
  const origin = { path, attempt: 1, call: 1, role: 'leaf_reasoner' } as const;
  for await (const event of provider().call(asked, origin, new AbortController().signal)) {
    last = event;
  }
  return last;
}

test('the same request gets the same answer wherever it comes from, another one another', async () => {
  const first = await ask(request);
  expect(await ask({ ...request }, 'elsewhere')).toEqual(first);
  expect(await ask({ ...request, sample: 'b1' })).not.toEqual(first);
  expect(first).toMatchInlineSnapshot(`
    {
      "model": "mock-1",
      "text": "Mock answer ea6fb00d: the report shows the limits.",
      "type": "finished",
      "usage": {
        "costMicroUsd": 0,
        "costStatus": "exact",
        "tokens": {
          "cacheRead": 0,
          "cacheWrite": 0,
          "output": 13,
          "reasoning": 0,
          "uncached": 3,
        },
      },
    }
  `);
});
