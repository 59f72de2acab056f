/** Somebody cleans up the folder of worktrees while a leaf works in one. */
import { expect, test } from 'vitest';
import { openShell } from './shell.ts';

const leaf = (id: string, script: string): object => ({
  kind: 'leaf',
  id,
  mode: 'read_write',
  task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', script] },
});

test('a tree that is deleted under its leaf is made again as it stood, and uses up no retry', () => {
  const nodes = [
    leaf('first', 'echo kept >made.txt'),
    leaf('second', `case "$WHALEFLOW_LEAF" in *'#1 '*) rm -rf "$PWD" ;; *) cat made.txt ;; esac`),
  ];
  using shell = openShell({
    'gone.json': JSON.stringify({ id: 'gone', goal: 'Lose a tree', nodes }),
  });
  const said = shell.whaleflow('run', 'gone.json', '--yes', '--allow', '*');
  expect(said.exit, said.err + said.out).toBe(0);
  expect(said.out).toContain('kept');
  const { run } = (shell.json('ls', '--json') as { runs: readonly [{ run: string }] }).runs[0];
  expect(shell.whaleflow('logs', run).out).toContain('its tree was deleted under it');
  expect(shell.whaleflow('replay', run).exit).toBe(0);
});
