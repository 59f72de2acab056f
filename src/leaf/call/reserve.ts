/**
 * Reservation: what a call may cost at most is set aside before it is sent, so that what a run spends is
 * bounded by its ceiling and not only observed. Within its slice a leaf spends alone.
 */
import type { ModelRequest, ModelRoute } from '../../model/model-provider.ts';
import { estimateInputTokens } from '../../model/model-request.ts';
import type { Slice } from '../../trace/events.ts';
import type { Failure } from '../../trace/outcome.ts';
import { totalTokens, type Usage } from '../../trace/usage.ts';
import { failure } from '../failure.ts';

export interface Reservation {
  readonly costMicroUsd: number;
  readonly tokens: number;
}

export interface ReserveOptions {
  /** What the attempt has spent before this call. */
  readonly spent: Reservation;
  readonly slice: Slice | undefined;
  readonly allowUnknownCost: boolean;
}

/** Sets aside the most that a call may use, or says why it does not fit. */
export function reserve(
  request: ModelRequest,
  route: ModelRoute,
  { spent, slice, allowUnknownCost }: ReserveOptions,
): Reservation | { readonly failure: Failure } {
  const input = estimateInputTokens(request);
  const tokens = input + request.maxOutputTokens;
  const costMicroUsd = route.estimateCost?.(input, request.maxOutputTokens);
  if (slice?.tokens !== undefined && spent.tokens + tokens > slice.tokens) {
    return refuse(`a call of up to ${tokens} tokens`, `${slice.tokens - spent.tokens} tokens`);
  }
  if (slice?.costMicroUsd !== undefined) {
    if (costMicroUsd === undefined && !allowUnknownCost) {
      return { failure: failure('budget', `no price is known for model ${route.model}`) };
    }
    if (spent.costMicroUsd + (costMicroUsd ?? 0) > slice.costMicroUsd) {
      const left = slice.costMicroUsd - spent.costMicroUsd;
      return refuse(`a call of up to ${costMicroUsd} micro-dollars`, `${left} micro-dollars`);
    }
  }
  return { costMicroUsd: costMicroUsd ?? 0, tokens };
}

/** What was spent, with one more call. */
export function spend(spent: Reservation, usage: Usage): Reservation {
  return {
    costMicroUsd: spent.costMicroUsd + usage.costMicroUsd,
    tokens: spent.tokens + totalTokens(usage.tokens),
  };
}

function refuse(wanted: string, left: string): { readonly failure: Failure } {
  return { failure: failure('budget', `${wanted} does not fit into the ${left} left`) };
}
