/** Tokens and money as the trace records them. */

/** Five disjoint parts; input = the first three. Non-negative integers. */
export interface Tokens {
  readonly uncached: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

export type CostStatus = 'exact' | 'estimated' | 'partial' | 'unknown' | 'included';

export interface Usage {
  readonly tokens: Tokens;
  /** Integer micro-dollars, rounded half-even per call; 0 beside `unknown`. */
  readonly costMicroUsd: number;
  readonly costStatus: CostStatus;
}

export const NO_TOKENS: Tokens = {
  uncached: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
};

export const NO_USAGE: Usage = { tokens: NO_TOKENS, costMicroUsd: 0, costStatus: 'exact' };

export function addTokens(a: Tokens, b: Tokens): Tokens {
  return {
    uncached: a.uncached + b.uncached,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    output: a.output + b.output,
    reasoning: a.reasoning + b.reasoning,
  };
}

export function totalTokens(tokens: Tokens): number {
  return tokens.uncached + tokens.cacheRead + tokens.cacheWrite + tokens.output + tokens.reasoning;
}

/** The status of a sum: what is not known of a part is not known of the whole. */
export function addCostStatus(a: CostStatus, b: CostStatus): CostStatus {
  if (a === b) return a;
  if (a === 'unknown' || b === 'unknown' || a === 'partial' || b === 'partial') return 'partial';
  return a === 'estimated' || b === 'estimated' ? 'estimated' : 'exact';
}
