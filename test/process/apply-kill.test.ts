/**
 * `apply --commit` and its `undo`, killed (-9) before each call of git that they make: the next `undo` or
 * `apply` leaves all of it or nothing. The git on their path counts, and kills who has called it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, inject, test, vi } from 'vitest';
import { cli, openShell, type Shell } from './shell.ts';

vi.setConfig({ testTimeout: 300_000 });

const WORKFLOW = `
workflow("w", "Mend a", [
    shell("edit", "echo one > a.txt; mkdir -p new; echo x > new/x; rm b.txt", mode = "read_write"),
])
`;

let shell: Shell;
let run: string;
let tools: string;
beforeEach(() => {
  shell = openShell({ 'a.txt': 'zero\n', 'b.txt': 'b\n', 'c.txt': 'c\n', 'w.star': WORKFLOW });
  shell.git('config', 'user.name', 'Ada');
  shell.git('config', 'user.email', 'ada@example.com');
  shell.write('c.txt', 'staged\n');
  shell.git('add', 'c.txt');
  shell.write('c.txt', 'and changed\n');
  run = (shell.json('run', 'w.star', '--yes', '--allow', 'bash -c *', '--json') as { run: string })
    .run;
  tools = join(shell.root, '..', 'tools');
  mkdirSync(tools);
  const real = execFileSync('/bin/sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  // Each call appends a byte to the file, whose size is the count.
  const script = `#!/bin/sh
printf . >> "${tools}/calls"
[ "$(wc -c < "${tools}/calls")" -eq "$(cat "${tools}/at")" ] && kill -9 $PPID && exit 1
exec "${real}" "$@"
`;
  writeFileSync(join(tools, 'git'), script);
  chmodSync(join(tools, 'git'), 0o755);
});
afterEach(() => shell[Symbol.dispose]());

/** Says whether it was killed. */
function killedAt(call: number, ...words: string[]): boolean {
  rmSync(join(tools, 'calls'), { force: true });
  writeFileSync(join(tools, 'at'), String(call));
  const env = { ...shell.env, PATH: `${tools}:${shell.env['PATH']}` };
  const options = { cwd: shell.root, env, encoding: 'utf8', timeout: 60_000 } as const;
  const ended = spawnSync(process.execPath, [cli, ...words], options);
  if (ended.signal !== 'SIGKILL') expect([ended.status, ended.stderr]).toEqual([0, ended.stderr]);
  return ended.signal === 'SIGKILL';
}

const isLocked = (): boolean => existsSync(join(shell.root, '.git/index.lock'));

const MAX_CALLS = 80;
const isSoak = process.env['WHALEFLOW_SOAK'] === '1';
const STRIDE = isSoak ? 1 : 4;
/** In a few commits every call has been the last. */
const FIRST = 1 + (inject('seed') % STRIDE);

test('apply --commit, killed anywhere: undo leaves nothing of it, apply all of it', () => {
  const head = shell.git('rev-parse', 'HEAD');
  const before = shell.fingerprint();
  let call = FIRST;
  let locks = 0;
  for (; killedAt(call, 'apply', run, '--commit'); call += STRIDE) {
    expect(call).toBeLessThan(MAX_CALLS);
    if (isLocked()) locks += 1;
    if ((call - FIRST) % (2 * STRIDE) === 0) {
      // With nothing written down yet there is nothing to undo.
      expect([0, 2]).toContain(shell.whaleflow('undo').exit);
      expect([call, shell.fingerprint(), isLocked()]).toEqual([call, before, false]);
    }
    const again = shell.whaleflow('apply', run, '--commit');
    expect([call, again.exit, again.err]).toEqual([call, 0, again.err]);
    expect(shell.git('rev-parse', 'HEAD^')).toBe(head);
    expect(shell.git('show', '--name-status', '--format=')).toBe('M\ta.txt\nD\tb.txt\nA\tnew/x\n');
    expect(shell.git('--no-optional-locks', 'status', '--porcelain')).toBe('MM c.txt\n');
    expect(isLocked()).toBe(false);
    const undone = shell.whaleflow('undo');
    expect([call, undone.exit, undone.err]).toEqual([call, 0, undone.err]);
    expect([call, shell.fingerprint()]).toEqual([call, before]);
  }
  expect(locks).toBeGreaterThan(0);
  expect(call).toBeGreaterThan(10);
});

test('undo of a commit, killed anywhere: another undo takes back what is left', () => {
  const before = shell.fingerprint();
  let call = FIRST;
  for (let isKilled = true; isKilled; call += STRIDE) {
    expect(call).toBeLessThan(MAX_CALLS);
    expect(shell.whaleflow('apply', run, '--commit').exit).toBe(0);
    isKilled = killedAt(call, 'undo');
    if (isKilled) {
      const undone = shell.whaleflow('undo');
      expect([call, undone.exit, undone.err]).toEqual([call, 0, undone.err]);
    }
    expect([call, shell.fingerprint(), isLocked()]).toEqual([call, before, false]);
  }
  expect(call).toBeGreaterThan(8);
});
