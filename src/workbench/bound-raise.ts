/**
 * A raise of a run's ceilings, held against the config: what a layer sets binds the raise too. The
 * built-in values are defaults and bind nothing that a person types.
 */
import type { Budget } from '../workflow/limits.ts';
import type { EffectiveConfig, Setting } from './config.ts';
import type { ConfigKey } from './config-keys.ts';

export interface BoundRaise {
  readonly budget: Budget;
  /** The settings that lowered something. */
  readonly by: readonly Setting[];
}

type CeilingKey = Extract<ConfigKey, `ceilings.${string}`>;

const FIELDS: Readonly<Record<CeilingKey, readonly [field: keyof Budget, unit: number]>> = {
  'ceilings.max_usd': ['maxCostMicroUsd', 1_000_000],
  'ceilings.max_tokens': ['maxTokens', 1],
  'ceilings.max_leaves': ['maxLeaves', 1],
  'ceilings.max_minutes': ['maxMs', 60_000],
};

export function boundRaise({ limits }: EffectiveConfig, raised: Budget): BoundRaise {
  const budget: { -readonly [K in keyof Budget]: Budget[K] } = { ...raised };
  const by = limits.filter(({ key, value }) => {
    const [field, unit] = FIELDS[key as CeilingKey];
    const most = Math.round(Number(value) * unit);
    const wanted = raised[field];
    if (wanted === undefined || wanted <= most) return false;
    budget[field] = most;
    return true;
  });
  return { budget, by };
}
