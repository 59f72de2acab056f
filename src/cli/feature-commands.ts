/** Commands of features: what is off has none. */
import { WhaleFlowError } from '../base/errors.ts';
import type { FeatureName } from '../workflow/features.ts';
import type { CommandSpec } from './command.ts';
import type { CommandContext } from './context.ts';
import type { Host } from './host.ts';

/** Those that there are here; the configuration is read only where some depend on it. */
export async function offeredCommands(
  { cwd, env }: Pick<Host, 'cwd' | 'env'>,
  commands: readonly CommandSpec[],
): Promise<readonly CommandSpec[]> {
  if (commands.every(({ feature }) => feature === undefined)) return commands;
  const [{ readConfig }, { findPlaces }] = await Promise.all([
    import('../workbench/config.ts'),
    import('../workbench/places.ts'),
  ]);
  let on: ReadonlySet<FeatureName> = new Set();
  try {
    on = readConfig({ places: findPlaces({ cwd, env }), env, set: [] }).features;
  } catch (error) {
    // Help has to be there most of all where the configuration is broken.
    if (!(error instanceof WhaleFlowError)) throw error;
  }
  return commands.filter(({ feature }) => feature === undefined || on.has(feature));
}

/** @throws {WhaleFlowError} WF2002 as for a command that there is not. */
export async function requireFeature(
  context: CommandContext,
  name: string,
  feature: FeatureName,
): Promise<void> {
  const { features } = await context.config();
  if (features.has(feature)) return;
  throw new WhaleFlowError('WF2002', `no command \`${name}\`: its feature ${feature} is off`, {
    hint: `turn it on for yourself: whaleflow config set features.${feature} true`,
  });
}
