import { expect, test } from 'vitest';
import { looksSecret } from './secret-name.ts';

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
