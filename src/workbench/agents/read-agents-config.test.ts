import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WhaleFlowError } from '../../base/errors.ts';
import { readConfigFile } from '../config-file.ts';
import type { AgentRow, AgentsConfig } from './agents-config.ts';
import { knownAgents } from './known-agents.ts';
import { toAgent } from './open-agents.ts';
import { readAgentsConfig } from './read-agents-config.ts';

function read(text: string, owner: 'user' | 'project' = 'user'): AgentsConfig {
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-agents-'));
  try {
    const path = join(folder, 'config.toml');
    writeFileSync(path, text);
    return readAgentsConfig([readConfigFile(path, owner)]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const rowOf = (text: string, name = 'coder'): AgentRow => {
  const row = read(text).rows.get(name);
  if (row === undefined) throw new Error(`no agent ${name}`);
  return row;
};
const home = { HOME: '/home/ada', PATH: '/nowhere', GIVEN: 'yes', OTHER: 'no' };

test('a preset with changes', () => {
  const row = rowOf('[agents.coder]\npreset = "claude"\nmodel = "big"\nbilling = "included"\n');
  expect(row).toMatchObject({ protocol: { type: 'exec', format: 'claude' }, billing: 'included' });
  const { argv, home: where, proxyEnv } = toAgent(row, home);
  expect(argv.slice(-3)).toEqual(['{rights}', '--model', 'big']);
  expect(where).toBe('/home/ada');
  expect(proxyEnv).toBeUndefined();
});

test('a program of one’s own gets the variables that are named and set, and a home of its own', () => {
  const row = rowOf(
    '[agents.coder]\ncommand = ["mine", "{prompt}"]\nenv = ["GIVEN", "GONE"]\nset = { A = "b" }\n',
  );
  expect(toAgent(row, home)).toMatchObject({
    argv: ['mine', '{prompt}'],
    env: { GIVEN: 'yes', A: 'b' },
    protocol: { type: 'exec', format: 'text' },
  });
  expect(toAgent(row, home)).not.toHaveProperty('home');
});

test('one whose calls go through us gets nothing of the person’s: no key, no home, no folder', () => {
  const row = rowOf('[agents.coder]\npreset = "claude"\nproxy = true\nenv = ["GIVEN"]\n');
  const agent = toAgent(row, home);
  expect(agent.env).toEqual({});
  expect(agent.writable).toEqual([]);
  expect(agent).not.toHaveProperty('home');
  expect(agent.proxyEnv).toMatchObject({
    ANTHROPIC_BASE_URL: '{url}',
    ANTHROPIC_API_KEY: '{token}',
  });
});

const misfits: readonly (readonly [string, string, RegExp])[] = [
  ['no command', '[agents.coder]\nmodel = "x"\n', /has no command/],
  ['no such preset', '[agents.coder]\npreset = "cluade"\n', /no preset `cluade`/],
  ['a command that is a text', '[agents.coder]\ncommand = "claude -p"\n', /list of texts/],
  [
    'a key for a name',
    '[agents.coder]\npreset = "claude"\nenv = ["sk-canary-1"]\n',
    /list of names/,
  ],
  [
    'a key that could be a name',
    '[agents.coder]\npreset = "claude"\nenv = ["AIzaCanaryCanaryCanary1"]\n',
    /list of names/,
  ],
  [
    'no way for the address',
    '[agents.coder]\ncommand = ["mine"]\nproxy = true\n',
    /nobody knows how/,
  ],
  [
    'a word that is none',
    '[agents.coder]\npreset = "claude"\nbilling = "free"\n',
    /one of unknown/,
  ],
];
test.each(misfits)('%s is told with its line', (_name, text, said) => {
  try {
    read(text);
    expect.unreachable();
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    expect(error.code).toBe('WF2007');
    expect(error.message).toMatch(said);
    expect(error.message).not.toContain('sk-canary');
  }
});

test('a repository names none', () => {
  const { rows, warnings } = read('[agents.coder]\ncommand = ["evil"]\n', 'project');
  expect(rows.has('coder')).toBe(false);
  expect(warnings.map(({ code }) => code)).toEqual(['WF2008']);
});

describe.each(knownAgents)('the preset $name', (row) => {
  test.each([false, true])(
    'leaves no place open that nobody fills (its calls through us: %s)',
    (isProxied) => {
      if (isProxied && row.proxy === undefined) return;
      const agent = toAgent({ ...row, isProxied, model: 'm' }, home);
      const texts = [...agent.argv, ...Object.values(agent.proxyEnv ?? {})].join(' ');
      const open = texts.match(/\{[a-z_]+\}/g) ?? [];
      const filled = isProxied
        ? ['{rights}', '{prompt}', '{url}', '{token}', '{model}']
        : ['{rights}', '{prompt}'];
      expect(open.filter((one) => !filled.includes(one))).toEqual([]);
      if (isProxied) expect(texts).toContain('{url}');
    },
  );
});
