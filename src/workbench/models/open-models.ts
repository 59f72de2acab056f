/**
 * Makes callable models of the names of a run’s routes. Loaded when the first leaf asks a model, since it
 * brings the adapters of the dialects and the list of prices with it.
 */
import type { RoutedNode } from '../../leaf/call/call-chain.ts';
import { aiSdkProvider } from '../../model/ai-sdk/ai-sdk-provider.ts';
import { type CallLimits, DEFAULT_CALL_LIMITS } from '../../model/ai-sdk/watch.ts';
import type { ModelProvider, ModelRoute } from '../../model/model-provider.ts';
import type { Clock, Timers } from '../../system/clock.ts';
import { NO_TOKENS } from '../../trace/usage.ts';
import type { OwnServer } from '../demo/own-server.ts';
import type { ModelsConfig, ProviderRow } from './models-config.ts';
import { modelsOfRow } from './models-of-row.ts';
import type { PriceList } from './price-list.ts';
import { needsList, type Price, priceOf } from './prices.ts';
import { readProviderKey } from './provider-key.ts';
import { providerOf } from './provider-of.ts';
import { capabilityOf, type Routes } from './routing.ts';
import { routeNames } from './run-models.ts';

export interface OpenModelsParts {
  readonly routes: Routes;
  readonly models: ModelsConfig;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly own: OwnServer;
  readonly learnSecret?: LearnSecret;
}

/** Hears of each key that was read, by the name of its provider. */
export type LearnSecret = (secret: { readonly name: string; readonly value: string }) => void;

export type ModelRouter = (node: RoutedNode) => ModelRoute | undefined;

/** Reads keys and prices as models are first asked. */
export async function openModels(parts: OpenModelsParts): Promise<ModelRouter> {
  const list = await loadList(parts);
  const ownUrl = asksOwn(parts) ? await parts.own.baseUrl() : undefined;
  const providers = new Map<string, ModelProvider>();
  const routes = new Map<string, ModelRoute>();
  const routeOf = (name: string): ModelRoute => {
    const known = routes.get(name) ?? openRoute(name, parts, { list, providers, ownUrl });
    routes.set(name, known);
    return known;
  };
  return (node) => {
    const [first, ...rest] = routeNames(node, parts);
    if (first === undefined) return undefined;
    return rest.length === 0
      ? routeOf(first)
      : { ...routeOf(first), fallbacks: rest.map((name) => routeOf(name)) };
  };
}

const namesIn = ({ routes }: Pick<OpenModelsParts, 'routes'>): readonly string[] =>
  Object.values(routes).flatMap((route) => route.split(', '));

/** Some leaf asks the demo’s models. */
function asksOwn(parts: OpenModelsParts): boolean {
  return namesIn(parts).some((name) => providerOf(name, parts.models).row.demo !== undefined);
}

/** The list of public prices, unless the configuration has them all. */
export async function loadList(
  parts: Pick<OpenModelsParts, 'routes' | 'models'>,
): Promise<PriceList | undefined> {
  const { models } = parts;
  const isNeeded = namesIn(parts).some((name) =>
    needsList(name, providerOf(name, models).row, models),
  );
  return isNeeded ? (await import('./price-list.ts')).priceList : undefined;
}

interface Opened {
  readonly list: PriceList | undefined;
  /** By the name of their row. */
  readonly providers: Map<string, ModelProvider>;
  readonly ownUrl: string | undefined;
}

function openRoute(name: string, parts: OpenModelsParts, opened: Opened): ModelRoute {
  const { list, providers } = opened;
  const { models } = parts;
  const { model, row } = providerOf(name, models);
  const provider = providers.get(row.name) ?? openProvider(row, parts, opened);
  providers.set(row.name, provider);
  const price = priceOf({ row, model }, models, list);
  const facts = models.facts.get(name);
  const window = facts?.contextTokens?.value ?? windowOf(row, model, list);
  const most = facts?.maxOutputTokens?.value;
  return {
    provider,
    model,
    ...(price === undefined ? {} : { estimateCost: estimating(price) }),
    ...(window === undefined ? {} : { windowTokens: window }),
    ...(most === undefined ? {} : { maxOutputTokens: most }),
  };
}

function windowOf(
  { listName }: ProviderRow,
  model: string,
  list: PriceList | undefined,
): number | undefined {
  return listName === undefined ? undefined : list?.find(listName, model)?.contextTokens;
}

export function estimating({ costOf }: Price): NonNullable<ModelRoute['estimateCost']> {
  return (input, output) => costOf({ ...NO_TOKENS, uncached: input, output });
}

/** Nobody wants to watch for minutes that nothing comes. */
const shortLimits = (idleMs: number): CallLimits => ({
  ...DEFAULT_CALL_LIMITS,
  firstTokenMs: idleMs,
  idleMs,
});

function openProvider(
  row: ProviderRow,
  { models, environment, clock, timers, learnSecret }: OpenModelsParts,
  { list, ownUrl }: Opened,
): ModelProvider {
  const key = readProviderKey(row, environment);
  const { name } = row;
  if (key !== undefined) learnSecret?.({ name: `KEY OF ${name}`, value: key });
  const baseUrl = row.demo === undefined ? row.baseUrl : (ownUrl ?? row.baseUrl);
  const limits = row.demo === undefined ? {} : { limits: shortLimits(row.demo.idleMs) };
  return aiSdkProvider({
    name,
    model: modelsOfRow({ ...row, baseUrl }, key),
    clock,
    timers,
    ...limits,
    ...(key === undefined ? {} : { secret: key }),
    hasSchemaMode: (model) =>
      capabilityOf(`${name}:${model}`, 'schema_mode', models).value === 'yes',
    priceOf: (model, tokens) => {
      const price = priceOf({ row, model }, models, list);
      if (price === undefined) return undefined;
      return { costMicroUsd: price.costOf(tokens), isSure: price.isSure };
    },
  });
}
