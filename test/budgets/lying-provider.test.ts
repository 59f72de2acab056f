/**
 * A model that writes on for as long as it is listened to, whatever limit it was given, by text that is
 * shown or by thinking that is not. Its calls are cut off at a margin, so that what comes over a ceiling
 * has a bound too.
 */
import { expect, test } from 'vitest';
import { mostWritten } from '../../src/model/bounded-call.ts';
import type { ModelEvent } from '../../src/model/model-provider.ts';
import { pause } from '../../src/model/pause.ts';
import { totalTokens } from '../../src/trace/usage.ts';
import { seedsOf, sliceOf } from '../soak/slice.ts';
import { budgetRun, type ProviderMaker } from './budget-world.ts';
import { checkBudgets } from './check-budgets.ts';

const PIECE_TOKENS = 20;
/** Where nobody cuts it off, so that this test ends. */
const MAX_PIECES = 2_000;

const lying: ProviderMaker = (luck, timers) => ({
  name: 'lying',
  async *call(_request, _origin, signal): AsyncIterable<ModelEvent> {
    const type = luck.once(3) ? 'hidden' : 'text';
    let pieces = 0;
    for (; pieces < MAX_PIECES && !signal.aborted; pieces += 1) {
      if (pieces % 10 === 0) await pause(luck.next() * 20, timers, signal);
      yield { type, text: 'lies'.repeat(PIECE_TOKENS) };
    }
    const usage = usageOf(pieces * PIECE_TOKENS);
    // Its leaf was aborted: that it obeys.
    if (signal.aborted) {
      yield { type: 'failed', kind: 'provider', message: 'aborted', retryable: false, usage };
    } else yield { type: 'finished', text: 'all of it', usage, model: 'm' };
  },
});

const usageOf = (output: number) =>
  ({
    tokens: { uncached: 0, cacheRead: 0, cacheWrite: 0, output, reasoning: 0 },
    costMicroUsd: output,
    costStatus: 'exact',
  }) as const;

const seeds = seedsOf(sliceOf(25, 500));

test(`${seeds.length} seeds: a model without end is cut off, and no ceiling is overspent beyond the bound`, async () => {
  let cut = 0;
  for (const seed of seeds) {
    const { events } = await budgetRun(seed, lying);
    checkBudgets(events);
    const reserved = new Map<string, number>();
    for (const event of events) {
      if (event.type !== 'model.requested' && event.type !== 'model.called') continue;
      const key = `${event.path}#${event.attempt} ${event.call}.${event.try}`;
      if (event.type === 'model.requested') reserved.set(key, event.reserved.tokens);
      else {
        const { usage, failure } = event;
        if (failure?.message.includes('cut off') !== true) continue;
        cut += 1;
        expect([failure.kind, usage.costStatus]).toEqual(['provider', 'estimated']);
        expect(usage.costMicroUsd).toBe(totalTokens(usage.tokens));
        // At least what it was to write at most was set aside, and its question besides.
        const most = mostWritten({ maxOutputTokens: reserved.get(key) ?? 0 }) + PIECE_TOKENS;
        expect(totalTokens(usage.tokens), `seed ${seed}: ${key}`).toBeLessThanOrEqual(most);
      }
    }
    expect(events.filter(({ type }) => type === 'model.called')).not.toHaveLength(0);
    expect(
      events.some((event) => event.type === 'model.called' && event.response !== undefined),
    ).toBe(false);
  }
  expect(cut).toBeGreaterThan(seeds.length);
}, 120_000);
