/**
 * What calls cost. The configuration’s prices count first; then a list of public prices, which is matched
 * by prefixes and may be wrong, so that the matched name is always shown. Unknown is never zero.
 */
import type { Tokens } from '../../trace/usage.ts';
import { roundHalfEven, sumOfProducts } from './half-even.ts';
import type { ListPrice, ModelsConfig, ProviderRow } from './models-config.ts';
import type { PriceList } from './price-list.ts';
import { isLoopback } from './read-provider.ts';

export interface Price {
  /** Integer micro-dollars. */
  readonly costOf: (tokens: Tokens) => number;
  /** It is the price of this very model, not of one with a name like it. */
  readonly isSure: boolean;
  /** US dollars per million, for people. */
  readonly text: string;
  readonly origin: string;
}

/** Undefined where no price is known. `list`: absent where it has not been loaded. */
export function priceOf(
  { row, model }: { readonly row: ProviderRow; readonly model: string },
  { prices }: ModelsConfig,
  list: PriceList | undefined,
): Price | undefined {
  const own = prices.get(`${row.name}:${model}`);
  if (own !== undefined) return configured(own.value, own.origin);
  const pretended = row.demo?.prices.get(model);
  if (pretended !== undefined) return configured(pretended, 'the demo’s script');
  if (row.listName !== undefined) return listed(row.listName, model, list);
  if (row.key !== undefined || !isLoopback(row.baseUrl)) return undefined;
  return { costOf: () => 0, isSure: true, text: 'free', origin: 'a server on this machine' };
}

/** Whether the list is needed to know the price of a model. */
export function needsList(name: string, row: ProviderRow, { prices }: ModelsConfig): boolean {
  return row.listName !== undefined && !prices.has(name);
}

function configured(price: ListPrice, origin: string): Price {
  const { input, output, cacheRead = input, cacheWrite = input } = price;
  return {
    costOf: (tokens) =>
      sumOfProducts([
        [tokens.uncached, input],
        [tokens.cacheRead, cacheRead],
        [tokens.cacheWrite, cacheWrite],
        [tokens.output + tokens.reasoning, output],
      ]),
    isSure: true,
    text: `${input} in, ${output} out`,
    origin,
  };
}

function listed(provider: string, model: string, list: PriceList | undefined): Price | undefined {
  const found = list?.find(provider, model);
  if (list === undefined || found === undefined) return undefined;
  const isSure = found.id === model || found.id === model.replace(/-\d{4}-?\d{2}-?\d{2}$/, '');
  return {
    costOf: (tokens) => roundHalfEven(list.usdOf(provider, model, tokens) * 1_000_000),
    isSure,
    text: found.text,
    origin: `genai-prices: ${found.id}`,
  };
}
