import { expect, test } from 'vitest';
import { holdsSecret, looksSecret, needsConsent } from './secret-name.ts';

test.each([
  'OPENAI_API_KEY',
  'github_token',
  'CLIENT_SECRET',
  'PGPASSWORD',
  'DB_PASSWD',
  'GPG_PASSPHRASE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'SMTP_PASS',
  'MYSQL_PWD',
  'GH_PAT',
])('%s looks like a secret', (name) => {
  expect(looksSecret(name)).toBe(true);
});

test.each(['PATH', 'PWD', 'OLDPWD', 'LANG', 'COMPASS', 'GIT_AUTHOR_NAME', 'PATCH'])(
  '%s does not',
  (name) => {
    expect(looksSecret(name)).toBe(false);
  },
);

test.each([
  ['DATABASE_URL', undefined],
  ['STAGING_DATABASE_URL', 'postgres://db/shop'],
  ['SENTRY_DSN', undefined],
  ['SSH_AUTH_SOCK', '/tmp/ssh-x/agent.7'],
  ['DOCKER_HOST', undefined],
  ['KUBECONFIG', '/home/ada/.kube/config'],
  ['AWS_PROFILE', 'production'],
  ['GNUPGHOME', undefined],
  ['SLACK_WEBHOOK', undefined],
  ['PGPASSFILE', undefined],
  ['REDISCLI_AUTH', undefined],
  ['BASE', 'https://ada:hunter2@example.org/x'],
  ['UPSTREAM', 'redis://:hunter2@cache:6379'],
  ['FLAVOUR', 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'],
  ['FLAVOUR', '-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1r'],
  ['STORE', 'Server=db;User Id=ada;Password=hunter2'],
  ['BUS', 'unix:path=/run/user/1000/bus'],
  ['PROXY', '/run/user/1000/proxy.sock'],
])('%s=%s is given by name', (name, value) => {
  expect(needsConsent(name, value)).toBe(true);
});

test.each([
  ['LANG', 'C.UTF-8'],
  ['GIT_AUTHOR_NAME', 'Ada'],
  ['AUTHOR', 'ada'],
  ['HOME', '/home/ada'],
  ['NODE_ENV', 'production'],
  ['HOMEPAGE_URL', 'https://example.org:8080/a@b'],
  ['GIT_COMMIT', '0123456789abcdef0123456789abcdef01234567'],
  ['SOCKS', 'two'],
  ['CACHE', '/home/ada/.cache'],
])('%s=%s is not asked for', (name, value) => {
  expect(needsConsent(name, value)).toBe(false);
});

test('what stands in a variable makes it a secret whatever its name is; a door is none itself', () => {
  expect(holdsSecret('BASE', 'https://ada:hunter2@example.org')).toBe(true);
  expect(holdsSecret('AWS_PROFILE', 'production')).toBe(false);
  expect(holdsSecret('SSH_AUTH_SOCK', '/tmp/ssh-x/agent.7')).toBe(false);
});
