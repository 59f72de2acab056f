/** The hooks of runs on this machine, under the configuration of now: no run records a program. */
import { dirname } from 'node:path';
import type { Hook, HookParts } from '../../leaf/hooks.ts';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { hasConfig } from '../config-paths.ts';
import { withoutKeys } from '../models/run-models.ts';
import { digestNamed, namedFiles } from '../named-files.ts';
import type { Places } from '../places.ts';
import type { Workbench } from '../workbench.ts';

/** The configuration is read only where there is one. Undefined without hooks. @throws {WhaleFlowError} WF2007 */
export async function openHooks({
  places,
  env,
  clock,
  timers,
}: Workbench): Promise<HookParts | undefined> {
  if (!hasConfig(places)) return undefined;
  const { readConfig } = await import('../config.ts');
  const { hooks: configured, models } = readConfig({ places, env, set: [] });
  const { hooks } = configured;
  if (hooks.length === 0) return undefined;
  // What a model’s provider is paid by is no business of theirs.
  const variables = Object.entries(withoutKeys(env, models)).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return {
    hooks,
    sandbox: noneSandbox({ clock, timers }),
    clock,
    env: Object.fromEntries(variables),
    repository: places.root,
    distrust: distrustOf(places, hooks),
  };
}

/** A repository’s hooks are called for as long as the files that they name are those of the beginning. */
function distrustOf(
  { root, projectFolder }: Places,
  hooks: readonly Hook[],
): (hook: Hook) => string | undefined {
  const digestOf = ({ argv }: Hook): string => digestNamed(namedFiles(root, argv));
  const repository = dirname(projectFolder);
  const theirs = hooks.filter(({ cwd }) => cwd === repository);
  const before = new Map(theirs.map((hook) => [hook.name, digestOf(hook)]));
  return (hook) => {
    const known = before.get(hook.name);
    if (known === undefined || known === digestOf(hook)) return undefined;
    return 'a file that it names has changed since the run began: read it, then whaleflow trust';
  };
}
