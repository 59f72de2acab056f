import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type EffectiveConfig, readConfig } from '../config.ts';
import { findPlaces } from '../places.ts';
import { trust } from '../trust.ts';

let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-hooks-config-')));
  mkdirSync(join(folder, 'home'));
  mkdirSync(join(folder, 'repo', '.whaleflow'), { recursive: true });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function read(user: string, project = '', isTrusted = true): EffectiveConfig {
  const env = { WHALEFLOW_HOME: join(folder, 'home') };
  const places = findPlaces({ cwd: join(folder, 'repo'), env });
  writeFileSync(join(places.userFolder, 'config.toml'), user);
  writeFileSync(join(places.projectFolder, 'config.toml'), project);
  if (isTrusted) trust(places);
  return readConfig({ places, env, set: [] });
}

const guard = '[hooks.guard]\non = "before_tool"\ncommand = ["node", "guard.mjs"]\n';
const diary = '[hooks.diary]\non = "after_leaf"\ncommand = "cat >>diary"\n';

test('hooks are read with their defaults, a person’s before a repository’s, each where it belongs', () => {
  const { hooks, warnings } = read(`${guard}tools = ["run_*"]\ntimeout_s = 2.5\n`, diary);
  expect(warnings).toEqual([]);
  expect(hooks.hooks).toEqual([
    {
      name: 'guard',
      on: 'before_tool',
      argv: ['node', 'guard.mjs'],
      cwd: join(folder, 'home'),
      tools: ['run_*'],
      leaves: [],
      timeoutMs: 2_500,
      onError: 'block',
    },
    {
      name: 'diary',
      on: 'after_leaf',
      argv: ['sh', '-c', 'cat >>diary'],
      cwd: join(folder, 'repo'),
      tools: [],
      leaves: [],
      timeoutMs: 30_000,
      onError: 'go_on',
    },
  ]);
  expect(hooks.settings.map(({ key, value }) => `${key} ${value}`)).toMatchInlineSnapshot(`
    [
      "hooks.guard before_tool of run_* runs node guard.mjs (at most 2.5 s, blocks when it fails)",
      "hooks.diary after_leaf runs sh -c cat >>diary (at most 30 s, goes on when it fails)",
    ]
  `);
  expect(hooks.settings[0]?.origin).toBe(`${join(folder, 'home', 'config.toml')}:1`);
});

test('a repository’s hooks are not read before its folder is trusted', () => {
  const { hooks, warnings } = read(guard, diary, false);
  expect(hooks.hooks.map(({ name }) => name)).toEqual(['guard']);
  expect(warnings).toMatchObject([
    { code: 'WF2008', message: expect.stringContaining('not trusted') },
  ]);
});

test('a repository cannot take the place of a person’s hook', () => {
  const { hooks, warnings } = read(guard, guard.replace('guard.mjs', 'other.mjs'));
  expect(hooks.hooks.map(({ argv }) => argv[1])).toEqual(['guard.mjs']);
  expect(warnings).toMatchObject([
    { code: 'WF2008', message: 'a repository may not change your hook guard' },
  ]);
});

test.each([
  ['no moment', '[hooks.a]\ncommand = "x"', 'does not say when'],
  ['no such moment', '[hooks.a]\non = "sometimes"\ncommand = "x"', 'on is one of before_leaf'],
  ['no command', '[hooks.a]\non = "before_leaf"', 'has no command'],
  ['an empty command', '[hooks.a]\non = "before_leaf"\ncommand = []', 'command is a line for sh'],
  ['tools of a leaf', '[hooks.a]\non = "after_leaf"\ncommand = "x"\ntools = ["y"]', 'about leaves'],
  ['a time without end', `${guard}timeout_s = 601`, 'timeout_s is a number'],
  ['a name that is none', '[hooks."a b"]\non = "after_leaf"\ncommand = "x"', 'name is a word'],
])('%s is refused with its line', (_name, text, message) => {
  expect(() => read(text)).toThrow(
    expect.objectContaining({ code: 'WF2007', message: expect.stringContaining(message) }),
  );
});

test('an unknown member is a warning', () => {
  expect(read(`${guard}tool = ["run_command"]\n`).warnings).toMatchObject([
    { message: 'unknown key hooks.guard.tool', help: expect.stringContaining('tools') },
  ]);
});
