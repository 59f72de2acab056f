/** From a finished run to the user's files and back, as a person does it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from '../process/shell.ts';

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

test('where nothing chose a branch, the work of one is offered', () => {
  shell.write('w.star', WORKFLOW.replace(/ {4}tournament.*\n/, ''));
  const words = ['run', 'w.star', '--yes', '--allow', 'bash -c *', '--json'];
  const { run: unranked } = shell.json(...words) as { run: string };
  const refused = shell.whaleflow('apply', unranked);
  expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('WF6006')]);
  const offered = `diff ${unranked}/fixes/x`;
  expect(refused.err).toContain(offered);
  expect(shell.whaleflow(...offered.split(' ')).out).toContain('+one');
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

test('--commit commits what the run has changed, says what it does, and goes with undo', () => {
  shell.git('config', 'user.name', 'Ada');
  const nobody = shell.whaleflow('apply', run, '--commit');
  expect([nobody.exit, nobody.err]).toEqual([7, expect.stringContaining('user.email')]);
  expect(nobody.err).toContain('git config --global user.email you@example.com');
  shell.git('config', 'user.email', 'ada@example.com');
  const before = shell.fingerprint();
  const checked = shell.whaleflow('apply', run, '--commit', '--check');
  expect(checked.err).toContain(
    'it would change 2 files and commit it onto main; nothing was written',
  );
  expect(shell.whaleflow('apply', run, '-m', 'x').exit).toBe(2);
  expect(shell.fingerprint()).toBe(before);
  const done = shell.json('apply', run, '--commit', '--json') as { commit: string };
  expect(done).toMatchObject({ branch: 'main', commit: shell.git('rev-parse', 'HEAD').trim() });
  expect(shell.git('log', '-1', '--format=%an%n%B').trim()).toBe(
    `Ada\nMend a\n\nWhaleFlow-Run: ${run}`,
  );
  expect(shell.git('show', '--name-only', '--format=').trim()).toBe('src/a.txt\nx.txt');
  expect(text('b.txt')).toBe('not committed\n');
  expect(shell.whaleflow('undo').exit).toBe(0);
  expect(shell.fingerprint()).toBe(before);

  const said = shell.whaleflow('apply', run, '--commit', '-m', 'Mend it, my way').err;
  expect(said).toMatch(
    /committed 2 files as [0-9a-f]{12} onto main {3}take it back: whaleflow undo/,
  );
  expect(shell.git('log', '-1', '--format=%B').trim()).toBe('Mend it, my way');
  shell.git('commit', '--allow-empty', '--quiet', '--message=more');
  const undone = shell.whaleflow('undo');
  expect([undone.exit, undone.err]).toEqual([7, expect.stringContaining('git revert')]);
});

test('--commit --to-branch commits on a branch in the user’s name; --check makes none', () => {
  shell.git('config', 'user.name', 'Ada');
  shell.git('config', 'user.email', 'ada@example.com');
  const words = ['apply', run, '--to-branch', 'aside', '--commit', '-m', 'Aside'];
  expect(shell.whaleflow(...words, '--check').err).toContain('it would make branch aside: 2 files');
  expect(shell.git('branch', '--list', 'aside')).toBe('');
  expect(shell.whaleflow(...words).exit).toBe(0);
  expect(shell.git('log', '-1', '--format=%an %s', 'aside').trim()).toBe('Ada Aside');
});
