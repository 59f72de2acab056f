/**
 * Where the calls of an external agent go: the models of its leaf, as servers that speak a dialect. Loaded
 * when the first such leaf runs.
 */
import type { RoutedNode } from '../../leaf/call/call-chain.ts';
import { type ForwardTarget, forwardProvider } from '../../model/forward/forward-provider.ts';
import type { Exchange } from '../../model/forward-exchange.ts';
import type { ModelRoute } from '../../model/model-provider.ts';
import type { DialectName } from './models-config.ts';
import { estimating, loadList, type OpenModelsParts } from './open-models.ts';
import { priceOf } from './prices.ts';
import { readProviderKey } from './provider-key.ts';
import { providerOf } from './provider-of.ts';
import { routeNames } from './run-models.ts';

/** The way to the leaf’s models for one request of its agent; undefined where none speaks its dialect. */
export type Forwarder = (node: RoutedNode) => (exchange: Exchange) => ModelRoute | undefined;

interface Target {
  readonly dialect: DialectName;
  readonly target: ForwardTarget;
  readonly route: Omit<ModelRoute, 'provider' | 'fallbacks'>;
}

export type ForwardingParts = Omit<OpenModelsParts, 'own'>;

/** Whoever speaks OpenAI’s chat may know responses too; a server for responses alone has no chat. */
const SPOKEN: Readonly<Record<Exchange['dialect'], readonly DialectName[]>> = {
  'openai-chat': ['openai'],
  'openai-responses': ['openai', 'openai-responses'],
  'anthropic-messages': ['anthropic'],
  gemini: ['gemini'],
};

/** Reads keys as models are first asked. */
export async function openForwarding(parts: ForwardingParts): Promise<Forwarder> {
  const list = await loadList(parts);
  const known = new Map<string, Target>();
  const targetOf = (name: string): Target => {
    const found = known.get(name) ?? openTarget(name, parts, list);
    known.set(name, found);
    return found;
  };
  const { clock, timers } = parts;
  return (node) => {
    const targets = routeNames(node, parts).map(targetOf);
    return (exchange) => {
      const [first, ...rest] = targets
        .filter(({ dialect }) => SPOKEN[exchange.dialect].includes(dialect))
        .map(
          ({ target, route }): ModelRoute => ({
            ...route,
            provider: forwardProvider({ target, clock, timers }, exchange),
          }),
        );
      if (first === undefined) return undefined;
      return rest.length === 0 ? first : { ...first, fallbacks: rest };
    };
  };
}

function openTarget(
  name: string,
  { models, environment }: ForwardingParts,
  list: Awaited<ReturnType<typeof loadList>>,
): Target {
  const { model, row } = providerOf(name, models);
  const key = readProviderKey(row, environment);
  const { baseUrl, outputLimitField, dialect } = row;
  const price = priceOf({ row, model }, models, list);
  const most = models.facts.get(name)?.maxOutputTokens?.value;
  return {
    dialect,
    target: {
      name: row.name,
      baseUrl,
      ...(key === undefined ? {} : { key }),
      ...(outputLimitField === undefined ? {} : { outputLimitField }),
      priceOf: (tokens) =>
        price === undefined
          ? undefined
          : { costMicroUsd: price.costOf(tokens), isSure: price.isSure },
    },
    route: {
      model,
      ...(price === undefined ? {} : { estimateCost: estimating(price) }),
      ...(most === undefined ? {} : { maxOutputTokens: most }),
    },
  };
}
