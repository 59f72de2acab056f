import type { RunTotals } from '../trace/events.ts';
import type { RunState } from '../trace/run-state.ts';

/** What a run has used so far. */
export function totalsOf(state: RunState): RunTotals {
  const { leaves, modelCalls, reused, tokens, costMicroUsd, costStatus } = state.totals;
  return { leaves, modelCalls, reused, usage: { tokens, costMicroUsd, costStatus } };
}
