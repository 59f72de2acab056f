/** What the suite of workspaces leaves open: how git keeps files in the middle of a leaf. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree, Workspace } from '../workspace.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let workspace: Workspace;
let base = '';
let tree: Tree;
beforeEach(async () => {
  const files = { 'a.txt': 'one\n', 'b.txt': 'two\n', '.gitignore': 'out/\n' };
  repository = await makeTestRepository(files);
  workspace = repository.workspace();
  base = (await workspace.base({ run: 'run1' })).commit;
  tree = await workspace.open({ run: 'run1', tree: '', commit: base });
});
afterEach(() => repository.dispose());

const write = (path: string, text: string): void => writeFileSync(join(tree.root, path), text);
const keep = (paths?: readonly string[]) =>
  workspace.keep(tree, { name: 'leaf#1 kept', ...(paths === undefined ? {} : { paths }) });
const git = (...words: string[]): string =>
  execFileSync('git', words, { cwd: repository.root, encoding: 'utf8' }).trim();

test('where it is said what may have changed, nothing else is looked at', async () => {
  write('a.txt', '1\n');
  write('b.txt', '2\n');
  const { commit } = await keep(['a.txt']);
  expect(await workspace.changes(base, commit)).toEqual([{ path: 'a.txt', change: 'M' }]);
});

test('a change of the same length in the second of the checkout is seen', async () => {
  for (const text of ['eno\n', 'neo\n', 'one\n']) {
    write('a.txt', text);
    const { commit } = await keep();
    const changes = await workspace.changes(base, commit);
    expect(changes).toEqual(text === 'one\n' ? [] : [{ path: 'a.txt', change: 'M' }]);
  }
});

test('one ref keeps all that was kept, each the parent of the next, ignored files aside', async () => {
  write('a.txt', '1\n');
  const first = await keep();
  mkdirSync(join(tree.root, 'out'));
  write('out/built.txt', 'built\n');
  expect(await keep()).toEqual(first);
  write('a.txt', '2\n');
  const second = await keep();
  expect(git('rev-parse', `${second.commit}^`)).toBe(first.commit);
  expect(git('rev-parse', `${first.commit}^`)).toBe(base);
  const refs = git('for-each-ref', '--format=%(objectname)', 'refs/whaleflow/run1').split('\n');
  expect(refs).toContain(second.commit);
  // The tree stands where it stood: a capture finds all of it.
  const capture = await workspace.capture(tree, { name: 'leaf#1' });
  expect(capture.files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(git('rev-parse', `${capture.commit}^`)).toBe(base);
});

test.each([
  ['a repository', () => git('init', '--quiet', join(tree.root, 'inner')), 'a repository inside'],
  ['a link out of it', () => symlinkSync('/etc/passwd', join(tree.root, 'out.txt')), 'a symlink'],
])('%s cannot be kept, and goes on being refused until it is gone', async (_name, make, why) => {
  make();
  await expect(keep()).rejects.toThrow(why);
  await expect(keep()).rejects.toThrow(why);
});

test('links, modes and files that were replaced by folders come back as they were', async () => {
  symlinkSync('b.txt', join(tree.root, 'link'));
  execFileSync('chmod', ['+x', join(tree.root, 'b.txt')]);
  execFileSync('rm', [join(tree.root, 'a.txt')]);
  mkdirSync(join(tree.root, 'a.txt'));
  write('a.txt/inner', 'inner\n');
  const { commit } = await keep();
  const listed = listing();
  await workspace.retire('run1');
  tree = await workspace.open({ run: 'run1', tree: '', commit: base });
  await workspace.restore(tree, { from: base, to: commit });
  expect(listing()).toBe(listed);
  expect(readFileSync(join(tree.root, 'link'), 'utf8')).toBe('two\n');
});

const listing = (): string =>
  execFileSync('find', ['.', '-not', '-name', '.git', '-printf', '%P %y %m %l\n'], {
    cwd: tree.root,
    encoding: 'utf8',
  })
    .split('\n')
    .sort()
    .join('\n');
