/** Ceilings as people read them. */
import type { Budget } from '../workflow/limits.ts';
import { countText, leavesText, stepsText, usdText } from './amounts.ts';
import { durationText } from './duration.ts';

/** `$5.00, 2.0M tokens, 1h00m`; `none` where nothing is bounded. */
export function budgetText({
  maxCostMicroUsd,
  maxTokens,
  maxMs,
  maxLeaves,
  maxSteps,
}: Budget): string {
  const parts = [
    maxCostMicroUsd === undefined ? '' : usdText(maxCostMicroUsd),
    maxTokens === undefined ? '' : `${countText(maxTokens)} tokens`,
    maxMs === undefined ? '' : durationText(maxMs),
    maxLeaves === undefined ? '' : leavesText(maxLeaves),
    maxSteps === undefined ? '' : stepsText(maxSteps),
  ];
  return parts.filter((part) => part !== '').join(', ') || 'none';
}
