/** What trees have beside what git holds, as a person sets it up: linked folders and setups. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cli, openShell, type Shell } from '../process/shell.ts';

const WORKFLOW = `
workflow("w", "Use what is installed", [
    shell("use", "cat node_modules/dep/index.js > used.txt", mode = "read_write"),
])
`;
const WRITING = `
workflow("w", "Write where nobody may", [
    shell("write", "echo mine > node_modules/dep/index.js; echo mine > node_modules/new.js; echo done > done.txt", mode = "read_write"),
])
`;

let shell: Shell;
beforeEach(() => {
  shell = openShell({
    '.gitignore': 'node_modules/\n',
    'package-lock.json': '{"lockfileVersion": 3}\n',
    'w.star': WORKFLOW,
    'writing.star': WRITING,
  });
});
afterEach(() => shell[Symbol.dispose]());

const sandboxes = ['off', 'strict'] as const;
const LINK = ['--set', 'workspace.link=node_modules'];
const run = (sandbox: string, file: string, ...words: readonly string[]) =>
  shell.whaleflow('run', file, '--sandbox', sandbox, '--yes', '--allow', '*', '--json', ...words);
const changedBy = (out: string) =>
  shell.whaleflow('diff', (JSON.parse(out) as { run: string }).run, '--name-only').out;

test.each(sandboxes)('sandbox %s: a linked folder is read, and part of no patch', (sandbox) => {
  shell.write('node_modules/dep/index.js', 'installed by the user\n');
  const { exit, out, err } = run(sandbox, 'w.star', ...LINK);
  expect([exit, err]).toEqual([0, expect.any(String)]);
  expect(changedBy(out)).toBe('used.txt\n');
  expect(shell.whaleflow('diff', '@last').out).toContain('+installed by the user');
});

test('the strict sandbox lets nothing be written to a linked folder', () => {
  shell.write('node_modules/dep/index.js', 'installed by the user\n');
  const { out } = run('strict', 'writing.star', ...LINK);
  expect(changedBy(out)).toBe('done.txt\n');
  expect(readdirSync(join(shell.root, 'node_modules'))).toEqual(['dep']);
});

test('without a sandbox, a leaf that wrote to a linked folder fails and says where', () => {
  shell.write('node_modules/dep/index.js', 'installed by the user\n');
  expect(() => run('off', 'writing.star', ...LINK)).toThrow("changed what is the user's");
  const { out } = shell.whaleflow('show', '@last');
  expect(out).toContain('permission: wrote to linked folders');
  expect(out).toContain('node_modules/dep/index.js');
  expect(out).toContain('node_modules/new.js');
});

test('what leads back into the repository is linked in the strict sandbox only', () => {
  shell.write('packages/a/index.js', 'of the tree\n');
  shell.write('node_modules/dep/index.js', 'x\n');
  mkdirSync(join(shell.root, 'node_modules/@me'));
  symlinkSync('../../packages/a', join(shell.root, 'node_modules/@me/a'));
  shell.write('back.star', WORKFLOW.replace('dep/index.js', '@me/a/index.js'));
  const refused = run('off', 'back.star', ...LINK);
  expect([refused.exit, refused.err]).toEqual([9, expect.stringContaining('WF6009')]);
  expect(refused.err).toContain('node_modules/@me/a leads back into the repository');
  const { out } = run('strict', 'back.star', ...LINK);
  expect(changedBy(out)).toBe('used.txt\n');
});

test('a folder that is not there is not linked, and a path out of the repository is refused', () => {
  expect(run('off', 'w.star', ...LINK).exit).toBe(1);
  const refused = run('off', 'w.star', '--set', 'workspace.link=../elsewhere');
  expect([refused.exit, refused.err]).toEqual([2, expect.stringContaining('workspace.link')]);
});

const counter = () => join(shell.root, '..', 'counter');
const setup = () =>
  `workspace.setup=echo once >> ${counter()}; sleep 1; mkdir -p node_modules/dep; echo by setup > node_modules/dep/index.js`;
const runs = () =>
  existsSync(counter()) ? readFileSync(counter(), 'utf8').split('\n').length - 1 : 0;

test('a setup runs once for a state of the lockfiles, whichever runs begin, and is recorded', async () => {
  const words = ['run', 'w.star', '--sandbox', 'off', '--yes', '--allow', '*', '--set', setup()];
  const children = [1, 2].map(() =>
    spawn(process.execPath, [cli, ...words], { cwd: shell.root, env: shell.env, stdio: 'ignore' }),
  );
  const ends = await Promise.all(children.map((child) => once(child, 'exit')));
  expect(ends.map(([code]) => code)).toEqual([0, 0]);
  expect(runs()).toBe(1);
  expect(shell.whaleflow('diff', '@last').out).toContain('+by setup');
  shell.write('package-lock.json', '{"lockfileVersion": 3, "packages": {}}\n');
  const again = run('off', 'w.star', '--set', setup());
  expect([again.exit, runs()]).toEqual([0, 2]);
  const out = shell.whaleflow('export', '@last').out.replaceAll('\\', '');
  expect(out).toContain('"lockfiles":["package-lock.json"]');
});

test('a setup that fails says why, and no run is begun', () => {
  const words = ['--set', 'workspace.setup=echo all is lost >&2; exit 3'];
  const { exit, err } = run('off', 'w.star', ...words);
  expect(exit).toBe(9);
  expect(err).toMatch(/WF6008[\s\S]*exit status 3[\s\S]*all is lost[\s\S]*nothing was spent/);
  expect(shell.json('ls', '--json')).toMatchObject({ runs: [] });
  expect(run('strict', 'w.star', ...words).err).toContain('workspace.setup_network');
});

test('a setup that takes too long is ended', () => {
  const words = ['--set', 'workspace.setup_minutes=0.01', '--set', 'workspace.setup=sleep 100'];
  const { exit, err } = run('off', 'w.star', ...words);
  expect([exit, err]).toEqual([9, expect.stringContaining('not done after 0.01 min')]);
});

test('without a lockfile there is nothing to go by', () => {
  shell.git('rm', '--quiet', 'package-lock.json');
  const { exit, err } = run('off', 'w.star', '--set', 'workspace.setup=true');
  expect([exit, err]).toEqual([
    9,
    expect.stringContaining('no lockfile says what `true` installs'),
  ]);
});
