/** What a killed run leaves behind is named by `doctor`, and goes when it is told to. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openShell, until } from './shell.ts';

interface Said {
  readonly findings: readonly {
    readonly check: string;
    readonly verdict: string;
    readonly found: string;
    readonly fix: string | null;
  }[];
}

test('a checkout of a killed run, and commits of a run that no store knows', async () => {
  using shell = openShell();
  const place = join(shell.root, '..', 'place');
  const argv = ['sh', '-c', 'echo "$$ $PWD" >"$0.new" && mv "$0.new" "$0"; exec sleep 60', place];
  const task = { type: 'command', purpose: 'shell', argv };
  const nodes = [{ kind: 'leaf', id: 'long', mode: 'read_write', task }];
  shell.write('long.json', JSON.stringify({ id: 'long', goal: 'Take long', nodes }));
  const finding = (check: string, ...words: string[]) =>
    (shell.json('doctor', '--json', ...words) as Said).findings.find((one) => one.check === check);
  const run = shell.whaleflow('run', 'long.json', '--yes', '--allow', '*', '-d').out.trim();
  await until(() => existsSync(place));
  const [pid = '', tree = ''] = readFileSync(place, 'utf8').trim().split(' ');
  expect(finding('checkouts')).toMatchObject({ verdict: 'ok' });
  process.kill(shell.driverOf(run), 'SIGKILL');
  process.kill(Number(pid), 'SIGKILL');
  await until(() => finding('checkouts')?.verdict === 'warning');
  expect(finding('checkouts')).toMatchObject({
    found: expect.stringContaining(join(tree, '..')),
    fix: 'whaleflow doctor --fix',
  });
  expect(shell.git('worktree', 'list')).toContain(tree);
  expect(shell.whaleflow('doctor', '--fix').out).toContain(`removed ${join(tree, '..')}`);
  expect(existsSync(tree)).toBe(false);
  expect(shell.git('worktree', 'list')).not.toContain(tree);
  expect(finding('checkouts')).toMatchObject({ verdict: 'ok' });
  // Its commits are there until a person removes them: they may hold what was committed nowhere else.
  expect(finding('kept commits')).toMatchObject({ verdict: 'ok', found: 'of 1 run' });
  rmSync(join(shell.root, '.whaleflow', 'state'), { recursive: true });
  const kept = finding('kept commits', '--fix');
  expect(kept).toMatchObject({ verdict: 'warning', found: expect.stringContaining(run) });
  expect(shell.git('for-each-ref', `refs/whaleflow/${run}/`)).not.toBe('');
  expect(kept?.fix).toContain(`refs/whaleflow/${run} | git update-ref --stdin`);
});

test('an entry whose files somebody deleted is one too; worktrees of the user are none', () => {
  using shell = openShell();
  const task = { type: 'command', purpose: 'shell', argv: ['true'] };
  const nodes = [{ kind: 'leaf', id: 'short', mode: 'read_write', task }];
  shell.write('short.json', JSON.stringify({ id: 'short', goal: 'Take little', nodes }));
  shell.git('worktree', 'add', '--quiet', '--detach', join(shell.root, '..', 'whaleflow-mine'));
  rmSync(join(shell.root, '..', 'whaleflow-mine'), { recursive: true });
  const { run } = shell.json('run', 'short.json', '--yes', '--allow', '*', '--json') as {
    readonly run: string;
  };
  shell.whaleflow('wait', run);
  const list = (): readonly string[] =>
    shell
      .git('worktree', 'list', '--porcelain')
      .split('\n')
      .filter((line) => line.startsWith('worktree '));
  const pooled = list().find((line) => line.endsWith('/tree')) ?? '';
  rmSync(join(pooled.slice('worktree '.length), '..'), { recursive: true });
  expect(shell.whaleflow('doctor').out).toContain('1 left behind by processes that are gone');
  expect(shell.whaleflow('doctor', '--fix').out).toContain('removed ');
  expect(list().map((line) => line.split('/').at(-1))).toEqual(['repository', 'whaleflow-mine']);
});
