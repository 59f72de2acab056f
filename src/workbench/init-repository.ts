/**
 * Sets a repository up: settings, a first workflow, who answers. It writes only what is not there, so that
 * a second time changes nothing; roles go into the user’s own settings, since keys are theirs.
 */
import { existsSync, mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { EffectiveConfig } from './config.ts';
import { projectConfigPaths } from './config-paths.ts';
import { firstWorkflow, projectConfig, projectIgnore } from './init/first-files.ts';
import { lookAround, type Surroundings } from './init/look-around.ts';
import type { ProviderRow } from './models/models-config.ts';
import { providerOf } from './models/provider-of.ts';
import { trust } from './trust.ts';
import type { Workbench } from './workbench.ts';
import { toWriteError } from './write-error.ts';
import { writeNewFile } from './write-new-file.ts';
import { writeSettings } from './write-settings.ts';

export type { Surroundings };

export interface InitPlan {
  readonly surroundings: Surroundings;
  /** Files that are not there yet, with their text. */
  readonly files: readonly { readonly path: string; readonly text: string }[];
  /** Of what `init` would write, what is there already. */
  readonly present: readonly string[];
  /** Who would answer all roles; absent where somebody does, or nobody can. */
  readonly model?: string;
  /** In a git repository: what works on files needs one. */
  readonly hasGit: boolean;
  /** The folder gets its first settings from us, so that they may count. */
  readonly isTrusting: boolean;
}

/**
 * Models to begin with, where a person has named none: each provider’s own general one. A name that is gone
 * fails with 404, and \`providers test\` says so.
 */
const FIRST_MODELS: Readonly<Record<string, string>> = {
  anthropic: 'claude-sonnet-4-5',
  openai: 'gpt-5-mini',
  deepseek: 'deepseek-chat',
};

/**
 * Looks, and writes nothing.
 * @throws {WhaleFlowError} WF3002 for a model of no provider; WF6001 where settings would lie in the home
 * folder or at the root of the machine, which are no projects
 */
export async function planInit(
  workbench: Workbench,
  { models, agents }: EffectiveConfig,
  wished: string | undefined,
): Promise<InitPlan> {
  refuseNoProject(workbench);
  const { projectFolder } = workbench.places;
  const surroundings = await lookAround(workbench, { models, agents });
  if (wished !== undefined) providerOf(wished, models);
  const all = [
    { path: join(projectFolder, 'config.toml'), text: projectConfig },
    {
      path: join(projectFolder, 'workflows', 'first-look.star'),
      text: firstWorkflow(surroundings.checks),
    },
    { path: join(projectFolder, '.gitignore'), text: projectIgnore },
  ];
  const hasConfig = projectConfigPaths(workbench.places).some((path) => existsSync(path));
  const model = models.roles.size > 0 ? undefined : (wished ?? firstModel(surroundings.keyed));
  return {
    surroundings,
    files: all.filter(({ path }) => !existsSync(path)),
    present: all.flatMap(({ path }) => (existsSync(path) ? [path] : [])),
    ...(model === undefined ? {} : { model }),
    hasGit: workbench.places.hasGit,
    isTrusting: !hasConfig,
  };
}

/** A repository in these places is somebody’s wish (dotfiles); a bare folder is a slip. */
function refuseNoProject({ places: { root, hasGit }, env }: Workbench): void {
  const home = env['HOME'];
  const isHome = home !== undefined && isSameFolder(root, home);
  if (hasGit || !(isHome || dirname(root) === root)) return;
  const what = isHome ? 'your home folder' : 'the root of this machine';
  throw new WhaleFlowError('WF6001', `init sets up a project, and this is ${what}: ${root}`, {
    notes: ['it is no git repository; nothing was written'],
    hint: 'in a project: cd PROJECT && whaleflow init     if it is meant: git init, then again',
  });
}

function isSameFolder(one: string, other: string): boolean {
  try {
    return realpathSync(one) === realpathSync(other);
  } catch {
    return false;
  }
}

function firstModel(keyed: readonly ProviderRow[]): string | undefined {
  const found = keyed.find(({ name }) => FIRST_MODELS[name] !== undefined);
  return found === undefined ? undefined : `${found.name}:${FIRST_MODELS[found.name]}`;
}

/** What was written, in order. @throws {WhaleFlowError} WF2003, WF2009, WF7004 */
export function carryOutInit(
  workbench: Workbench,
  { files, model, isTrusting }: InitPlan,
): readonly string[] {
  const { places, chance } = workbench;
  for (const { path, text } of files) {
    try {
      mkdirSync(dirname(path), { recursive: true });
    } catch (cause) {
      throw toWriteError(cause, path);
    }
    writeNewFile({ path, pieces: [text], force: false, mode: 0o644 }, chance);
  }
  const written = files.map(({ path }) => path);
  if (isTrusting) trust(places);
  if (model === undefined) return written;
  const setting = { path: ['roles', 'default'], value: model };
  return [...written, writeSettings({ places, owner: 'user' }, [setting])];
}
