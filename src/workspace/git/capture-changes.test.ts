import {
  chmodSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree, Workspace } from '../workspace.ts';
import { fingerprint, makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let workspace: Workspace;
let tree: Tree;
let base: string;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n', 'src/b.txt': 'b\n', 'run.sh': '#!\n' });
  workspace = repository.workspace();
  base = (await workspace.base({ run: 'run1' })).commit;
  tree = await workspace.open({ run: 'run1', tree: '', commit: base });
});
afterEach(() => repository.dispose());

const isDotGit = (path: string) => path === '.git';
const at = (path: string) => join(tree.root, path);

function makeEverything(): void {
  writeFileSync(at('crlf.txt'), 'a\r\nb\n\r\n');
  writeFileSync(at('binary'), Buffer.from(Array.from({ length: 512 }, (_, index) => index % 256)));
  writeFileSync(Buffer.concat([Buffer.from(at('caf')), Buffer.from([0xe9])]), 'not utf-8');
  writeFileSync(at('quo"te \\ \n\x1b[31m'), 'odd');
  writeFileSync(at('n'.repeat(255)), 'long');
  writeFileSync(at('empty'), '');
  chmodSync(at('run.sh'), 0o755);
  rmSync(at('a.txt'));
  symlinkSync('src/b.txt', at('a.txt'));
}

test('takes exact bytes, odd names, modes and symlinks, and gives them back elsewhere', async () => {
  makeEverything();
  const capture = await workspace.capture(tree, { name: 'leaf#1' });
  expect(capture.files).toContainEqual({ path: '"caf\\351"', change: 'A' });
  expect(capture.files).toContainEqual({ path: 'run.sh', change: 'T' });
  expect(capture.files).toContainEqual({ path: 'a.txt', change: 'T' });
  const elsewhere = repository.workspace({ cacheFolder: join(repository.folder, 'other cache') });
  const again = await elsewhere.open({ run: 'run1', tree: '', commit: capture.commit });
  expect(again.root).not.toBe(tree.root);
  expect(fingerprint(again.root, isDotGit)).toEqual(fingerprint(tree.root, isDotGit));
});

test('the patch makes the captured files of the base', async () => {
  makeEverything();
  const { patch, commit } = await workspace.capture(tree, { name: 'leaf#1' });
  const file = join(repository.folder, 'patch');
  writeFileSync(file, patch);
  repository.git('apply', '--index', file);
  expect(repository.git('write-tree')).toBe(repository.git('rev-parse', `${commit}^{tree}`));
});

test('line ends of the user config are converted both ways', async () => {
  repository.git('config', 'core.autocrlf', 'true');
  const windows = repository.workspace();
  const there = await windows.open({ run: 'run2', tree: '', commit: base });
  expect(readFileSync(join(there.root, 'a.txt'), 'utf8')).toBe('one\r\n');
  writeFileSync(join(there.root, 'a.txt'), 'one\r\ntwo\r\n');
  const { patch } = await windows.capture(there, { name: 'leaf#1' });
  expect(Buffer.from(patch).toString()).toContain('\n+two\n');
});

test('the leaf finds its own git at the captured commit', async () => {
  writeFileSync(at('a.txt'), 'two\n');
  const { commit } = await workspace.capture(tree, { name: 'leaf#1' });
  const git = (...args: string[]) => repository.git('-C', tree.root, ...args);
  expect(git('rev-parse', 'HEAD')).toBe(commit);
  expect(git('status', '--porcelain')).toBe('');
  expect(git('rev-parse', '--show-toplevel')).toBe(tree.root);
  writeFileSync(at('a.txt'), 'three\n');
  git('checkout', '-qb', 'by-the-leaf');
  git('commit', '-qam', 'by the leaf');
  git('worktree', 'prune');
  const { files } = await workspace.capture(tree, { name: 'leaf#2' });
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(git('rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
});

test('commits are kept under hashed names', async () => {
  writeFileSync(at('a.txt'), 'two\n');
  const { commit } = await workspace.capture(tree, { name: 'fix[2]/test#1' });
  const refs = repository.git(
    'for-each-ref',
    '--format=%(objectname) %(refname)',
    'refs/whaleflow',
  );
  expect(refs.split('\n')).toHaveLength(2);
  expect(refs).toMatch(new RegExp(`^${commit} refs/whaleflow/run1/[0-9a-f]{16}$`, 'm'));
});

test('ignored files are not captured and stay for the next leaf of the tree', async () => {
  writeFileSync(at('.gitignore'), 'node_modules/\n');
  mkdirSync(at('node_modules/pkg/.git'), { recursive: true });
  writeFileSync(at('node_modules/pkg/index.js'), 'x');
  const { files, commit } = await workspace.capture(tree, { name: 'leaf#1' });
  expect(files).toEqual([{ path: '.gitignore', change: 'A' }]);
  await tree.release();
  await workspace.open({ run: 'run1', tree: '', commit });
  expect(readFileSync(at('node_modules/pkg/index.js'), 'utf8')).toBe('x');
  await workspace.retire('run1');
  const other = await workspace.open({ run: 'run2', tree: '', commit });
  expect(other.root).toBe(tree.root);
  expect(() => readFileSync(at('node_modules/pkg/index.js'))).toThrow();
});

test('everything out of scope is put back: files, modes, folders, links', async () => {
  const before = fingerprint(tree.root, isDotGit);
  rmSync(at('src'), { recursive: true });
  symlinkSync('/etc', at('src'));
  chmodSync(at('run.sh'), 0o755);
  rmSync(at('a.txt'));
  mkdirSync(at('a.txt/deep'), { recursive: true });
  writeFileSync(at('a.txt/deep/x'), 'x');
  mkdirSync(at('nested/.git/refs'), { recursive: true });
  mkdirSync(at('nested/.git/objects'));
  writeFileSync(at('nested/.git/HEAD'), 'ref: refs/heads/main\n');
  const capture = await workspace.capture(tree, { name: 'leaf#1', scope: ['docs/**'] });
  expect(capture.commit).toBe(base);
  expect(capture.outOfScope).toEqual(
    expect.arrayContaining(['a.txt', 'a.txt/deep/x', 'run.sh', 'src', 'src/b.txt']),
  );
  expect(fingerprint(tree.root, isDotGit)).toEqual(before);
});

test('a file in scope that pushes out a folder out of scope is refused, and the next capture is sound', async () => {
  rmSync(at('src'), { recursive: true });
  writeFileSync(at('src'), 'a file now');
  await expect(workspace.capture(tree, { name: 'leaf#1', scope: ['sr?'] })).rejects.toMatchObject({
    code: 'WF6003',
  });
  const { files } = await workspace.capture(tree, { name: 'leaf#2' });
  expect(files.map(({ path }) => path)).toEqual(['src', 'src/b.txt']);
});

test('a hard link is refused', async () => {
  const secret = join(repository.folder, 'secret');
  writeFileSync(secret, 'secret');
  linkSync(secret, at('mine'));
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    code: 'WF6003',
    message: expect.stringContaining('hard link'),
  });
});

test('an aborted capture loses nothing', async () => {
  writeFileSync(at('a.txt'), 'two\n');
  for (const delayMs of [0, 2, 5, 10, 15, 20]) {
    const signal = AbortSignal.timeout(delayMs);
    await workspace.capture(tree, { name: 'leaf#1' }, signal).catch(() => {});
  }
  const { commit } = await workspace.capture(tree, { name: 'leaf#1' });
  expect(repository.git('show', `${commit}:a.txt`)).toBe('two');
});

test('submodules are left as they are', async () => {
  const head = repository.git('rev-parse', 'HEAD');
  repository.git('update-index', '--add', '--cacheinfo', `160000,${head},lib`);
  repository.git('commit', '-qm', 'submodule');
  mkdirSync(join(repository.root, 'lib'));
  const { commit } = await workspace.base({ run: 'run2' });
  const there = await workspace.open({ run: 'run2', tree: '', commit });
  writeFileSync(join(there.root, 'a.txt'), 'two\n');
  const { files } = await workspace.capture(there, { name: 'leaf#1' });
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
});
