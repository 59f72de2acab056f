/**
 * What is taken from the user's git config: a short list of values that say how files are written and which
 * are ignored. No key that names a program is on it, so the list is the wall, not a ban on known evils.
 */
import { join } from 'node:path';
import { WhaleFlowError } from '../../base/errors.ts';
import type { EnvironmentVariables, GitConfig } from './hardened-environment.ts';
import type { Repository } from './locate-repository.ts';
import type { RunGit } from './run-git.ts';

export interface RepositorySettings {
  readonly config: GitConfig;
  readonly objectFormat: 'sha1' | 'sha256';
}

const TAKEN_KEYS: ReadonlySet<string> = new Set([
  'core.autocrlf',
  'core.eol',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
  'core.sharedrepository',
  'core.bigfilethreshold',
]);

/** Oldest git whose `merge-tree --write-tree` merges without a checkout. */
const MIN_VERSION = { major: 2, minor: 38 };

/** @throws {WhaleFlowError} WF6003 when git is missing or too old. */
export async function readRepositorySettings(
  repository: Repository,
  runGit: RunGit,
  variables: EnvironmentVariables,
  signal?: AbortSignal,
): Promise<RepositorySettings> {
  const place = { gitFolder: repository.gitFolder };
  const version = await runGit({ place, args: ['--version'] }, signal);
  checkVersion(version.stdout.toString('utf8'));
  const listed = await runGit(
    { place: { ...place, readsUserConfig: true }, args: ['config', '--null', '--list'] },
    signal,
  );
  const values = parseConfig(listed.stdout.toString('utf8'));
  const excludesFile = values.get('core.excludesfile');
  return {
    objectFormat: values.get('extensions.objectformat') === 'sha256' ? 'sha256' : 'sha1',
    config: [
      ...[...values].filter(([key]) => TAKEN_KEYS.has(key)),
      ['core.excludesFile', toExcludesFile(excludesFile, variables)],
    ],
  };
}

function checkVersion(text: string): void {
  const [, major, minor] = /(\d+)\.(\d+)/.exec(text) ?? [];
  const isOld =
    Number(major) < MIN_VERSION.major ||
    (Number(major) === MIN_VERSION.major && Number(minor) < MIN_VERSION.minor);
  if (major !== undefined && !isOld) return;
  throw new WhaleFlowError('WF6003', `git is too old: ${text.trim()}`, {
    hint: `install git ${MIN_VERSION.major}.${MIN_VERSION.minor} or newer`,
  });
}

/** `key\nvalue\0`, or `key\0` for a key without a value, which means true. */
function parseConfig(text: string): ReadonlyMap<string, string> {
  return new Map(
    text
      .split('\0')
      .filter((entry) => entry !== '')
      .map((entry): [string, string] => {
        const end = entry.indexOf('\n');
        return end < 0 ? [entry, 'true'] : [entry.slice(0, end), entry.slice(end + 1)];
      }),
  );
}

/** The user's own ignore rules count: what they keep out of git must not get into a snapshot. */
function toExcludesFile(configured: string | undefined, variables: EnvironmentVariables): string {
  const home = variables['HOME'] ?? '/';
  if (configured?.startsWith('~/')) return join(home, configured.slice(2));
  if (configured !== undefined) return configured;
  return join(variables['XDG_CONFIG_HOME'] || join(home, '.config'), 'git', 'ignore');
}
