/** What fails is told in words that a person can act on. */
import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { type TestHost, testHost } from './test-host.ts';

const leafOf = (argv: string): string => `id: u
goal: g
permissions: {write: true, shell: true, commands: ["*"]}
nodes:
  - {id: u, kind: leaf, mode: read_write, task: {type: command, argv: [${argv}]}}
`;
const files = {
  'link.yaml': leafOf('ln, -s, /etc/passwd, out'),
  'none.yaml': leafOf('no-such-program'),
};
const PATH = process.env['PATH'] ?? '';
const allow = ['-y', '--allow', '*'];

function git(host: TestHost, ...args: readonly string[]): void {
  execFileSync('git', args, { cwd: host.folder, stdio: 'ignore' });
}

function commitAll(host: TestHost): void {
  git(host, 'init', '-q');
  git(host, 'add', '-A');
  git(host, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'a');
}

describe('a leaf', () => {
  test('that leaves a symlink out of its tree did what it may not', async () => {
    using host = testHost({ files, env: { PATH } });
    commitAll(host);
    const { err } = await host.run('run', 'link.yaml', ...allow);
    expect(err).toContain('permission: the change holds a symlink that leaves the tree: out');
  });

  test('whose program is not there says which', async () => {
    using host = testHost({ files, env: { PATH } });
    commitAll(host);
    const { err } = await host.run('run', 'none.yaml', ...allow);
    expect(err).toContain('exit: cannot start: no program no-such-program on the path');
    expect(err).not.toContain('ENOENT');
  });
});

describe('without git on the path', () => {
  const env = { PATH: '/nonexistent' };

  test('doctor says so once', async () => {
    using host = testHost({ files, env });
    commitAll(host);
    const { out } = await host.run('doctor', '--json');
    const { findings } = JSON.parse(out) as {
      findings: readonly { check: string; found: string }[];
    };
    expect(findings.filter(({ check }) => check === 'git' || check === 'repository')).toMatchObject(
      [{ check: 'git', found: 'no git on the path' }],
    );
  });

  test('the demo says what is missing', async () => {
    using host = testHost({ env });
    const { err } = await host.run('demo');
    expect(err).toContain('not found on the path: install git 2.38 or newer');
    expect(err).not.toContain('ENOENT');
  });
});

test('a bare repository is called one', async () => {
  using host = testHost({ files });
  git(host, 'init', '-q', '--bare', '.');
  const { exit, err } = await host.run('run', 'none.yaml', ...allow);
  expect(exit).toBe(9);
  expect(err).toContain('is a bare repository');
  expect(err).toContain('git worktree add');
});
