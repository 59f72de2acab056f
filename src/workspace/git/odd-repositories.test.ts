/** What becomes of trees in repositories that are not plain; `docs/guide/trees.md` says the same in words. */
import { execFileSync } from 'node:child_process';
import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usersTree } from '../../../test/process/users-tree.ts';
import type { Tree, Workspace } from '../workspace.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let before = '';
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n', 'src/b.txt': 'b\n' });
});
afterEach(() => repository.dispose());

interface Opened {
  readonly workspace: Workspace;
  readonly tree: Tree;
  readonly head: string;
  readonly branch: string | undefined;
}

/** Opens a tree at the base; from here on nothing of the user's may change. */
async function open(root = repository.root): Promise<Opened> {
  before = usersTree(repository.root);
  const workspace = repository.workspace({ repositoryRoot: root });
  const { commit, head, branch } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  return { workspace, tree, head, branch };
}

async function capture({ workspace, tree }: Opened) {
  const captured = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.retire('run1');
  expect(usersTree(repository.root)).toBe(before);
  return captured;
}

const text = ({ tree }: Opened, path: string) => readFileSync(join(tree.root, path), 'utf8');

test('a detached HEAD is a base without a branch', async () => {
  repository.git('checkout', '--quiet', '--detach');
  const opened = await open();
  expect([opened.branch, text(opened, 'a.txt')]).toEqual([undefined, 'one\n']);
  await capture(opened);
});

test('a rebase that stopped at a conflict is taken as it stands, and goes on afterwards', async () => {
  const { git, write } = repository;
  git('checkout', '--quiet', '-b', 'side');
  write('a.txt', 'side\n');
  git('commit', '--quiet', '--all', '--message=side');
  git('checkout', '--quiet', 'main');
  write('a.txt', 'main\n');
  git('commit', '--quiet', '--all', '--message=main');
  expect(() => git('rebase', 'side')).toThrow();
  const opened = await open();
  expect(opened.branch).toBeUndefined();
  expect(text(opened, 'a.txt')).toContain('<<<<<<<');
  expect(readdirSync(join(repository.root, '.git/rebase-merge'))).not.toEqual([]);
  await capture(opened);
  git('rebase', '--abort');
  expect(git('log', '-1', '--format=%s')).toBe('main');
});

test('a shallow clone has trees of what it has', async () => {
  repository.write('a.txt', 'two\n');
  repository.git('commit', '--quiet', '--all', '--message=second');
  const clone = join(repository.folder, 'shallow');
  repository.git('clone', '--quiet', '--depth=1', `file://${repository.root}`, clone);
  const opened = await open(clone);
  writeFileSync(join(opened.tree.root, 'a.txt'), 'three\n');
  const { files, patch } = await capture(opened);
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(Buffer.from(patch).toString()).toContain('-two\n+three');
});

test('a submodule is an empty folder in a tree, and stays at its commit in the patch', async () => {
  const inner = join(repository.folder, 'inner');
  mkdirSync(inner);
  const git = (...words: string[]) => repository.git('-C', inner, ...words);
  git('init', '--quiet');
  writeFileSync(join(inner, 'x'), 'x');
  git('add', '.');
  git('commit', '--quiet', '--message=inner');
  const allow = ['-c', 'protocol.file.allow=always'];
  repository.git(...allow, 'submodule', '--quiet', 'add', inner, 'libs/inner');
  repository.git('commit', '--quiet', '--message=submodule');
  const opened = await open();
  expect(readdirSync(join(opened.tree.root, 'libs/inner'))).toEqual([]);
  writeFileSync(join(opened.tree.root, 'a.txt'), 'two\n');
  const { files, commit } = await capture(opened);
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(repository.git('ls-tree', commit, 'libs/inner')).toContain('160000 commit');
});

test('executable bits are taken, unless the repository says that they mean nothing', async () => {
  const opened = await open();
  chmodSync(join(opened.tree.root, 'a.txt'), 0o755);
  const { commit, files } = await capture(opened);
  expect(files).toEqual([{ path: 'a.txt', change: 'T' }]);
  const other = await repository.workspace().open({ run: 'run2', tree: '', commit });
  expect(lstatSync(join(other.root, 'a.txt')).mode & 0o111).not.toBe(0);
  repository.git('config', 'core.filemode', 'false');
  const blind = await open();
  chmodSync(join(blind.tree.root, 'a.txt'), 0o755);
  expect((await capture(blind)).files).toEqual([]);
});

test('where links mean nothing, they are files that hold where they lead', async () => {
  execFileSync('ln', ['-s', 'a.txt', join(repository.root, 'link')]);
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '--message=link');
  repository.git('config', 'core.symlinks', 'false');
  const opened = await open();
  expect(lstatSync(join(opened.tree.root, 'link')).isSymbolicLink()).toBe(false);
  expect(text(opened, 'link')).toBe('a.txt');
});

const POINTER =
  'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n';

test('a file of git LFS is its pointer in a tree, its filter never runs, and nothing of it is in the patch', async () => {
  repository.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
  repository.write('big.bin', POINTER);
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '--message=lfs');
  for (const filter of ['clean', 'smudge', 'process']) {
    repository.git('config', `filter.lfs.${filter}`, `touch ${repository.folder}/ran`);
  }
  const opened = await open();
  expect(text(opened, 'big.bin')).toBe(POINTER);
  writeFileSync(join(opened.tree.root, 'a.txt'), 'two\n');
  expect((await capture(opened)).files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(readdirSync(repository.folder)).not.toContain('ran');
});
