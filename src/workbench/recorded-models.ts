/** What a recorded run asks, under the configuration of now: names are recorded, keys and addresses never. */
import type { RunStarted } from '../trace/run-state.ts';
import { hasConfig } from './config-paths.ts';
import { knownProviders } from './models/known-providers.ts';
import type { ModelsConfig } from './models/models-config.ts';
import type { RunModels } from './models/run-models.ts';
import type { Workbench } from './workbench.ts';

const BUILT_IN: ModelsConfig = {
  providers: new Map(knownProviders.map((row) => [row.name, row])),
  roles: new Map(),
  facts: new Map(),
  prices: new Map(),
  settings: [],
  warnings: [],
};

/**
 * The configuration is read wherever there is one: which variables hold keys is kept from commands also
 * in a run that asks no model. @throws {WhaleFlowError} WF2007
 */
export async function recordedModels(
  { places, env }: Workbench,
  { config }: Pick<RunStarted, 'config'>,
): Promise<RunModels> {
  const { routes, allowUnknownCost = false } = config;
  if (!hasConfig(places)) return { routes, models: BUILT_IN, allowUnknownCost };
  const { readConfig } = await import('./config.ts');
  const { models } = readConfig({ places, env, set: [] });
  return { routes, models, allowUnknownCost };
}
