/** The models of one run: what its record names, and what the configuration makes of it now. */
import type { RoutedNode } from '../../leaf/call/call-chain.ts';
import type { ModelsConfig } from './models-config.ts';
import { ableNames, namesFor, needsOf, type Routes } from './routing.ts';

export interface RunModels {
  readonly routes: Routes;
  readonly models: ModelsConfig;
  /** `--allow-unknown-cost`. */
  readonly allowUnknownCost: boolean;
}

/** Models that may answer a leaf, first choice first. */
export function routeNames(
  { modelPolicy, task }: RoutedNode,
  { routes, models }: Pick<RunModels, 'routes' | 'models'>,
): readonly string[] {
  return ableNames(namesFor(modelPolicy, routes), needsOf(modelPolicy, task), models);
}

/** Names of the variables that hold keys of providers. */
export function providerKeys({ providers }: ModelsConfig): ReadonlySet<string> {
  const keys = Array.from(providers.values(), ({ key }) => key);
  return new Set(keys.flatMap((key) => (key?.type === 'env' ? [key.name] : [])));
}

/** The environment without the keys of providers: no command of a leaf ever sees one. */
export function withoutKeys(
  environment: Readonly<Record<string, string | undefined>>,
  models: ModelsConfig,
): Readonly<Record<string, string | undefined>> {
  const keys = providerKeys(models);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !keys.has(name)));
}
