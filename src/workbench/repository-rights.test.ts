/** What a trusted repository may say, against what a person has said. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EffectiveConfig, readConfig } from './config.ts';
import { type ConfigKey, configKeys, repositoryRight } from './config-keys.ts';
import { findPlaces } from './places.ts';
import { trust } from './trust.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-rights-')));
  mkdirSync(join(folder, 'repository/.whaleflow'), { recursive: true });
  mkdirSync(join(folder, 'home'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Parts {
  readonly user?: string;
  readonly project?: string;
  readonly local?: string;
  readonly set?: readonly string[];
}

function config({ user = '', project = '', local = '', set = [] }: Parts): EffectiveConfig {
  const cwd = join(folder, 'repository');
  const places = findPlaces({ cwd, env: { HOME: folder, WHALEFLOW_HOME: join(folder, 'home') } });
  writeFileSync(join(folder, 'home/config.toml'), user);
  writeFileSync(join(cwd, '.whaleflow/config.toml'), project);
  writeFileSync(join(cwd, '.whaleflow/config.local.toml'), local);
  trust(places);
  return readConfig({ places, env: {}, set });
}

const inForce = (key: ConfigKey, parts: Parts): unknown =>
  config(parts).settings.find((setting) => setting.key === key)?.value;
const line = (key: string, value: string): string => {
  const [section, name] = key.split('.');
  return `[${section}]\n${name} = ${value}\n`;
};

test('each key has a right, and only these are more than filled in', () => {
  const of = (right: string) =>
    (Object.keys(configKeys) as ConfigKey[]).filter((key) => repositoryRight(key) === right);
  expect(of('tighten')).toEqual([
    ...['model', 'command', 'machine', 'machine_model'].map((name) => `concurrency.${name}`),
    ...['max_usd', 'max_tokens', 'max_leaves', 'max_minutes'].map((name) => `ceilings.${name}`),
    'sandbox.mode',
    'workspace.setup_network',
  ]);
  expect(of('never')).toEqual(['sandbox.read']);
});

test.each<readonly [name: string, key: ConfigKey, parts: Parts, value: unknown]>([
  ['more than the user', 'concurrency.model', { user: '4', project: '20' }, 4],
  ['less than the user', 'concurrency.model', { user: '4', project: '2' }, 2],
  ['more than is built in', 'concurrency.machine', { project: '200' }, 8],
  ['less than is built in', 'concurrency.command', { project: '1' }, 1],
  ['less than a flag', 'concurrency.model', { project: '2', set: ['concurrency.model=9'] }, 9],
  ['a feature that the user has off', 'features.mcp', { user: 'false', project: 'true' }, false],
  ['a feature that the user has on', 'features.mcp', { user: 'true', project: 'false' }, true],
  ['a feature of which nobody has spoken', 'features.mcp', { project: 'true' }, true],
  ['another setup', 'workspace.setup', { user: '"mine"', project: '"theirs"' }, 'mine'],
  ['a setup where there is none', 'workspace.setup', { project: '"theirs"' }, 'theirs'],
  [
    'what a person says of this repository alone',
    'workspace.setup',
    { user: '"mine"', project: '"theirs"', local: '"here"' },
    'here',
  ],
])('a repository says %s: %s', (_name, key, { set = [], ...texts }, value) => {
  const files = Object.entries(texts).map(([name, text]) => [name, line(key, text)]);
  expect(inForce(key, { ...Object.fromEntries(files), set })).toBe(value);
});

const role = (name: string, model: string): string => `[roles]\n${name} = "${model}"\n`;
const rolesOf = (parts: Parts): Readonly<Record<string, string>> =>
  Object.fromEntries(
    [...config(parts).models.roles].map(([name, { value }]) => [name, value.join()]),
  );

test.each<readonly [name: string, parts: Parts, roles: Readonly<Record<string, string>>]>([
  [
    'the same role',
    { user: role('judge', 'a:x'), project: role('judge', 'b:y') },
    { judge: 'a:x' },
  ],
  [
    'another role',
    { user: role('judge', 'a:x'), project: role('planner', 'b:y') },
    { judge: 'a:x', planner: 'b:y' },
  ],
  [
    'any role where the user has said who answers all',
    { user: role('default', 'a:x'), project: role('judge', 'b:y') },
    { default: 'a:x' },
  ],
  [
    'all where the user has said one',
    { user: role('judge', 'a:x'), project: role('default', 'b:y') },
    { judge: 'a:x', default: 'b:y' },
  ],
  [
    'what a person says otherwise here',
    { user: role('default', 'a:x'), project: role('judge', 'b:y'), local: role('judge', 'c:z') },
    { default: 'a:x', judge: 'c:z' },
  ],
])('who answers: a repository names %s', (_name, parts, roles) => {
  expect(rolesOf(parts)).toEqual(roles);
});

test('facts and prices of models are filled in, never over those of a person', () => {
  const lab = '[providers.lab]\nbase_url = "http://127.0.0.1:9/v1"\n';
  const { models } = config({
    user: '[models."lab:s"]\ncontext = 1000\ntools = "no"\n[prices."lab:s"]\ninput = 3\noutput = 4\n',
    project: `${lab}[models."lab:s"]\ncontext = 9\nmax_output = 8\ntools = "yes"\nvision = "yes"\n[prices."lab:s"]\ninput = 0\noutput = 0\n`,
  });
  const { capabilities, contextTokens, maxOutputTokens } = models.facts.get('lab:s') ?? {};
  expect([contextTokens?.value, maxOutputTokens?.value]).toEqual([1000, 8]);
  expect([capabilities?.tools?.value, capabilities?.vision?.value]).toEqual(['no', 'yes']);
  expect(models.prices.get('lab:s')?.value).toEqual({ input: 3, output: 4 });
});
