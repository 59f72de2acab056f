/** What was trusted and has changed since keeps a run from starting; a warning would leave it unguarded. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestHost, testHost } from './test-host.ts';

const HOOK = '[hooks.guard]\non = "before_leaf"\ncommand = ["sh", "hooks/guard.sh"]\n';
const files = {
  'touch.yaml': `id: touch
goal: g
permissions: {write: true, shell: true, commands: ["*"]}
nodes:
  - {id: touch, kind: leaf, mode: read_write, task: {type: command, argv: [touch, made]}}
`,
  'hooks/guard.sh': 'exit 0\n',
  '.whaleflow/config.toml': HOOK,
};
const env = { PATH: process.env['PATH'] ?? '' };
const words = ['run', 'touch.yaml', '-y', '--allow', '*'];

function repository(): TestHost {
  const host = testHost({ files, env });
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: host.folder });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  return host;
}

function write({ folder }: TestHost, name: string, text: string): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
}

test('where nobody has trusted anything a run goes on with a warning', async () => {
  using host = repository();
  const { exit, err } = await host.run(...words);
  expect([exit, err]).toEqual([0, expect.stringContaining('the folder is not trusted')]);
});

test.each([
  ['the config', '.whaleflow/config.toml', '', 'the config of this repository is not as it was'],
  ['a script that it names', 'hooks/guard.sh', 'exit 0 #\n', 'a file that its config names is not'],
])('%s has changed: a run is refused, with what to type', async (_name, file, text, message) => {
  using host = repository();
  await host.run('trust');
  expect((await host.run(...words)).exit).toBe(0);
  write(host, file, text);
  const refused = await host.run(...words);
  expect(refused.exit).toBe(2);
  expect(refused.err).toContain('error[WF2008]');
  expect(refused.err).toContain(message);
  expect(refused.err).toContain('then: whaleflow trust');
  expect(host.store.runs()).toHaveLength(1);
  expect((await host.run('fork', '@last', '-y')).exit).toBe(2);
  expect((await host.run('run', 'touch.yaml', '-y', '--mock')).exit).toBe(0);
  const dry = await host.run(...words, '--dry-run');
  expect([dry.exit, dry.err]).toEqual([0, expect.stringContaining('a run would be refused')]);
  await host.run('trust');
  expect((await host.run(...words)).exit).toBe(0);
});

test('a run that has stopped does not go on unguarded either', async () => {
  using host = repository();
  await host.run('trust');
  expect((await host.run(...words, '--max-leaves', '1')).exit).toBe(0);
  write(
    host,
    'touch.yaml',
    files['touch.yaml'].replace(
      'touch, made]}}',
      'touch, made]}}\n  - {id: more, kind: leaf, task: {type: command, argv: ["true"]}}',
    ),
  );
  expect((await host.run(...words, '--max-leaves', '1')).exit).toBe(6);
  write(host, '.whaleflow/config.toml', '');
  const { exit, err } = await host.run('resume', '@last', '-y', '--max-leaves', '9');
  expect([exit, err]).toEqual([2, expect.stringContaining('WF2008')]);
  await host.run('trust', '--take-back');
  expect((await host.run('resume', '@last', '-y', '--max-leaves', '9')).exit).toBe(0);
});

test('trust names the files that count with it, and can be taken back', async () => {
  using host = repository();
  const { out } = await host.run('trust');
  expect(out).toContain('  hooks/guard.sh   is named by it, and trusted as it is now');
  expect(JSON.parse((await host.run('trust', '--json')).out)).toMatchObject({
    was_trusted: true,
    is_trusted: true,
    files: [{ path: 'hooks/guard.sh', digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
  });
  expect((await host.run('trust', '--take-back')).out).toContain('is not trusted');
  expect(existsSync(join(host.folder, '.config', 'whaleflow', 'trusted'))).toBe(true);
  expect(readFileSync(join(host.folder, '.config', 'whaleflow', 'trusted'), 'utf8')).toBe('');
  expect((await host.run('trust', '--take-back')).out).toContain('was not trusted');
});

test('a local config that git tracks is not a person’s own, and is not trusted', async () => {
  using host = repository();
  write(host, '.whaleflow/config.local.toml', '[roles]\ndefault = "a:b"\n');
  expect((await host.run('trust')).exit).toBe(0);
  execFileSync('git', ['add', '-f', '.whaleflow/config.local.toml'], { cwd: host.folder });
  const { exit, err } = await host.run('trust');
  expect([exit, err]).toEqual([2, expect.stringContaining('git tracks it')]);
  expect(err).toContain('git rm --cached .whaleflow/config.local.toml');
});

test('get says where a value comes from, beside it', async () => {
  using host = repository();
  write(host, '.whaleflow/config.toml', '[concurrency]\nmodel = 3\n');
  await host.run('trust');
  const { out, err } = await host.run('config', 'get', 'concurrency.model');
  expect([out, err]).toEqual(['3\n', `from ${join(host.folder, '.whaleflow/config.toml')}:2\n`]);
});
