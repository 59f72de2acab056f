/**
 * The configuration in force, strongest first: `--set` · `WHALEFLOW_*` · `.whaleflow/config.local.toml` · the
 * user’s `config.toml` · `.whaleflow/config.toml` · built in; those of the repository only in a trusted
 * folder. What a repository says beats no value of a person’s, unless it tightens (`repositoryRight`).
 */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Diagnostic } from '../base/diagnostic.ts';
import { didYouMean } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { type FeatureName, featureNames } from '../workflow/features.ts';
import type { Budget } from '../workflow/limits.ts';
import { AGENT_SECTION, type AgentsConfig } from './agents/agents-config.ts';
import { readAgentsConfig } from './agents/read-agents-config.ts';
import { checkSetting, type SettingValue } from './check-setting.ts';
import { type ConfigFile, parseConfigFile, readConfigFile } from './config-file.ts';
import {
  type ConfigKey,
  configKeys,
  isConfigKey,
  mayRepositorySet,
  repositoryRight,
} from './config-keys.ts';
import { isLocalConfig, projectConfigPaths, userConfigPath } from './config-paths.ts';
import { HOOK_SECTION, type HooksConfig, readHooksConfig } from './hooks/read-hooks-config.ts';
import { readMcpConfig } from './mcp/read-mcp-config.ts';
import { MCP_SECTION, type McpConfig } from './mcp-config.ts';
import { isModelSection, type ModelsConfig, modelSections } from './models/models-config.ts';
import { readModelsConfig } from './models/read-models-config.ts';
import type { SandboxMode } from './open-sandbox.ts';
import type { Places } from './places.ts';
import { type TableEntries, tableEntries } from './table-settings.ts';
import { trustOf, WHY_UNTRUSTED } from './trust.ts';

export interface EffectiveConfig {
  readonly concurrency: {
    readonly model: number;
    readonly command: number;
    /** Of all runs of the user on this machine. */
    readonly machineCommands: number;
    /** Calls to one provider, where its row says nothing else. */
    readonly machineCalls: number;
  };
  /** Ceilings of every run, whatever its workflow says. */
  readonly ceilings: Budget;
  /** Ceilings that some layer sets, the least of each: without what is built in. */
  readonly limits: readonly Setting[];
  /** What is on of the parts that are off by default. */
  readonly features: ReadonlySet<FeatureName>;
  /** Providers, who answers which role, and what is known of models. */
  readonly models: ModelsConfig;
  /** Other coding agents. */
  readonly agents: AgentsConfig;
  /** Programs around leaves and tools. */
  readonly hooks: HooksConfig;
  /** Servers of tools; none where the feature is off. */
  readonly mcp: McpConfig;
  /** Tables of the three above, as they stand in their files. */
  readonly tables: TableEntries;
  readonly sandbox: {
    readonly mode: SandboxMode;
    /** Absolute folders that may be read in the strict one. */
    readonly read: readonly string[];
  };
  readonly workspace: {
    /** Paths below the root of the repository. */
    readonly link: readonly string[];
    /** Empty for none. */
    readonly setup: string;
    readonly hasSetupNetwork: boolean;
    readonly setupMs: number;
  };
  /** Every value with the place that it comes from. */
  readonly settings: readonly Setting[];
  readonly warnings: readonly Diagnostic[];
}

export interface Setting {
  readonly key: ConfigKey;
  readonly value: SettingValue;
  /** `flag`, `environment NAME`, `built in`, or `FILE:LINE`. */
  readonly origin: string;
}

export interface ConfigRequest {
  readonly places: Places;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--set KEY=VALUE`. */
  readonly set: readonly string[];
  /** In place of what a file holds, as if it counted: to see what a change would mean. */
  readonly edited?: { readonly owner: ConfigOwner; readonly text: string };
}

/** Whose file: of a person, or of a repository, which may only add and tighten. */
export type ConfigOwner = ConfigFile['owner'];

/** The file that is written for them; `config.local.toml` is never written by us. */
export function configPath(places: Places, owner: ConfigOwner): string {
  return owner === 'user' ? userConfigPath(places) : join(places.projectFolder, 'config.toml');
}

interface Layer {
  readonly values: ReadonlyMap<ConfigKey, { readonly value: unknown; readonly origin: string }>;
  readonly warnings: readonly Diagnostic[];
  /** A file of the repository. */
  readonly isProject?: boolean;
  /** Not from a file. */
  readonly isOfCommand?: boolean;
}

const BUILT_IN = 'built in';

/** Reads all layers. @throws {WhaleFlowError} WF2007 naming the file and line. */
export function readConfig(request: ConfigRequest): EffectiveConfig {
  const { files, warnings } = readFiles(request);
  const layers = [
    flagLayer(request.set),
    environmentLayer(request.env),
    ...byStrength(files).map(fileLayer),
    builtInLayer(),
  ];
  const models = readModelsConfig(files);
  const agents = readAgentsConfig(files);
  const hooks = readHooksConfig(files);
  const mcp = readMcpConfig(files);
  const settings = (Object.keys(configKeys) as ConfigKey[]).flatMap((key) => {
    const setting = settingOf(key, layers);
    return setting === undefined ? [] : [setting];
  });
  const numberOf = (key: ConfigKey): number => {
    const found = settings.find((setting) => setting.key === key)?.value;
    return typeof found === 'number' ? found : 0;
  };
  return {
    concurrency: {
      model: numberOf('concurrency.model'),
      command: numberOf('concurrency.command'),
      machineCommands: numberOf('concurrency.machine'),
      machineCalls: numberOf('concurrency.machine_model'),
    },
    ceilings: {
      maxCostMicroUsd: Math.round(numberOf('ceilings.max_usd') * 1_000_000),
      maxTokens: numberOf('ceilings.max_tokens'),
      maxLeaves: numberOf('ceilings.max_leaves'),
      maxMs: Math.round(numberOf('ceilings.max_minutes') * 60_000),
    },
    limits: (Object.keys(configKeys) as ConfigKey[]).flatMap((key) => {
      const setting = configKeys[key].isCeiling ? settingOf(key, layers.slice(0, -1)) : undefined;
      return setting === undefined ? [] : [setting];
    }),
    features: new Set(
      featureNames.filter((name) =>
        settings.some(({ key, value }) => key === `features.${name}` && value === true),
      ),
    ),
    models,
    agents,
    hooks,
    mcp,
    tables: tableEntries(files, [...agents.settings, ...hooks.settings, ...mcp.settings]),
    sandbox: sandboxOf(settings),
    workspace: workspaceOf(settings),
    settings,
    warnings: [
      ...warnings,
      ...layers.flatMap((layer) => layer.warnings),
      ...models.warnings,
      ...agents.warnings,
      ...hooks.warnings,
      ...mcp.warnings,
    ],
  };
}

function sandboxOf(settings: readonly Setting[]): EffectiveConfig['sandbox'] {
  const settingNamed = (name: ConfigKey) => settings.find(({ key }) => key === name)?.value;
  const read = settingNamed('sandbox.read');
  return {
    mode: settingNamed('sandbox.mode') === 'off' ? 'off' : 'strict',
    read: Array.isArray(read) ? read : [],
  };
}

function workspaceOf(settings: readonly Setting[]): EffectiveConfig['workspace'] {
  const settingNamed = (name: ConfigKey) => settings.find(({ key }) => key === name)?.value;
  const link = settingNamed('workspace.link');
  return {
    link: Array.isArray(link) ? link : [],
    setup: String(settingNamed('workspace.setup') ?? ''),
    hasSetupNetwork: settingNamed('workspace.setup_network') === 'on',
    setupMs: Math.round(Number(settingNamed('workspace.setup_minutes')) * 60_000),
  };
}

/** A person’s values beat those of the repository. */
const byStrength = (files: readonly ConfigFile[]): readonly ConfigFile[] => [
  ...files.filter(({ path, owner }) => owner === 'user' || isLocalConfig(path)),
  ...files.filter(({ path, owner }) => owner === 'project' && !isLocalConfig(path)),
];

interface Found {
  readonly value: SettingValue;
  readonly origin: string;
  readonly isProject: boolean;
  /** Said for this command: over whatever a file says. */
  readonly isOfCommand: boolean;
}

function settingOf(key: ConfigKey, layers: readonly Layer[]): Setting | undefined {
  const found = layers.flatMap((layer) => {
    const { isProject = false, isOfCommand = false, values } = layer;
    const entry = values.get(key);
    if (entry === undefined) return [];
    const value = checkSetting(key, entry.value, entry.origin);
    return [{ value, origin: entry.origin, isProject, isOfCommand }];
  });
  const chosen = configKeys[key].isCeiling ? leastOf(bindingOf(found)) : strongestOf(key, found);
  return chosen === undefined ? undefined : { key, value: chosen.value, origin: chosen.origin };
}

/** A built-in ceiling is a default, which a person may set higher; a repository only tightens. */
function bindingOf(found: readonly Found[]): readonly Found[] {
  const isPersonal = found.some((one) => !one.isProject && one.origin !== BUILT_IN);
  return found.filter(({ origin }) => !isPersonal || origin !== BUILT_IN);
}

function strongestOf(key: ConfigKey, found: readonly Found[]): Found | undefined {
  const [first] = found;
  if (first?.isOfCommand === true || repositoryRight(key) !== 'tighten') return first;
  const own = found.find(({ isProject }) => !isProject);
  const tighter = found.filter(({ isProject }) => isProject);
  if (configKeys[key].type === 'number') return leastOf([...tighter, ...(own ? [own] : [])]);
  return tighter[0] ?? own;
}

const leastOf = (found: readonly Found[]): Found | undefined =>
  found.toSorted((a, b) => Number(a.value) - Number(b.value))[0];

/** The config files that there are, strongest first, with whether they count. */
export function configFiles(places: Places): readonly {
  readonly path: string;
  readonly exists: boolean;
  readonly counts: boolean;
}[] {
  const isProjectTrusted = trustOf(places) === 'trusted';
  const project = projectConfigPaths(places).map((path) => ({
    path,
    isTrusted: isProjectTrusted,
  }));
  const user = { path: userConfigPath(places), isTrusted: true };
  return [...project, user].map(({ path, isTrusted: counts }) => ({
    path,
    exists: existsSync(path),
    counts,
  }));
}

/** The files that count, and a word about each that does not. */
function readFiles({ places, edited }: Pick<ConfigRequest, 'places' | 'edited'>): {
  readonly files: readonly ConfigFile[];
  readonly warnings: readonly Diagnostic[];
} {
  const changed = edited === undefined ? undefined : configPath(places, edited.owner);
  const there = configFiles(places)
    .map((file) => (file.path === changed ? { ...file, exists: true, counts: true } : file))
    .filter(({ exists }) => exists);
  return {
    files: there
      .filter(({ counts }) => counts)
      .map(({ path }) => {
        const owner = dirname(path) === places.projectFolder ? 'project' : 'user';
        return path === changed && edited !== undefined
          ? parseConfigFile(path, edited.text, owner)
          : readConfigFile(path, owner);
      }),
    warnings: there
      .filter(({ counts }) => !counts)
      .map(({ path }) => ({
        code: 'WF2008',
        severity: 'warning',
        message: `${path} does not count: ${why(places)}`,
        help: 'read it, then: whaleflow trust',
      })),
  };
}

function why(places: Places): string {
  const state = trustOf(places);
  return WHY_UNTRUSTED[state === 'trusted' ? 'changed' : state];
}

/** Sections of tables under names of a person’s own. */
const TABLES: readonly string[] = [AGENT_SECTION, HOOK_SECTION, MCP_SECTION];

/** What follows is most likely the same mistake. */
const MAX_WARNINGS = 20;

function fileLayer({ path, table, owner, lineOf }: ConfigFile): Layer {
  const values = new Map<ConfigKey, { value: unknown; origin: string }>();
  const warnings: Diagnostic[] = [];
  for (const [key, value] of flatten(table)) {
    const [section = '', ...rest] = key;
    const name = key.join('.');
    if (isModelSection(section) || TABLES.includes(section)) continue;
    const line = lineOf(section, ...rest);
    const span = { file: path, line, column: 1 };
    if (!isConfigKey(name)) warnings.push(unknownKey(name, span));
    else if (owner === 'user' || mayRepositorySet(name, value)) {
      values.set(name, { value, origin: `${path}:${line}` });
    } else warnings.push(notYours(name, span));
  }
  return { values, warnings: warnings.slice(0, MAX_WARNINGS), isProject: owner === 'project' };
}

const notYours = (key: ConfigKey, span: NonNullable<Diagnostic['span']>): Diagnostic => ({
  code: 'WF2007',
  severity: 'warning',
  message: `${key} does not count here: a repository may only tighten`,
  span,
  help: 'whaleflow config path     names your own file',
});

function unknownKey(key: string, span: Diagnostic['span']): Diagnostic {
  const [section = ''] = key.split('.');
  const meant =
    didYouMean(key, Object.keys(configKeys)) ?? didYouMean(section, [...modelSections, ...TABLES]);
  return {
    code: 'WF2007',
    severity: 'warning',
    message: `unknown key ${key}`,
    ...(span === undefined ? {} : { span }),
    ...(meant === undefined ? {} : { help: `did you mean \`${meant}\`?` }),
  };
}

/** Each value with its section and name. */
function* flatten(
  table: Readonly<Record<string, unknown>>,
): Generator<readonly [key: readonly string[], value: unknown]> {
  for (const [name, value] of Object.entries(table)) {
    const isTable = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (!isTable) yield [[name], value];
    else for (const [inner, one] of Object.entries(value)) yield [[name, inner], one];
  }
}

function flagLayer(set: readonly string[]): Layer {
  const values = new Map<ConfigKey, { value: unknown; origin: string }>();
  for (const word of set) {
    const cut = word.indexOf('=');
    const key = cut < 0 ? word : word.slice(0, cut);
    if (cut < 0 || !isConfigKey(key)) {
      const meant = didYouMean(key, Object.keys(configKeys));
      throw new WhaleFlowError('WF2002', `--set ${word} sets no known key`, {
        hint: meant === undefined ? 'keys: whaleflow config ls' : `did you mean \`${meant}\`?`,
      });
    }
    if (configKeys[key].type === 'folders') {
      throw new WhaleFlowError('WF2002', `--set does not take ${key}`, {
        hint: `set it in your own config.toml, or as ${variableOf(key)}`,
      });
    }
    values.set(key, { value: word.slice(cut + 1), origin: 'flag --set' });
  }
  return { values, warnings: [], isOfCommand: true };
}

const variableOf = (key: ConfigKey): string => `WHALEFLOW_${key.replace('.', '_').toUpperCase()}`;

function environmentLayer(env: ConfigRequest['env']): Layer {
  const values = new Map<ConfigKey, { value: unknown; origin: string }>();
  for (const key of Object.keys(configKeys) as ConfigKey[]) {
    const name = variableOf(key);
    const value = env[name];
    if (value !== undefined) values.set(key, { value, origin: `environment ${name}` });
  }
  return { values, warnings: [], isOfCommand: true };
}

function builtInLayer(): Layer {
  const values = new Map<ConfigKey, { value: unknown; origin: string }>();
  for (const [key, row] of Object.entries(configKeys)) {
    if (isConfigKey(key)) values.set(key, { value: row.value, origin: BUILT_IN });
  }
  return { values, warnings: [] };
}
