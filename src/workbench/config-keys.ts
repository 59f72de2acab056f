/** Every key of the configuration: the one table that reads, checks and documents them. */
import type { FeatureName } from '../workflow/features.ts';

export type ConfigRow = NumberRow | SwitchRow | ChoiceRow | FoldersRow | PathsRow | TextRow;

interface NumberRow {
  readonly type: 'number';
  /** No part of one. */
  readonly isWhole: boolean;
  readonly value: number;
  readonly min: number;
  readonly max: number;
  /** The minimum of all layers counts. */
  readonly isCeiling: boolean;
  readonly about: string;
}

interface SwitchRow {
  readonly type: 'switch';
  readonly value: boolean;
  readonly isCeiling: false;
  readonly about: string;
}

interface ChoiceRow {
  readonly type: 'choice';
  readonly value: string;
  readonly choices: readonly string[];
  /** The only one that a repository may choose. */
  readonly tightest: string;
  readonly isCeiling: false;
  readonly about: string;
}

/** Of a person only: in their `config.toml`, or the environment with `:` between them. */
interface FoldersRow {
  readonly type: 'folders';
  readonly value: readonly string[];
  readonly isCeiling: false;
  readonly about: string;
}

/** Below the root of the repository; a trusted repository may say them. */
interface PathsRow {
  readonly type: 'paths';
  readonly value: readonly string[];
  readonly isCeiling: false;
  readonly about: string;
}

interface TextRow {
  readonly type: 'text';
  readonly value: string;
  readonly isCeiling: false;
  readonly about: string;
}

const ceiling = (value: number, max: number, about: string): ConfigRow => {
  return { type: 'number', isWhole: false, value, min: 0, max, isCeiling: true, about };
};

const wholeCeiling = (value: number, max: number, about: string): ConfigRow => {
  return { type: 'number', isWhole: true, value, min: 0, max, isCeiling: true, about };
};

const feature = (about: string): ConfigRow => {
  return { type: 'switch', value: false, isCeiling: false, about };
};

export type ConfigKey =
  | 'concurrency.model'
  | 'concurrency.command'
  | 'concurrency.machine'
  | 'concurrency.machine_model'
  | 'ceilings.max_usd'
  | 'ceilings.max_tokens'
  | 'ceilings.max_leaves'
  | 'ceilings.max_minutes'
  | 'sandbox.mode'
  | 'sandbox.read'
  | 'workspace.link'
  | 'workspace.setup'
  | 'workspace.setup_network'
  | 'workspace.setup_minutes'
  | `features.${FeatureName}`;

export const configKeys: Readonly<Record<ConfigKey, ConfigRow>> = {
  'concurrency.model': {
    type: 'number',
    isWhole: true,
    value: 8,
    min: 1,
    max: 1_000,
    isCeiling: false,
    about: 'Model leaves of a run in flight at once.',
  },
  'concurrency.command': {
    type: 'number',
    isWhole: true,
    value: 2,
    min: 1,
    max: 256,
    isCeiling: false,
    about: 'Commands and searches of a run in flight at once.',
  },
  'concurrency.machine': {
    type: 'number',
    isWhole: true,
    value: 8,
    min: 1,
    max: 256,
    isCeiling: false,
    about: 'Commands of all runs on this machine at once.',
  },
  'concurrency.machine_model': {
    type: 'number',
    isWhole: true,
    value: 64,
    min: 1,
    max: 10_000,
    isCeiling: false,
    about:
      'Calls of all runs on this machine to one provider at once, where its `max_calls` says nothing else.',
  },
  'ceilings.max_usd': ceiling(5, 1_000_000, 'US dollars a run may cost.'),
  'ceilings.max_tokens': wholeCeiling(2_000_000, 1e12, 'Tokens a run may use.'),
  'ceilings.max_leaves': wholeCeiling(1_000, 10_000_000, 'Leaf attempts a run may make.'),
  'ceilings.max_minutes': ceiling(60, 525_600, 'Minutes a run may take.'),
  'sandbox.mode': {
    type: 'choice',
    value: 'strict',
    choices: ['strict', 'off'],
    tightest: 'strict',
    isCeiling: false,
    about:
      'Where commands run: confined, or `off` with all your rights. A repository cannot choose `off`.',
  },
  'sandbox.read': {
    type: 'folders',
    value: [],
    isCeiling: false,
    about:
      'Folders outside of the tree that may be read in the strict sandbox: toolchains. Yours only.',
  },
  'workspace.link': {
    type: 'paths',
    value: [],
    isCeiling: false,
    about:
      'Ignored folders of your checkout that the commands of every tree may read: `node_modules`.',
  },
  'workspace.setup': {
    type: 'text',
    value: '',
    isCeiling: false,
    about: 'Command that installs what trees need, run once for each state of the lockfiles.',
  },
  'workspace.setup_network': {
    type: 'choice',
    value: 'off',
    choices: ['on', 'off'],
    tightest: 'off',
    isCeiling: false,
    about: 'Whether the setup may use the network in the strict sandbox. Yours only.',
  },
  'workspace.setup_minutes': {
    type: 'number',
    isWhole: false,
    value: 15,
    min: 0.01,
    max: 1_440,
    isCeiling: false,
    about: 'Minutes the setup may take.',
  },
  'features.memo_repo': feature('Answers of models kept for later runs (`memo: repo`).'),
  'features.external_memory': feature('Leaves that read and write a memory of their own.'),
  'features.external_agents': feature('Other coding agents as leaves.'),
  'features.learning': feature('Lessons from finished runs (`teacher_review`).'),
  'features.overlay': feature('Promoted lessons beside what git holds.'),
  'features.web': feature('The monitor in the browser.'),
  'features.mcp': feature('Tools of MCP servers in agents.'),
  'features.remote': feature('Leaves on other machines.'),
};

export function isConfigKey(key: string): key is ConfigKey {
  return Object.hasOwn(configKeys, key);
}

/**
 * What a trusted repository may do to a value: `tighten` it (less, or the narrowest choice, whatever the
 * user’s own file says), `fill_in` where a person has said nothing, or `never` anything.
 */
export type RepositoryRight = 'tighten' | 'fill_in' | 'never';

const FILLED_IN: ReadonlySet<ConfigKey> = new Set(['workspace.setup_minutes']);

export function repositoryRight(key: ConfigKey): RepositoryRight {
  const { type } = configKeys[key];
  if (type === 'folders') return 'never';
  return type === 'choice' || (type === 'number' && !FILLED_IN.has(key)) ? 'tighten' : 'fill_in';
}

/** Whether a file of a repository may say this at all. */
export function mayRepositorySet(key: ConfigKey, value: unknown): boolean {
  const row = configKeys[key];
  return repositoryRight(key) !== 'never' && (row.type !== 'choice' || value === row.tightest);
}
