/** What was used and how leaves ended, summed up over everything below a node. */
import type { EventBody } from './events.ts';
import { addCostStatus, addTokens, type CostStatus, NO_TOKENS, type Tokens } from './usage.ts';

/** What was used: of an attempt, or of all attempts below a node. */
export interface Spent {
  modelCalls: number;
  /** Model calls that the memo answered. */
  memoHits: number;
  toolCalls: number;
  tokens: Tokens;
  costMicroUsd: number;
  costStatus: CostStatus;
}

/** Sums over everything below a node, itself included. */
export interface Rollup extends Spent {
  /** Leaves that have ended, and how. */
  done: number;
  failed: number;
  skipped: number;
  /** Ended by an abort: siblings that lost, a cancel. */
  pruned: number;
  reused: number;
  attempts: number;
  /** Attempts in flight. */
  running: number;
}

type Call = Pick<Extract<EventBody, { readonly type: 'model.called' }>, 'usage' | 'memo'>;

export function addCall(sums: Spent, { usage, memo }: Call): void {
  sums.costStatus = statusOf(sums, { ...usage, modelCalls: 1 });
  sums.costMicroUsd += usage.costMicroUsd;
  sums.tokens = addTokens(sums.tokens, usage.tokens);
  sums.modelCalls += 1;
  if (memo === 'hit' || memo === 'joined') sums.memoHits += 1;
}

export function countEnd(sums: Rollup, status: string): void {
  if (status === 'cancelled') sums.pruned += 1;
  else if (status === 'skipped') sums.skipped += 1;
  else if (status === 'failed') sums.failed += 1;
  sums.done += 1;
}

/** Adds what was summed up apart: later events of the same node, or a node below. */
export function addRollup(sums: Rollup, more: Rollup): void {
  addSpent(sums, more);
  sums.done += more.done;
  sums.failed += more.failed;
  sums.skipped += more.skipped;
  sums.pruned += more.pruned;
  sums.reused += more.reused;
  sums.attempts += more.attempts;
  sums.running += more.running;
}

export function addSpent(sums: Spent, more: Spent): void {
  sums.costStatus = statusOf(sums, more);
  sums.costMicroUsd += more.costMicroUsd;
  sums.tokens = addTokens(sums.tokens, more.tokens);
  sums.modelCalls += more.modelCalls;
  sums.memoHits += more.memoHits;
  sums.toolCalls += more.toolCalls;
}

interface Priced {
  readonly modelCalls: number;
  readonly costStatus: CostStatus;
}

/** Sums without a call say nothing about what is known of the cost. */
export function statusOf(sums: Priced, more: Priced): CostStatus {
  if (more.modelCalls === 0) return sums.costStatus;
  return sums.modelCalls === 0 ? more.costStatus : addCostStatus(sums.costStatus, more.costStatus);
}

export function nothingSpent(): Spent {
  return {
    modelCalls: 0,
    memoHits: 0,
    toolCalls: 0,
    tokens: NO_TOKENS,
    costMicroUsd: 0,
    costStatus: 'exact',
  };
}

export function emptyRollup(): Rollup {
  return {
    done: 0,
    failed: 0,
    skipped: 0,
    pruned: 0,
    reused: 0,
    attempts: 0,
    running: 0,
    ...nothingSpent(),
  };
}
