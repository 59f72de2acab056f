/** From a finished run to the user's files and back, as a person does it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openShell, type Shell } from '../process/shell.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Two branches write; only the tree of the winner is the run's. */
const WORKFLOW = `
def fix(name, text):
    command = "printf '%s\\\\n' > src/a.txt; printf '%s\\\\n' > %s.txt" % (text, name, name)
    return branch(name, [shell(name + "-edit", command, mode = "read_write")], isolation = "worktree")

workflow("w", "Mend a", [
    branch("fixes", [fix("x", "one"), fix("y", "two")]),
    tournament("best", ["x", "y"], rank = {"by": "cost"}),
])
`;

let shell: Shell;
let run: string;
beforeEach(() => {
  shell = openShell({ 'src/a.txt': 'zero\n', 'b.txt': 'b\n', 'w.star': WORKFLOW });
  shell.write('b.txt', 'not committed\n');
  run = (shell.json('run', 'w.star', '--yes', '--allow', 'bash -c *', '--json') as { run: string })
    .run;
});
afterEach(() => shell[Symbol.dispose]());

const text = (name: string): string => readFileSync(join(shell.root, name), 'utf8');

test('look, check, apply, undo: the patch arrives and goes, and nothing else moves', () => {
  expect(shell.whaleflow('diff', run, '--name-only').out).toBe('src/a.txt\nx.txt\n');
  expect(shell.whaleflow('diff', `${run}/fixes/y`).out).toContain('+two');
  const before = shell.fingerprint();
  const checked = shell.whaleflow('apply', run, '--check');
  expect([checked.exit, checked.out, shell.fingerprint()]).toEqual([
    0,
    'M src/a.txt\nA x.txt\n',
    before,
  ]);
  const index = shell.git('ls-files', '--stage');
  expect(shell.json('apply', run, '--json')).toMatchObject({
    schema: 'whaleflow.apply/1',
    files: [
      { path: 'src/a.txt', change: 'M' },
      { path: 'x.txt', change: 'A' },
    ],
  });
  expect([text('src/a.txt'), text('b.txt')]).toEqual(['one\n', 'not committed\n']);
  expect(shell.git('ls-files', '--stage')).toBe(index);
  expect(shell.whaleflow('replay', run).exit).toBe(0);
  expect(shell.whaleflow('undo').err).toContain('put back 2 files');
  expect(shell.fingerprint()).toBe(before);
  expect(shell.whaleflow('undo').exit).toBe(2);
});

test('what was changed here too is a conflict: exit 7, nothing written; a branch takes it aside', () => {
  shell.write('src/a.txt', 'mine\n');
  const before = shell.fingerprint();
  const refused = shell.whaleflow('apply', run);
  expect([refused.exit, shell.fingerprint()]).toEqual([7, before]);
  expect(refused.err).toMatch(/WF6005[\s\S]*src\/a\.txt[\s\S]*--to-branch NAME/);
  expect(shell.whaleflow('apply', run, '--3way').exit).toBe(7);
  expect(shell.whaleflow('apply', run, '--to-branch', 'aside').exit).toBe(0);
  expect(shell.git('show', 'aside:src/a.txt')).toBe('one\n');
  expect(shell.git('show', 'aside:b.txt')).toBe('b\n');
  expect(text('src/a.txt')).toBe('mine\n');
});

test('files that were changed after the apply are not undone over', () => {
  expect(shell.whaleflow('apply', run).exit).toBe(0);
  shell.write('src/a.txt', 'one and a half\n');
  const undone = shell.whaleflow('undo');
  expect([undone.exit, text('src/a.txt')]).toEqual([7, 'one and a half\n']);
  expect(undone.err).toContain('WF6007');
});
