/**
 * Reservation: what a call may cost at most is set aside before it is sent, so that what a run spends is
 * bounded by its ceiling and not only observed.
 */
import type { ModelRequest, ModelRoute } from '../../model/model-provider.ts';
import { estimateInputTokens } from '../../model/model-request.ts';
import type { Amounts } from '../../trace/amounts.ts';
import type { Failure } from '../../trace/outcome.ts';
import { totalTokens, type Usage } from '../../trace/usage.ts';
import { failure } from '../failure.ts';
import type { Short, SliceAccount } from '../slice-account.ts';

export interface ReserveOptions {
  readonly account: SliceAccount;
  /** Money is limited, and a call without a known price is not to be sent. */
  readonly needsPrice: boolean;
}

/** Sets aside the most that a call may use, or says why it may not be sent. */
export function reserve(
  request: ModelRequest,
  route: ModelRoute,
  { account, needsPrice }: ReserveOptions,
): Amounts | Short | { readonly failure: Failure } {
  const input = estimateInputTokens(request);
  const tokens = input + request.maxOutputTokens;
  const costMicroUsd = route.estimateCost?.(input, request.maxOutputTokens);
  if (costMicroUsd === undefined && needsPrice) {
    return { failure: failure('budget', `no price is known for model ${route.model}`) };
  }
  const most = { costMicroUsd: costMicroUsd ?? 0, tokens, steps: 1 };
  return account.shortOf(most) ?? most;
}

/** What a sending has used. */
export function usedBy({ costMicroUsd, tokens }: Usage): Amounts {
  return { costMicroUsd, tokens: totalTokens(tokens), steps: 1 };
}
