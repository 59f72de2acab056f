/**
 * The environment of every git call. Two walls against programs named by a repository: git is pointed at a
 * git folder of ours wherever file contents are touched (see `private-git-folder.ts`), so the repository's
 * config is not even read; and what config there is, is overridden here.
 */

export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Config keys with their values, later ones win. */
export type GitConfig = readonly (readonly [key: string, value: string])[];

/** Where a git call works; always explicit, git never looks around for a repository. */
export interface GitPlace {
  readonly gitFolder: string;
  /** Absent when the call touches no files; git then runs in the git folder. */
  readonly workTree?: string;
  readonly indexFile?: string;
  /** The object store, when it isn't the git folder's own. */
  readonly objectFolder?: string;
  readonly config?: GitConfig;
  /** Reads the user's own and the system's config too; for `git config` alone, which runs nothing. */
  readonly readsUserConfig?: true;
  /** Variables that name author and committer, in place of ours. */
  readonly person?: EnvironmentVariables;
}

/** Author and committer of what is ours. */
export const OWN_NAME = 'WhaleFlow';
export const OWN_ADDRESS = 'whaleflow@localhost';

const TAKEN = ['PATH', 'HOME', 'TMPDIR', 'SystemRoot'];
const TAKEN_FOR_USER_CONFIG = ['XDG_CONFIG_HOME', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM'];

const FIXED_VARIABLES: EnvironmentVariables = {
  LC_ALL: 'C',
  GIT_TERMINAL_PROMPT: '0',
  GIT_OPTIONAL_LOCKS: '0',
  GIT_ATTR_NOSYSTEM: '1',
  GIT_NO_REPLACE_OBJECTS: '1',
  GIT_LITERAL_PATHSPECS: '1',
  GIT_ALLOW_PROTOCOL: 'none',
  GIT_PAGER: 'cat',
  GIT_EDITOR: 'false',
  GIT_ASKPASS: 'false',
  GIT_AUTHOR_NAME: OWN_NAME,
  GIT_AUTHOR_EMAIL: OWN_ADDRESS,
  GIT_COMMITTER_NAME: OWN_NAME,
  GIT_COMMITTER_EMAIL: OWN_ADDRESS,
};

const NO_USER_CONFIG: EnvironmentVariables = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

const FIXED_CONFIG: GitConfig = [
  // No programs.
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.sshCommand', 'false'],
  ['core.attributesFile', '/dev/null'],
  ['credential.helper', ''],
  ['protocol.allow', 'never'],
  ['filter.lfs.clean', ''],
  ['filter.lfs.smudge', ''],
  ['filter.lfs.process', ''],
  ['filter.lfs.required', 'false'],
  ['commit.gpgSign', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  // No walks into other repositories.
  ['safe.bareRepository', 'explicit'],
  ['submodule.recurse', 'false'],
  ['diff.ignoreSubmodules', 'all'],
  // No trust in what a leaf can fake.
  ['core.protectHFS', 'true'],
  ['core.protectNTFS', 'true'],
  ['core.trustctime', 'true'],
  ['core.checkStat', 'default'],
  ['core.untrackedCache', 'false'],
  // Whole, plain and durable: a commit named by the trace must outlive a power cut.
  ['core.splitIndex', 'false'],
  ['core.safecrlf', 'false'],
  ['core.logAllRefUpdates', 'false'],
  ['core.fsync', 'loose-object,reference'],
  ['core.fsyncMethod', 'batch'],
];

export function hardenedEnvironment(
  place: GitPlace,
  variables: EnvironmentVariables,
): Record<string, string> {
  const config = [...FIXED_CONFIG, ...(place.config ?? [])];
  return present({
    ...picked(variables, TAKEN),
    ...FIXED_VARIABLES,
    ...place.person,
    ...(place.readsUserConfig ? picked(variables, TAKEN_FOR_USER_CONFIG) : NO_USER_CONFIG),
    GIT_DIR: place.gitFolder,
    GIT_WORK_TREE: place.workTree,
    GIT_INDEX_FILE: place.indexFile,
    GIT_OBJECT_DIRECTORY: place.objectFolder,
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(
      config.flatMap(([key, value], index) => [
        [`GIT_CONFIG_KEY_${index}`, key],
        [`GIT_CONFIG_VALUE_${index}`, value],
      ]),
    ),
  });
}

function picked(variables: EnvironmentVariables, names: readonly string[]): EnvironmentVariables {
  return Object.fromEntries(names.map((name) => [name, variables[name]]));
}

function present(variables: EnvironmentVariables): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
