import { existsSync } from 'node:fs';
import { relative } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import { locateRepository } from '../workspace/git/locate-repository.ts';
import { createRunGit } from '../workspace/git/run-git.ts';
import { isLocalConfig, projectConfigPaths } from './config-paths.ts';
import type { Places } from './places.ts';

/**
 * `config.local.toml` beats the user’s own values, so that it has to be the user’s own.
 * @throws {WhaleFlowError} WF2008 where it came with the repository: git tracks it.
 */
export async function refuseTrackedLocal(
  places: Places,
  env: Readonly<Record<string, string | undefined>>,
): Promise<void> {
  const file = projectConfigPaths(places).find(isLocalConfig);
  if (file === undefined || !existsSync(file) || !places.hasGit) return;
  const repository = await locateRepository(places.root);
  if (repository?.root === undefined) return;
  const path = relative(repository.root, file);
  const { stdout } = await createRunGit(env)({
    place: { gitFolder: repository.gitFolder, workTree: repository.root },
    args: ['ls-files', '-z', '--', path],
  });
  if (stdout.length === 0) return;
  throw new WhaleFlowError('WF2008', `${path} came with the repository: git tracks it`, {
    notes: ['it counts over your own settings, so it has to be yours alone'],
    hint: `git rm --cached ${path}     and name it in .gitignore; what is for all goes into config.toml`,
  });
}
