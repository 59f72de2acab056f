/** Variables that look like secrets: given to commands by name, or not at all. */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { type TestHost, testHost } from './test-host.ts';

const saying = (id: string, env: string): string => `id: ${id}
goal: g
permissions: {shell: true, commands: ["*"], env: [${env}]}
nodes:
  - {id: say, kind: leaf, task: {type: command, argv: [printenv, ${env}]}}
`;
const files = {
  'say.yaml': saying('say', 'DEPLOY_TOKEN'),
  'more.yaml': saying('say', 'DEPLOY_TOKEN, SIGNING_KEY'),
  'plain.yaml': saying('plain', 'FLAVOUR'),
  'door.yaml': saying('door', 'DATABASE_URL'),
  'mirror.yaml': saying('mirror', 'MIRROR'),
  'provider.yaml': saying('provider', 'OPENAI_API_KEY'),
};
const env = {
  PATH: process.env['PATH'] ?? '',
  DEPLOY_TOKEN: 'four',
  SIGNING_KEY: 'five',
  FLAVOUR: 'sweet',
  DATABASE_URL: 'postgres://db/shop',
  MIRROR: 'https://ada:hunter2@example.org/npm',
  OPENAI_API_KEY: 'six',
};
const always = ['-y', '--allow', '*'];

function repository(parts: Partial<Parameters<typeof testHost>[0]> = {}): TestHost {
  const host = testHost({ files, env, ...parts });
  const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: host.folder });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
  return host;
}

const consentIn = ({ store }: TestHost): unknown => {
  const [row] = store.runs();
  const [started] = row === undefined ? [] : store.read(row.run, 0, 1);
  return started?.type === 'run.started' ? started.consent : undefined;
};

test('--yes hands out no variable that looks like a secret, and says what does', async () => {
  using host = repository();
  const { exit, err } = await host.run('run', 'say.yaml', ...always);
  expect(exit).toBe(5);
  expect(err).toContain('would be given what looks like a secret: DEPLOY_TOKEN');
  expect(err).toContain("whaleflow run say.yaml -y --allow '*' --allow-env DEPLOY_TOKEN");
  expect(host.store.runs()).toEqual([]);
});

test.each([
  ['a well-known name', 'door.yaml', 'DATABASE_URL'],
  ['a value with a password in it', 'mirror.yaml', 'MIRROR'],
])('%s is asked for by name, too', async (_name, file, variable) => {
  using host = repository();
  const { exit, err } = await host.run('run', file, ...always);
  expect([exit, err]).toEqual([5, expect.stringContaining(`--allow-env ${variable}`)]);
  expect(host.store.runs()).toEqual([]);
  expect((await host.run('run', file, ...always, '--allow-env', variable)).exit).toBe(0);
});

test('by name it is given, and the record says that it was accepted', async () => {
  using host = repository();
  const words = ['run', 'say.yaml', ...always, '--allow-env', 'DEPLOY_TOKEN'];
  expect((await host.run(...words)).exit).toBe(0);
  expect((await host.run('show', '@last/say')).out).toContain('four');
  expect(consentIn(host)).toEqual({ by: 'flag', commands: ['*'], env: ['DEPLOY_TOKEN'] });
});

test('a person is shown it before the question, and gives it by the answer', async () => {
  using host = repository({ terminal: { columns: 90, rows: 30 } });
  host.press('\x1b');
  const refused = await host.run('run', 'say.yaml', '--allow', '*');
  expect(refused.exit).toBe(1);
  expect(refused.err).toContain('gives its commands what looks like a secret: DEPLOY_TOKEN');
  expect(refused.err).toContain('--allow-env DEPLOY_TOKEN');
  expect(host.store.runs()).toEqual([]);
  host.press('\r');
  expect((await host.run('run', 'say.yaml', '--allow', '*')).err).toContain(
    'give them DEPLOY_TOKEN',
  );
  expect(consentIn(host)).toEqual({ by: 'person', commands: ['*'], env: ['DEPLOY_TOKEN'] });
});

test('other variables need no word, and neither do keys of providers, which nobody gets', async () => {
  using host = repository();
  expect((await host.run('run', 'plain.yaml', ...always)).exit).toBe(0);
  expect((await host.run('show', '@last/say')).out).toContain('sweet');
  expect((await host.run('run', 'provider.yaml', ...always)).exit).toBe(1);
  expect((await host.run('show', '@last/say')).out).not.toContain('six');
  expect((await host.run('run', 'say.yaml', '-y', '--mock')).exit).toBe(0);
});

test('a fork keeps what was accepted, and asks for what is new', async () => {
  using host = repository();
  await host.run('run', 'say.yaml', ...always, '--allow-env', 'DEPLOY_TOKEN');
  const { exit, err } = await host.run('fork', '@last', 'more.yaml', '-y');
  expect([exit, err]).toEqual([5, expect.stringContaining('--allow-env SIGNING_KEY')]);
  expect(err).not.toContain('--allow-env DEPLOY_TOKEN');
  expect((await host.run('fork', '@last', '-y', '--at', 'say')).exit).toBe(0);
  expect(consentIn(host)).toMatchObject({ env: ['DEPLOY_TOKEN'] });
});

test('the password of an address never reaches the record', async () => {
  using host = repository();
  await host.run('run', 'mirror.yaml', ...always, '--allow-env', 'MIRROR');
  const { out } = await host.run('show', '@last/say');
  expect(out).toContain('[REDACTED:MIRROR]');
  expect(out).not.toContain('hunter2');
});

test('a dry run lists them', async () => {
  using host = repository();
  const { out } = await host.run(
    'run',
    'more.yaml',
    '--dry-run',
    '--json',
    '--allow-env',
    'SIGNING_KEY',
  );
  expect(JSON.parse(out)).toMatchObject({
    secrets: ['DEPLOY_TOKEN', 'SIGNING_KEY'],
    unaccepted_secrets: ['DEPLOY_TOKEN'],
  });
});
