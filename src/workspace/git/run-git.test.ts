import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createRunGit } from './run-git.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n' });
});
afterEach(() => repository.dispose());

const place = () => ({ gitFolder: join(repository.root, '.git') });
const runGit = createRunGit({ PATH: process.env['PATH'] });

/** A program in place of git. */
function fakeGit(script: string) {
  const path = join(repository.folder, 'git');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return createRunGit({ PATH: `${repository.folder}:${process.env['PATH']}` });
}

test('quotes what git said', async () => {
  await expect(runGit({ place: place(), args: ['cat-file', '-p', 'none'] })).rejects.toMatchObject({
    code: 'WF6003',
    message: 'git cat-file: exit 128: fatal: Not a valid object name none',
  });
});

test('escapes and shortens what git said', async () => {
  const fake = fakeGit(`printf '\\033]0;pwn\\007 \\342\\200\\256 %5000s' x >&2; exit 3`);
  const message = await fake({ place: place(), args: ['status'] }).catch((error) => error.message);
  expect(message).toContain('git status: exit 3: \\x1b]0;pwn\\x07 \\u{202e}');
  expect(message.length).toBeLessThan(2100);
});

test('knows its answers from failures', async () => {
  const call = { place: place(), args: ['rev-parse', '--verify', '-q', 'none'], answers: [0, 1] };
  expect((await runGit(call)).exit).toBe(1);
});

test('ends a call that takes too long, with its children', async () => {
  const fake = fakeGit(`sleep 60 & sleep 60`);
  await expect(fake({ place: place(), args: ['gc'], timeoutMs: 50 })).rejects.toThrow(
    'git gc: no end after 50 ms',
  );
});

test('ends a call that says too much', async () => {
  const fake = fakeGit('yes');
  await expect(fake({ place: place(), args: ['log'], maxOutputBytes: 1000 })).rejects.toThrow(
    'git log: more than 1000 bytes of output',
  );
});

test('rejects with the reason of an abort', async () => {
  const fake = fakeGit('sleep 60');
  const signal = AbortSignal.timeout(30);
  await expect(fake({ place: place(), args: ['log'] }, signal)).rejects.toMatchObject({
    name: 'TimeoutError',
  });
});

test('says so when there is no git', async () => {
  const none = createRunGit({ PATH: repository.folder });
  await expect(none({ place: place(), args: ['log'] })).rejects.toMatchObject({
    code: 'WF6003',
    message: expect.stringContaining('not found on the path'),
  });
});

test('passes nothing on of the environment but what git needs', async () => {
  const fake = fakeGit('env');
  const { stdout } = await fake({ place: place(), args: ['version'] });
  const names = stdout
    .toString()
    .split('\n')
    .map((line) => line.split('=')[0])
    .filter((name) => name && !name.startsWith('GIT_CONFIG_'));
  expect(names.sort()).toMatchInlineSnapshot(`
    [
      "GIT_ALLOW_PROTOCOL",
      "GIT_ASKPASS",
      "GIT_ATTR_NOSYSTEM",
      "GIT_AUTHOR_EMAIL",
      "GIT_AUTHOR_NAME",
      "GIT_COMMITTER_EMAIL",
      "GIT_COMMITTER_NAME",
      "GIT_DIR",
      "GIT_EDITOR",
      "GIT_LITERAL_PATHSPECS",
      "GIT_NO_REPLACE_OBJECTS",
      "GIT_OPTIONAL_LOCKS",
      "GIT_PAGER",
      "GIT_TERMINAL_PROMPT",
      "LC_ALL",
      "PATH",
      "PWD",
    ]
  `);
});
