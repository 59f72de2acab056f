/** What is configured of providers and their models, with where each fact comes from. */
import type { EffectiveConfig } from './config.ts';
import {
  capabilityNames,
  type KeySource,
  type ModelsConfig,
  parseModelName,
} from './models/models-config.ts';
import { needsList, priceOf } from './models/prices.ts';
import { capabilityOf } from './models/routing.ts';
import type { Workbench } from './workbench.ts';

export interface ProviderPage {
  readonly name: string;
  readonly dialect: string;
  readonly baseUrl: string;
  /** `OPENAI_API_KEY is set`, `… is not set`, `by a command`, `none`. */
  readonly key: string;
  /** Calls of all runs on this machine to it at once. */
  readonly maxCalls: number;
  readonly origin: string;
  readonly models: readonly ModelPage[];
}

interface ModelPage {
  /** `PROVIDER:MODEL`. */
  readonly name: string;
  readonly roles: readonly string[];
  readonly facts: readonly Known[];
}

interface Known {
  readonly fact: string;
  readonly value: string;
  readonly origin: string;
}

/** Every provider, with the models of it that the configuration names. Asks nobody. */
export async function listProviders(
  { env }: Workbench,
  { models, concurrency }: EffectiveConfig,
): Promise<readonly ProviderPage[]> {
  const roled = [...models.roles.values()].flatMap(({ value }) => value);
  const names = [...new Set([...roled, ...models.facts.keys(), ...models.prices.keys()])].sort();
  return Promise.all(
    [...models.providers.values()].map(
      async ({ name, dialect, baseUrl, key, maxCalls, origin, demo }) => ({
        name,
        dialect,
        baseUrl: demo === undefined ? baseUrl : 'in the driver, by a script',
        key: keyText(key, env),
        maxCalls: maxCalls ?? concurrency.machineCalls,
        origin,
        models: await Promise.all(
          names
            .filter((model) => parseModelName(model)?.provider === name)
            .map((model) => modelPage(model, models)),
        ),
      }),
    ),
  );
}

/** Names only. */
function keyText(key: KeySource | undefined, env: Workbench['env']): string {
  if (key === undefined) return 'none';
  if (key.type === 'command') return 'by a command';
  return `${key.name} is ${(env[key.name] ?? '') === '' ? 'not set' : 'set'}`;
}

async function modelPage(name: string, models: ModelsConfig): Promise<ModelPage> {
  const { facts, roles } = models;
  const own = facts.get(name);
  const counts = { context: own?.contextTokens, max_output: own?.maxOutputTokens };
  const capabilities = capabilityNames.map((fact) => ({
    fact,
    ...capabilityOf(name, fact, models),
  }));
  const known = Object.entries(counts).flatMap(([fact, found]) =>
    found === undefined ? [] : [{ fact, value: String(found.value), origin: found.origin }],
  );
  return {
    name,
    roles: [...roles].filter(([, { value }]) => value.includes(name)).map(([role]) => role),
    facts: [...capabilities, ...known, await priceFact(name, models)],
  };
}

async function priceFact(name: string, models: ModelsConfig): Promise<Known> {
  const parsed = parseModelName(name);
  const row = models.providers.get(parsed?.provider ?? '');
  if (parsed === undefined || row === undefined) {
    return { fact: 'price', value: 'unknown', origin: '' };
  }
  const isListed = needsList(name, row, models);
  const list = isListed ? (await import('./models/price-list.ts')).priceList : undefined;
  const price = priceOf({ row, model: parsed.model }, models, list);
  const { text: value, origin } = price ?? { text: 'unknown', origin: '' };
  return { fact: 'price', value, origin };
}
