/** The list of public prices. Loaded only where a price is looked for in it; it never uses the network. */
import { calcPrice } from '@pydantic/genai-prices';
import type { Tokens } from '../../trace/usage.ts';

export interface PriceList {
  /** The row that a model’s name leads to; undefined where there is none. */
  find(provider: string, model: string): ListRow | undefined;
  /** US dollars; 0 where the list has no such model. */
  usdOf(provider: string, model: string, tokens: Tokens): number;
}

export interface ListRow {
  /** As the list calls the model. */
  readonly id: string;
  /** US dollars per million, for people. */
  readonly text: string;
  readonly contextTokens?: number;
}

const ONE_OF_EACH = { input_tokens: 1, output_tokens: 1 };

export const priceList: PriceList = {
  find(provider, model) {
    const found = calcPrice(ONE_OF_EACH, model, { providerId: provider });
    if (found === null) return undefined;
    const { input_mtok: input, output_mtok: output } = found.model_price;
    const { id, context_window: contextTokens } = found.model;
    return {
      id,
      text: `${rate(input)} in, ${rate(output)} out`,
      ...(contextTokens === undefined ? {} : { contextTokens }),
    };
  },
  usdOf(provider, model, { uncached, cacheRead, cacheWrite, output, reasoning }) {
    const usage = {
      input_tokens: uncached + cacheRead + cacheWrite,
      cache_read_tokens: cacheRead,
      cache_write_tokens: cacheWrite,
      output_tokens: output + reasoning,
    };
    return calcPrice(usage, model, { providerId: provider })?.total_price ?? 0;
  },
};

/** Some prices have tiers by length; the first is shown. */
function rate(price: unknown): string {
  if (typeof price === 'number') return String(price);
  const base = (price as { readonly base?: unknown } | undefined)?.base;
  return typeof base === 'number' ? `from ${base}` : 'unknown';
}
