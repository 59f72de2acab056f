/** `init`: what it sees, writes, asks, and leaves alone. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type TestHost, type TestHostRequest, testHost } from './test-host.ts';

const CANARY = 'sk-canary-0123456789abcdef';
const files = { 'package.json': '{"scripts": {"test": "vitest", "lint": "x", "other": "y"}}' };

/** The home folder of these tests is the project: as a repository it may be set up. */
const repository = (request: TestHostRequest = {}): TestHost =>
  testHost({ ...request, files: { '.git/HEAD': '', ...request.files } });

const everything = (folder: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path, readFileSync(path, 'utf8')]),
  );

test('without a key: files, a workflow that runs at once, and what to type for a model', async () => {
  using host = repository({ files });
  const { exit, out, err } = await host.run('init', '-y');
  expect(exit, err).toBe(0);
  for (const name of ['config.toml', 'workflows/first-look.star', '.gitignore']) {
    expect(out).toContain(join(host.folder, '.whaleflow', name));
  }
  expect(err).toContain('npm test · npm run lint');
  expect(err).toContain('try     whaleflow run first-look --mock -y');
  const checked = await host.run('check', 'first-look', '--strict');
  expect(checked.exit, checked.err).toBe(0);
  expect((await host.run('run', 'first-look', '--mock', '-y')).exit).toBe(0);
  const list = await host.run('config', 'ls', '--show-origin');
  expect([list.exit, list.err]).toEqual([0, '']);
  expect(list.out).toMatch(
    /ceilings\.max_usd +5 +built in|ceilings\.max_usd +5 +\S+config\.toml:5/,
  );
});

test('the home folder and the root of the machine are no projects: nothing is written there', async () => {
  using host = testHost();
  const home = await host.run('init', '-y');
  expect(home.exit).toBe(9);
  expect(home.err).toContain('init sets up a project, and this is your home folder');
  expect(home.err).toContain('cd PROJECT && whaleflow init');
  expect(existsSync(join(host.folder, '.whaleflow'))).toBe(false);
  const root = await host.run('-C', '/', 'init');
  expect(root.exit).toBe(9);
  expect(root.err).toContain('this is the root of this machine: /');
});

test('a project without git is told what lacks, and is set up', async () => {
  using host = testHost({ files: { 'project/a.txt': 'a' } });
  const { exit, err } = await host.run('-C', 'project', 'init', '-y');
  expect(exit, err).toBe(0);
  expect(err).toContain('git     no repository here; workflows that work on files need one');
  expect(err).toContain('\n        git init && git add -A && git commit -m start\n');
  for (const line of err.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  using other = repository();
  expect((await other.run('init', '-y')).err).not.toContain('git init');
});

test('a second time changes nothing, and what is there stays as it is', async () => {
  using host = repository({ files, env: { ANTHROPIC_API_KEY: CANARY } });
  mkdirSync(join(host.folder, '.whaleflow'), { recursive: true });
  writeFileSync(join(host.folder, '.whaleflow/config.toml'), '# mine\n');
  await host.run('init', '-y');
  const before = everything(host.folder);
  expect(before[join(host.folder, '.whaleflow/config.toml')]).toBe('# mine\n');
  const again = await host.run('init', '-y');
  expect([again.exit, again.out]).toEqual([0, 'it is set up: nothing was written\n']);
  expect(everything(host.folder)).toEqual(before);
  // Somebody else’s settings are not let in by the way.
  expect((await host.run('config', 'ls')).err).toContain('the folder is not trusted');
  expect(Object.values(before).join('\n')).not.toContain(CANARY);
});

test('a key that is there answers, by its provider, in the settings of the person', async () => {
  using host = repository({ files, env: { DEEPSEEK_API_KEY: CANARY } });
  const { exit, out, err } = await host.run('init', '-y');
  expect(exit, err).toBe(0);
  expect(err).toContain('DEEPSEEK_API_KEY');
  expect((await host.run('config', 'get', 'roles.default')).out).toBe('deepseek:deepseek-chat\n');
  expect(readFileSync(join(host.folder, '.whaleflow/config.toml'), 'utf8')).not.toContain(
    'deepseek',
  );
  expect(out + err).not.toContain(CANARY);
});

test('who answers already goes on to; a wish beats what was found; one of no provider is refused', async () => {
  using host = repository({ env: { DEEPSEEK_API_KEY: CANARY } });
  const wrong = await host.run('init', '-y', '--model', 'nobody:x');
  expect([wrong.exit, existsSync(join(host.folder, '.whaleflow'))]).toEqual([4, false]);
  await host.run('init', '-y', '--model', 'ollama:qwen3:8b');
  expect((await host.run('config', 'get', 'roles.default')).out).toBe('ollama:qwen3:8b\n');
  await host.run('init', '-y');
  expect((await host.run('config', 'get', 'roles.default')).out).toBe('ollama:qwen3:8b\n');
});

test('a person is asked once; nobody there, and nothing is written', async () => {
  using person = repository({ terminal: { columns: 100, rows: 30 } });
  person.press('\x1b');
  const no = await person.run('init');
  expect([no.exit, existsSync(join(person.folder, '.whaleflow'))]).toEqual([1, false]);
  person.press('\r');
  expect((await person.run('init')).exit).toBe(0);
  using nobody = repository();
  const refused = await nobody.run('init');
  expect([refused.exit, refused.err.includes('whaleflow init --yes')]).toEqual([5, true]);
  expect(existsSync(join(nobody.folder, '.whaleflow'))).toBe(false);
});

test('a model server on this machine is seen, and nothing is said to it', async () => {
  let said = 0;
  const server = createServer((socket) => socket.on('data', () => (said += 1)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { readonly port: number };
  using host = repository();
  await host.run('config', 'set', 'providers.ollama.base_url', `http://127.0.0.1:${port}/v1`);
  const { err } = await host.run('init', '-y');
  expect(err).toContain(`ollama on 127.0.0.1:${port}`);
  expect(err).toContain('whaleflow providers add ollama --model MODEL');
  expect(said).toBe(0);
  await new Promise((resolve) => server.close(resolve));
});
