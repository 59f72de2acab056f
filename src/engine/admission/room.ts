/** Room under one budget: what is spent, what leaves in flight hold, and so what is free. */
import { type Amounts, addAmounts } from '../../trace/amounts.ts';
import { emptySums, type Live, type RunState, type Sums } from '../../trace/run-state.ts';
import { totalTokens } from '../../trace/usage.ts';
import type { Budget } from '../../workflow/limits.ts';

export interface Room {
  readonly budget: Budget;
  /** Leaf attempts so far. */
  readonly leaves: number;
  /** Milliseconds since it began, as far as the run was driven and not paused. */
  readonly activeMs: number;
  /** Leaves in flight below: each may give something back. */
  readonly inFlight: number;
  readonly spent: Amounts;
  /** Spent or held by leaves in flight. */
  readonly taken: Amounts;
}

/** The ceiling of each amount that leaves share out. */
export const CEILINGS: Readonly<Record<keyof Amounts, keyof Budget>> = {
  tokens: 'maxTokens',
  costMicroUsd: 'maxCostMicroUsd',
  steps: 'maxSteps',
};

/** The room at a node; undefined where it has no budget of its own. */
export function roomAt(state: RunState, at: Live): Room | undefined {
  const { budget: own } = at.plan.node;
  if (own === undefined) return undefined;
  const isRun = at.parent === undefined;
  const budget = isRun ? { ...own, ...state.raised } : own;
  const sums = isRun ? state.totals : (state.sums.get(at.path) ?? NOTHING);
  const spent = spentOf(sums);
  const hasBegun = at.plan.node.kind !== 'leaf' || at.attempt > 0;
  return {
    budget,
    leaves: sums.leaves,
    // Time that a leaf waits for admission is not its own.
    activeMs: hasBegun ? state.activeMs - at.startedActiveMs : 0,
    inFlight: sums.inFlight,
    spent,
    taken: addAmounts(spent, sums.held),
  };
}

const NOTHING: Sums = emptySums();

const spentOf = ({ costMicroUsd, tokens, modelCalls, toolCalls }: Sums): Amounts => ({
  costMicroUsd,
  tokens: totalTokens(tokens),
  steps: modelCalls + toolCalls,
});
