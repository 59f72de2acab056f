/** In whose name the user's git would commit here, and whether it would sign. */
import { WhaleFlowError } from '../../base/errors.ts';
import type { EnvironmentVariables } from './hardened-environment.ts';
import { type GitWorld, repositoryPlace } from './private-git-folder.ts';

export interface CommitManner {
  /** `GIT_AUTHOR_NAME` and its three siblings. */
  readonly person: EnvironmentVariables;
  /** `commit.gpgSign` is set. The program for that may be named by the repository: we start none. */
  readonly wantsSignature: boolean;
}

/** @throws {WhaleFlowError} WF6010 where no name and address are configured. */
export async function readCommitManner(
  world: GitWorld,
  variables: EnvironmentVariables,
): Promise<CommitManner> {
  const values = await readConfig(world);
  const person: Record<string, string> = {};
  for (const role of ['author', 'committer']) {
    for (const part of ['name', 'email']) {
      const variable = `GIT_${role}_${part}`.toUpperCase();
      const value =
        variables[variable] || values.get(`${role}.${part}`) || values.get(`user.${part}`);
      if (value === undefined || value === '') throw nobody(part);
      person[variable] = value;
    }
  }
  return { person, wantsSignature: isTrue(values.get('commit.gpgsign')) };
}

/** What the user and the repository have set; what we set for our own calls is left out. */
async function readConfig(world: GitWorld): Promise<ReadonlyMap<string, string>> {
  const place = { ...repositoryPlace(world), readsUserConfig: true } as const;
  const args = ['config', '--null', '--list', '--show-scope'];
  const records = (await world.runGit({ place, args })).stdout.toString('utf8').split('\0');
  const values = new Map<string, string>();
  for (let index = 0; index + 1 < records.length; index += 2) {
    if (records[index] === 'command') continue;
    const [key = '', ...lines] = (records[index + 1] ?? '').split('\n');
    values.set(key, lines.length === 0 ? 'true' : lines.join('\n'));
  }
  return values;
}

const isTrue = (value: string | undefined): boolean =>
  value !== undefined && !/^(|false|no|off|0)$/i.test(value);

function nobody(part: string): WhaleFlowError {
  const example = part === 'name' ? '"Your Name"' : 'you@example.com';
  return new WhaleFlowError('WF6010', `git does not know your ${part}: user.${part} is not set`, {
    notes: ['nothing was written'],
    hint: `git config --global user.${part} ${example}`,
  });
}
