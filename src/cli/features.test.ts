/** What is off by default: it parses, checks and plans, and neither runs nor leaves anything behind. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type FeatureName, featureNames } from '../workflow/features.ts';
import { commands } from './commands.ts';
import { type TestHost, testHost } from './test-host.ts';

const leaf = (fields: string): string => `id: flow
goal: a goal
nodes:
  - {id: first, kind: leaf, task: {type: model, prompt: "Look"}}
  - {id: second, kind: ${fields}}
`;

/** A workflow for each feature that a workflow can use. */
const files = {
  'memo_repo.yaml': leaf('leaf, memo: repo, task: {type: model, prompt: "Look"}'),
  'external_memory.yaml': leaf('leaf, task: {type: memory, action: read, key: notes}'),
  'external_agents.yaml': leaf('leaf, task: {type: external, agent: coder, prompt: "Mend it"}'),
  'learning.yaml': leaf('teacher_review, candidates: [first]'),
};

/** The commands that will belong to each. */
const words: Readonly<Record<FeatureName, readonly string[]>> = {
  memo_repo: ['memo'],
  external_memory: ['memory'],
  external_agents: ['agents'],
  learning: ['review'],
  overlay: ['overlay'],
  web: ['web'],
  mcp: ['mcp'],
  remote: ['worker'],
};

describe.each(featureNames)('%s, which is off', (feature) => {
  test('has no command', () => {
    const always = commands.filter((command) => command.feature === undefined);
    const names = always.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    expect(names.filter((name) => words[feature].includes(name))).toEqual([]);
  });

  test('its commands are there where it is on, and nowhere else', async () => {
    const on = `[features]\n${feature} = true\n`;
    using without = testHost();
    using host = testHost({ files: { '.config/whaleflow/config.toml': on } });
    const listed = async ({ run }: TestHost): Promise<string> => (await run('--help')).out;
    for (const { name } of commands.filter((command) => command.feature === feature)) {
      expect(words[feature]).toContain(name);
      expect(await listed(without)).not.toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      expect(await listed(host)).toMatch(new RegExp(`^  ${name}\\b`, 'm'));
      const refused = await without.run(name);
      expect(refused.exit).toBe(2);
      expect(refused.err).toContain(`no command \`${name}\`: its feature ${feature} is off`);
      expect(existsSync(join(without.folder, '.whaleflow'))).toBe(false);
      expect((await host.run(name)).err).not.toContain('no command');
    }
  });

  test('can be seen in the configuration, with what turned it on', async () => {
    using host = testHost({
      files: { '.config/whaleflow/config.toml': `[features]\n${feature} = true\n` },
    });
    const { out } = await host.run('config', 'ls', '--show-origin', '--plain');
    const line = out.split('\n').find((one) => one.startsWith(`features.${feature}\t`));
    expect(line).toBe(
      `features.${feature}\ttrue\t${join(host.folder, '.config/whaleflow/config.toml')}:2`,
    );
  });
});

const users = ['memo_repo', 'external_memory', 'external_agents', 'learning'] as const;

test.each(users)(
  'a user of %s checks and plans with a warning, and does not run',
  async (feature) => {
    const file = `${feature}.yaml`;
    using host = testHost({ files });
    for (const verb of ['check', 'plan']) {
      const { exit, shown } = await host.run(verb, file);
      expect(exit).toBe(0);
      expect(shown).toContain(`warning[WF1402]: second needs the feature ${feature}`);
    }
    const refused = await host.run('run', file, '--model', 'mock', '-y');
    expect(refused.exit).toBe(2);
    expect(refused.err).toContain(`error[WF1402]: second needs the feature ${feature}`);
    expect(refused.err).toMatch(new RegExp(`--> ${file}:5:\\d+`));
    expect(refused.err).toContain(`whaleflow config set features.${feature} true`);
    expect(host.store.runs()).toEqual([]);
    expect(readdirSync(host.folder).toSorted()).toEqual(Object.keys(files).toSorted());
  },
);

test('a whole run that is refused is drawn with its line', async () => {
  using host = testHost({ files });
  const { err } = await host.run('run', 'external_memory.yaml', '-y');
  expect(err.replace(host.folder, 'HOME')).toMatchInlineSnapshot(`
    "error[WF1402]: second needs the feature external_memory, which is off
      --> external_memory.yaml:5:43
      |
    5 |   - {id: second, kind: leaf, task: {type: memory, action: read, key: notes}}
      |                                           ^^^^^^ a memory leaf
    help: turn it on for yourself: whaleflow config set features.external_memory true
    "
  `);
});

test('the repository turns nothing on while its folder is not trusted', async () => {
  const project = { '.whaleflow/config.toml': '[features]\nexternal_memory = true\n' };
  using host = testHost({ files: { ...files, ...project } });
  const before = await host.run('run', 'external_memory.yaml', '-y');
  expect(before.err).toContain('error[WF1402]');
  await host.run('trust', '-y');
  const after = await host.run('run', 'external_memory.yaml', '--model', 'mock', '-y');
  expect(after.err).toContain('error[WF3001]: this build has no runner for memory leaves');
});

test('a mock run uses nothing of it, warns and goes on', async () => {
  using host = testHost({ files });
  const { exit, err } = await host.run('run', 'external_agents.yaml', '--mock', '-y');
  expect(exit).toBe(0);
  expect(err).toContain('warning[WF1402]');
  expect(existsSync(join(host.folder, '.whaleflow'))).toBe(false);
});

test('a switch takes true and false', async () => {
  using host = testHost();
  const { exit, err } = await host.run('config', 'ls', '--set', 'features.web=maybe');
  expect(exit).toBe(2);
  expect(err).toContain('features.web is "maybe"');
});
