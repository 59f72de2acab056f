/** Hooks of a person and of a repository, through the real command line and a detached driver. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const workflow = JSON.stringify({
  id: 'make',
  goal: 'Make a file',
  permissions: { write: true, shell: true, commands: ['touch *'] },
  nodes: ['one', 'two'].map((id) => ({
    kind: 'leaf',
    id,
    mode: 'read_write',
    task: { type: 'command', purpose: 'shell', argv: ['touch', `${id}.txt`] },
  })),
});

let shell: Shell;
let home = '';
beforeEach(() => {
  shell = openShell({
    'make.json': workflow,
    '.whaleflow/config.toml':
      '[hooks.theirs]\non = "before_leaf"\ncommand = "touch \\"$HOME/theirs\\""\n',
  });
  home = join(shell.root, '..', 'home');
  shell.configure('[hooks.mine]\non = "before_leaf"\ncommand = "cat >>mine.jsonl"\n');
});
afterEach(() => shell[Symbol.dispose]());

const folder = (): string => join(home, '.config', 'whaleflow');
const make = () => shell.whaleflow('run', 'make.json', '--yes', '--allow', 'touch *');

test('a person’s hook runs in the folder of its file, a repository’s only once that is trusted', () => {
  const first = make();
  expect(first.exit, first.err).toBe(0);
  expect(first.err).toContain('hook mine: with your rights, outside of the sandbox');
  const lines = readFileSync(join(folder(), 'mine.jsonl'), 'utf8').trimEnd().split('\n');
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { event: 'before_leaf', path: 'one', repository: shell.root },
    { event: 'before_leaf', path: 'two' },
  ]);
  expect(existsSync(join(home, 'theirs'))).toBe(false);
  expect(shell.whaleflow('config', 'ls').out).not.toContain('hooks.theirs');
  expect(shell.whaleflow('trust').exit).toBe(0);
  expect(shell.whaleflow('config', 'ls').out).toContain('hooks.theirs');
  expect(make().exit).toBe(0);
  expect(existsSync(join(home, 'theirs'))).toBe(true);
  const logs = shell.whaleflow('logs', '@last', '--level', 'debug').out;
  expect(logs).toContain('hook theirs before the leaf');
  const replayed = shell.whaleflow('replay', '@last');
  expect(replayed.exit).toBe(0);
  expect(replayed.out).toContain('0 processes');
});

test('what a hook forbids does not happen, and the page says who forbade it', () => {
  shell.configure(
    '[hooks.mine]\non = "before_leaf"\nleaves = ["two"]\ncommand = "echo only one today >&2; exit 2"\n',
  );
  const said = make();
  expect(said.exit).toBe(1);
  expect(said.out + said.err).toContain('hook mine: only one today');
  const diff = shell.whaleflow('diff', '@last').out;
  expect(diff).toContain('one.txt');
  expect(diff).not.toContain('two.txt');
});

test('a mock run and a key have nothing to do with hooks', () => {
  shell.configure(
    '[providers.lab]\ndialect = "openai"\nbase_url = "http://127.0.0.1:9/v1"\napi_key_env = "LAB_CREDENTIAL"\n' +
      '[hooks.mine]\non = "before_leaf"\ncommand = "env >environment"\n',
  );
  shell.env['LAB_CREDENTIAL'] = 'sk-canary-0123456789';
  expect(shell.whaleflow('run', 'make.json', '--yes', '--mock').exit).toBe(0);
  expect(existsSync(join(folder(), 'environment'))).toBe(false);
  expect(make().exit).toBe(0);
  const environment = readFileSync(join(folder(), 'environment'), 'utf8');
  expect(environment).toContain('HOME=');
  expect(environment).not.toContain('sk-canary');
});

test('a repository’s hook whose script changes while the run goes on is not called, and blocks', () => {
  shell.configure('');
  // In the folder of our own state: nothing else of a person’s repository may change in these tests.
  const argv = ['sh', '-c', 'echo exit 0 > "$WF_ROOT/.whaleflow/state/guard.sh"'];
  const task = { type: 'command', purpose: 'shell', argv };
  const changing = {
    ...JSON.parse(workflow),
    permissions: { shell: true, write: true, commands: ['*'], env: ['WF_ROOT'] },
    nodes: ['one', 'two'].map((id) => ({ kind: 'leaf', id, mode: 'read_write', task })),
  };
  shell.write('change.json', JSON.stringify(changing));
  shell.write('.whaleflow/state/guard.sh', 'exit 0 # as it was read\n');
  const hook =
    '[hooks.theirs]\non = "before_leaf"\ncommand = ["sh", ".whaleflow/state/guard.sh"]\n';
  shell.write('.whaleflow/config.toml', hook);
  shell.env['WF_ROOT'] = shell.root;
  expect(shell.whaleflow('trust').exit).toBe(0);
  const said = shell.whaleflow('run', 'change.json', '--yes', '--allow', '*');
  expect(said.exit, said.err).toBe(1);
  expect(said.out + said.err).toContain('hook theirs: a file that it names has changed');
  expect(shell.whaleflow('show', '@last/one').exit).toBe(0);
  const again = shell.whaleflow('run', 'change.json', '--yes', '--allow', '*');
  expect([again.exit, again.err]).toEqual([2, expect.stringContaining('WF2008')]);
});
