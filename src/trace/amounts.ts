/** What leaves share out among each other, and how it is counted. */

/** What a call may cost at most. Integers. */
export interface Reserved {
  readonly costMicroUsd: number;
  readonly tokens: number;
}

export interface Amounts extends Reserved {
  /** Model and tool calls. */
  readonly steps: number;
}

export const NO_AMOUNTS: Amounts = { costMicroUsd: 0, tokens: 0, steps: 0 };
export const ONE_STEP: Amounts = { costMicroUsd: 0, tokens: 0, steps: 1 };

export function addAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    costMicroUsd: a.costMicroUsd + b.costMicroUsd,
    tokens: a.tokens + b.tokens,
    steps: a.steps + b.steps,
  };
}

export function subtractAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    costMicroUsd: a.costMicroUsd - b.costMicroUsd,
    tokens: a.tokens - b.tokens,
    steps: a.steps - b.steps,
  };
}

/** Of each amount the smaller one. */
export function leastAmounts(a: Amounts, b: Amounts): Amounts {
  return {
    costMicroUsd: Math.min(a.costMicroUsd, b.costMicroUsd),
    tokens: Math.min(a.tokens, b.tokens),
    steps: Math.min(a.steps, b.steps),
  };
}
