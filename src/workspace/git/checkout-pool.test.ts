import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fingerprint, makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let commit: string;
let child: ChildProcess | undefined;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n', 'src/b.txt': 'b\n' });
  commit = (await repository.workspace().base({ run: 'run1' })).commit;
});
afterEach(async () => {
  child?.kill('SIGKILL');
  child = undefined;
  await repository.dispose();
});

const files = (root: string) => fingerprint(root, (path) => path === '.git');
const pool = () => {
  const worktrees = join(repository.cacheFolder, 'worktrees');
  return join(worktrees, readdirSync(worktrees)[0] ?? '');
};
const leases = () => readdirSync(join(pool(), 'leases'));
const registered = () => repository.git('worktree', 'list').split('\n').length - 1;

test('a checkout is used again after its run, as clean as new', async () => {
  const workspace = repository.workspace();
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  const fresh = files(tree.root);
  writeFileSync(join(tree.root, 'a.txt'), 'dirt');
  writeFileSync(join(tree.root, '.gitignore'), 'dirt/\n');
  mkdirSync(join(tree.root, 'dirt'));
  writeFileSync(join(tree.root, 'dirt/x'), 'dirt');
  await workspace.retire('run1');
  const again = await workspace.open({ run: 'run2', tree: 'x', commit });
  expect(again.root).toBe(tree.root);
  expect(files(again.root)).toEqual(fresh);
});

test('a read-only folder in a checkout stops neither reset nor removal', async () => {
  const workspace = repository.workspace({ maxFreeCheckouts: 1 });
  const makeReadOnly = (root: string) => {
    mkdirSync(join(root, 'cache'));
    writeFileSync(join(root, 'cache/x'), 'x');
    chmodSync(join(root, 'cache'), 0o500);
  };
  for (const run of ['run1', 'run2']) {
    const left = await workspace.open({ run, tree: 'left', commit });
    const right = await workspace.open({ run, tree: 'right', commit });
    expect(Object.keys(files(left.root))).toEqual(['a.txt', 'src', 'src/b.txt']);
    makeReadOnly(left.root);
    makeReadOnly(right.root);
    await workspace.retire(run);
    expect(registered()).toBe(1);
  }
});

test('keeps a few checkouts and removes the rest', async () => {
  const workspace = repository.workspace({ maxFreeCheckouts: 2 });
  const names = ['a', 'b', 'c', 'd'];
  const trees = await Promise.all(
    names.map((tree) => workspace.open({ run: 'run1', tree, commit })),
  );
  expect(new Set(trees.map(({ root }) => root)).size).toBe(4);
  expect(registered()).toBe(4);
  await workspace.retire('run1');
  expect(registered()).toBe(2);
  expect(leases().every((name) => name.endsWith('.free'))).toBe(true);
  await repository.workspace({ maxFreeCheckouts: 0 }).open({ run: 'run2', tree: '', commit });
  expect(registered()).toBe(2);
});

test('keeps no more checkouts than their files together may be', async () => {
  const workspace = repository.workspace({ maxFreeFiles: 5 });
  const names = ['a', 'b', 'c', 'd'];
  await Promise.all(names.map((tree) => workspace.open({ run: 'run1', tree, commit })));
  await workspace.retire('run1');
  expect(registered()).toBe(2);
  expect(leases()).toHaveLength(2);
});

test.each<[string, (root: string) => void]>([
  ['index.lock', (root) => writeFileSync(join(root, '../git/index.lock'), '')],
  ['a torn index', (root) => writeFileSync(join(root, '../git/index'), 'DIRC torn')],
  ['no index', (root) => rmSync(join(root, '../git/index'))],
  ['no files', (root) => rmSync(root, { recursive: true })],
  ['no slot at all', (root) => rmSync(dirname(root), { recursive: true })],
  ['half of the files', (root) => rmSync(join(root, 'src'), { recursive: true })],
  ['no .git file', (root) => rmSync(join(root, '.git'))],
  [
    'a file in place of the root',
    (root) => {
      rmSync(root, { recursive: true });
      writeFileSync(root, '');
    },
  ],
  ['no admin folder', () => rmSync(join(repository.root, '.git/worktrees'), { recursive: true })],
  [
    'locks of the leaf’s git',
    (root) => {
      const admin = join(
        repository.root,
        '.git/worktrees',
        `whaleflow-${dirname(root).split('/').at(-1)}`,
      );
      writeFileSync(join(admin, 'index.lock'), '');
      writeFileSync(join(admin, 'HEAD.lock'), '');
      writeFileSync(join(admin, 'MERGE_HEAD'), 'x');
    },
  ],
])('repairs or replaces a checkout with %s', async (_, damage) => {
  const workspace = repository.workspace();
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  const sound = files(tree.root);
  damage(tree.root);
  await tree.release();
  const again = await workspace.open({ run: 'run1', tree: '', commit });
  expect(files(again.root)).toEqual(sound);
  damage(again.root);
  await workspace.retire('run1');
  const other = await workspace.open({ run: 'run2', tree: '', commit });
  expect(files(other.root)).toEqual(sound);
  expect(repository.git('-C', other.root, 'status', '--porcelain')).toBe('');
  writeFileSync(join(other.root, 'new'), 'new');
  const capture = await workspace.capture(other, { name: 'leaf#1' });
  expect(capture.files).toEqual([{ path: 'new', change: 'A' }]);
});

/** Another process that opens trees and then waits for its end. */
async function startHolder(count: number): Promise<{ roots: readonly string[] }> {
  const program = `
    import { randomBytes } from 'node:crypto';
    import { gitWorkspace } from '${new URL('./git-workspace.ts', import.meta.url)}';
    const workspace = gitWorkspace({
      repositoryRoot: ${JSON.stringify(repository.root)},
      cacheFolder: ${JSON.stringify(repository.cacheFolder)},
      chance: { bytes: (count) => randomBytes(count) },
    });
    const open = (tree) => workspace.open({ run: 'held', tree, commit: '${commit}' });
    const trees = await Promise.all(Array.from({ length: ${count} }, (_, index) => open('t' + index)));
    console.log(JSON.stringify(trees.map(({ root }) => root)));
    setInterval(() => {}, 1000);
  `;
  child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(child.stdout as NodeJS.ReadableStream, 'data');
  return { roots: JSON.parse(String(line)) };
}

test('two processes never hold one checkout', async () => {
  const workspace = repository.workspace();
  const names = ['a', 'b', 'c'];
  await Promise.all(names.map((tree) => workspace.open({ run: 'run1', tree, commit })));
  await workspace.retire('run1');
  const [holder, mine] = await Promise.all([
    startHolder(3),
    Promise.all(names.map((tree) => workspace.open({ run: 'run2', tree, commit }))),
  ]);
  const roots = [...holder.roots, ...mine.map(({ root }) => root)];
  expect(new Set(roots).size).toBe(6);
});

test('the checkouts of a killed process are removed when the next run ends', async () => {
  const { roots } = await startHolder(2);
  const workspace = repository.workspace();
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  expect(roots).not.toContain(tree.root);
  await workspace.retire('run1');
  expect(registered()).toBe(3);
  const ended = once(child as ChildProcess, 'exit');
  child?.kill('SIGKILL');
  await ended;
  await workspace.open({ run: 'run2', tree: '', commit });
  await workspace.retire('run2');
  expect(registered()).toBe(1);
  expect(leases()).toHaveLength(1);
});

test('what killed processes left of passing work goes after a day', async () => {
  const workspace = repository.workspace();
  await workspace.open({ run: 'run1', tree: '', commit });
  const passing = join(pool(), 'tmp');
  for (const name of ['old', 'young']) mkdirSync(join(passing, name, 'refs'), { recursive: true });
  utimesSync(join(passing, 'old'), 0, 0);
  await workspace.retire('run1');
  expect(readdirSync(passing)).toEqual(['young']);
});

test('a capture after retire is our own fault', async () => {
  const workspace = repository.workspace();
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  await workspace.retire('run1');
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    code: 'WF9001',
  });
});

test('a pipe that a leaf left is not there for the next run', async () => {
  const workspace = repository.workspace();
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  execFileSync('mkfifo', [join(tree.root, 'src', 'pipe')]);
  await workspace.retire('run1');
  const again = await workspace.open({ run: 'run2', tree: '', commit });
  expect(again.root).toBe(tree.root);
  expect(readdirSync(join(again.root, 'src'))).toEqual(['b.txt']);
});
