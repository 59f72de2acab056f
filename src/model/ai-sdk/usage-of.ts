/** Tokens as the SDK counts them (input with what caches had) in our five disjoint parts. */
import type { LanguageModelV4Usage } from '@ai-sdk/provider';
import type { Tokens } from '../../trace/usage.ts';

/** Undefined where the provider reports none, or what can’t be true: then usage has to be estimated. */
export function tokensOf({ inputTokens, outputTokens }: LanguageModelV4Usage): Tokens | undefined {
  const { total, cacheRead = 0, cacheWrite = 0 } = inputTokens;
  const reasoning = outputTokens.reasoning ?? 0;
  const { total: written } = outputTokens;
  if (total === undefined || written === undefined) return undefined;
  const tokens: Tokens = {
    uncached: inputTokens.noCache ?? total - cacheRead - cacheWrite,
    cacheRead,
    cacheWrite,
    output: written - reasoning,
    reasoning,
  };
  const figures = Object.values(tokens) as readonly number[];
  return figures.every((figure) => Number.isSafeInteger(figure) && figure >= 0)
    ? tokens
    : undefined;
}
