import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NO_TOKENS, type Tokens } from '../../trace/usage.ts';
import { roundHalfEven, sumOfProducts } from './half-even.ts';
import { knownProviders } from './known-providers.ts';
import type { ListPrice, ModelsConfig, ProviderRow } from './models-config.ts';
import { priceList } from './price-list.ts';
import { type Price, priceOf } from './prices.ts';

const rowOf = (name: string): ProviderRow => {
  const row = knownProviders.find((one) => one.name === name);
  if (row === undefined) throw new Error(`no row ${name}`);
  return row;
};
const tokens = (parts: Partial<Tokens>): Tokens => ({ ...NO_TOKENS, ...parts });

function price(row: ProviderRow, model: string, own?: ListPrice): Price | undefined {
  const prices: ModelsConfig['prices'] = new Map(
    own === undefined ? [] : [[`${row.name}:${model}`, { value: own, origin: 'config.toml:3' }]],
  );
  const config = { prices } as ModelsConfig;
  return priceOf({ row, model }, config, priceList);
}

test('a configured price counts before the list', () => {
  const found = price(rowOf('openai'), 'gpt-5', { input: 2, output: 8, cacheRead: 0.5 });
  expect(found).toMatchObject({ isSure: true, origin: 'config.toml:3', text: '2 in, 8 out' });
  const used = { uncached: 100, cacheRead: 10, cacheWrite: 20, output: 30, reasoning: 5 };
  expect(found?.costOf(used)).toBe(200 + 5 + 40 + 35 * 8);
});

test('the list is asked with the five parts of the tokens, and says which model it has matched', () => {
  const found = price(rowOf('openai'), 'gpt-5');
  expect(found).toMatchObject({ isSure: true, origin: 'genai-prices: gpt-5' });
  const used = { uncached: 1000, cacheRead: 1000, cacheWrite: 0, output: 500, reasoning: 500 };
  expect(found?.costOf(used)).toBe(1250 + 125 + 10_000);
});

test('a price of a model with a name like it is no sure price', () => {
  expect(price(rowOf('anthropic'), 'claude-sonnet-5-5')).toMatchObject({
    isSure: false,
    origin: 'genai-prices: claude-sonnet-5',
  });
  expect(price(rowOf('openai'), 'gpt-5-2025-08-07')?.isSure).toBe(true);
});

test('what no list has is unknown, not free', () => {
  expect(price(rowOf('openai'), 'gpt-unheard-of')).toBeUndefined();
  const { listName: _name, ...moved } = rowOf('openai');
  expect(price({ ...moved, baseUrl: 'https://gateway.example/v1' }, 'gpt-5')).toBeUndefined();
});

test('only a server on this machine that wants no key is free', () => {
  const ollama = rowOf('ollama');
  expect(price(ollama, 'qwen3')?.costOf(tokens({ uncached: 1e6 }))).toBe(0);
  expect(price({ ...ollama, baseUrl: 'https://cloud.example/v1' }, 'qwen3')).toBeUndefined();
  expect(price({ ...ollama, key: { type: 'env', name: 'K' } }, 'qwen3')).toBeUndefined();
});

test('a half goes to the even neighbour', () => {
  expect([0.5, 1.5, 2.5, 2.500001, 2.499999].map(roundHalfEven)).toEqual([0, 2, 2, 3, 2]);
  expect(sumOfProducts([[1, 0.5]])).toBe(0);
  expect(sumOfProducts([[3, 0.5]])).toBe(2);
  expect(
    sumOfProducts([
      [1, 0.1],
      [1, 0.2],
      [1, 0.2],
    ]),
  ).toBe(0);
});

test('a sum is exact where floating-point numbers are not', () => {
  const part = fc.tuple(fc.nat(1e9), fc.nat(1e6));
  fc.assert(
    fc.property(fc.array(part, { maxLength: 5 }), (parts) => {
      const exact = parts.reduce((sum, [count, price]) => sum + BigInt(count) * BigInt(price), 0n);
      const found = sumOfProducts(parts.map(([count, price]) => [count, price / 1e6]));
      const off = BigInt(found) * 1_000_000n - exact;
      expect(off <= 500_000n && off >= -500_000n).toBe(true);
    }),
  );
});
