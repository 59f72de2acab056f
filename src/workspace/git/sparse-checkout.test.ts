/** A user whose checkout is sparse: trees are whole, and what comes back reaches what is left out too. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usersTree } from '../../../test/process/users-tree.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock } from '../../system/node/node-clock.ts';
import type { Applied, ApplyRequest, Change, UserTree } from '../user-tree.ts';
import { gitUserTree } from './git-user-tree.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let userTree: UserTree;
let before = '';
beforeEach(async () => {
  repository = await makeTestRepository({ 'in/a': 'a\n', 'out/b': 'b\n', 'out/deep/c': 'c\n' });
  const { root, cacheFolder, folder, git } = repository;
  git('config', 'user.name', 'U');
  git('config', 'user.email', 'u@localhost');
  git('sparse-checkout', 'set', '--cone', 'in');
  userTree = gitUserTree({
    repositoryRoot: root,
    cacheFolder,
    chance: nodeChance,
    clock: nodeClock,
    journalFolder: join(folder, 'applies'),
    variables: { PATH: process.env['PATH'], HOME: join(folder, 'home') },
  });
  before = usersTree(root);
});
afterEach(() => repository.dispose());

async function changed(work: (at: string) => void): Promise<Change> {
  const workspace = repository.workspace();
  const { commit, uncommitted } = await workspace.base({ run: 'run1' });
  expect(uncommitted).toBe(0);
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  expect(readFileSync(join(tree.root, 'out/deep/c'), 'utf8')).toBe('c\n');
  work(tree.root);
  const { commit: to } = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.retire('run1');
  expect(usersTree(repository.root)).toBe(before);
  return { from: commit, to };
}

const apply = (change: Change, parts: Partial<ApplyRequest> = {}): Promise<Applied> =>
  userTree.apply({ change, how: 'exact', run: 'run1', ...parts });
const edit = (at: string): void => {
  writeFileSync(join(at, 'in/a'), 'A\n');
  writeFileSync(join(at, 'out/b'), 'B\n');
  writeFileSync(join(at, 'out/new'), 'new\n');
};
const text = (path: string): string => readFileSync(join(repository.root, path), 'utf8');

test('a change of what is left out is written, and undone exactly', async () => {
  const applied = await apply(await changed(edit));
  expect(applied.conflicts).toEqual([]);
  expect(['in/a', 'out/b', 'out/new'].map(text)).toEqual(['A\n', 'B\n', 'new\n']);
  expect(existsSync(join(repository.root, 'out/deep'))).toBe(false);
  expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
  expect(usersTree(repository.root)).toBe(before);
});

test('with a commit it is in the commit, with what is left out beside it, and goes exactly', async () => {
  const applied = await apply(await changed(edit), { commit: { message: 'mine' } });
  const { git } = repository;
  expect(git('show', '--format=%s', '--name-status', 'HEAD')).toBe(
    'mine\n\nM\tin/a\nM\tout/b\nA\tout/new',
  );
  expect(git('--no-optional-locks', 'status', '--porcelain')).toBe('');
  expect(git('cat-file', '-e', 'HEAD:out/deep/c')).toBe('');
  expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
  expect(git('--no-optional-locks', 'status', '--porcelain')).toBe('');
  expect(existsSync(join(repository.root, 'out'))).toBe(false);
});

test('a file that is left out cannot be deleted without a trace: that is a conflict', async () => {
  const change = await changed((at) => rmSync(join(at, 'out/b')));
  expect(await apply(change)).toMatchObject({ files: [], conflicts: ['out/b'] });
  expect(await apply(change, { how: 'threeWay' })).toMatchObject({ conflicts: ['out/b'] });
  expect(usersTree(repository.root)).toBe(before);
});

test('what the user has changed out there all the same is theirs', async () => {
  const change = await changed(edit);
  repository.write('out/b', 'mine\n');
  const dirty = usersTree(repository.root);
  expect(await apply(change)).toMatchObject({ files: [], conflicts: ['out/b'] });
  expect(usersTree(repository.root)).toBe(dirty);
});

test('what is gone though it is not left out was deleted', async () => {
  const change = await changed(edit);
  rmSync(join(repository.root, 'in/a'));
  expect(await apply(change)).toMatchObject({ conflicts: ['in/a'] });
});
