/**
 * A model without a model: it answers from the request alone, so that the same request always gets the
 * same answer. A fixture says otherwise where an author wants a certain answer, wait, price or failure.
 */
import type { Json } from '../../base/json.ts';
import type { Timers } from '../../system/clock.ts';
import { canonicalJson } from '../canonical-json.ts';
import { EMPTY_FIXTURE, type MockFixture, type MockRule, mockRuleFor } from '../mock-rule.ts';
import type { ModelEvent, ModelProvider, ModelRequest, ModelUsage } from '../model-provider.ts';
import { digestRequest, estimateInputTokens, estimateTokens } from '../model-request.ts';
import { pause } from '../pause.ts';
import { mockText } from './mock-text.ts';
import { promptNames } from './prompt-names.ts';
import { sampleJson } from './sample-json.ts';

export interface MockProviderParts {
  readonly timers: Timers;
  readonly fixture?: MockFixture;
}

/** What a mocked failure of any other kind looks like from a provider. */
const PROVIDER_KINDS = ['provider', 'timeout', 'refused', 'schema'] as const;
const ABORTED: ModelEvent = {
  type: 'failed',
  kind: 'provider',
  message: 'aborted',
  retryable: false,
};

export function mockProvider({ timers, fixture }: MockProviderParts): ModelProvider {
  return {
    name: 'mock',
    async *call(request, origin, signal) {
      const rule = mockRuleFor(fixture ?? EMPTY_FIXTURE, origin);
      if (rule?.latencyMs !== undefined) await pause(rule.latencyMs, timers, signal);
      if (signal.aborted) {
        yield ABORTED;
      } else if (rule?.fail !== undefined) {
        const kind = PROVIDER_KINDS.find((known) => known === rule.fail?.kind) ?? 'provider';
        const usage = usageOf(request, '', rule);
        yield { type: 'failed', kind, message: rule.fail.message, retryable: false, usage };
      } else {
        const { text, value } = answerOf(request, rule);
        yield { type: 'text', text };
        const usage = usageOf(request, text, rule);
        const typed = value === undefined ? {} : { value };
        yield { type: 'finished', text, ...typed, usage, model: request.model };
      }
    },
  };
}

function answerOf(
  request: ModelRequest,
  rule: MockRule | undefined,
): { readonly text: string; readonly value?: Json } {
  if (rule?.json !== undefined) return { text: canonicalJson(rule.json), value: rule.json };
  if (rule?.answer !== undefined) return { text: rule.answer };
  const text = mockText(digestRequest(request));
  if (request.output === undefined) return { text };
  const value = sampleJson(request.output, { names: promptNames(request), text });
  return { text: canonicalJson(value), value };
}

const NOTHING = { uncached: 0, cacheRead: 0, cacheWrite: 0, output: 0, reasoning: 0 };

function usageOf(request: ModelRequest, text: string, rule: MockRule | undefined): ModelUsage {
  const estimated = { uncached: estimateInputTokens(request), output: estimateTokens(text) };
  return {
    tokens: { ...NOTHING, ...(rule?.usage ?? estimated) },
    costMicroUsd: rule?.costMicroUsd ?? 0,
    costStatus: 'exact',
  };
}
