/**
 * Settings, attributes and places of a repository, one after the other: what a tree gets, what is captured,
 * what an apply writes, and that the user finds everything as it was. No hook and no filter runs in any.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { usersTree } from '../../../test/process/users-tree.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock } from '../../system/node/node-clock.ts';
import { gitUserTree } from './git-user-tree.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

const HOOKS = [
  ...['pre-commit', 'commit-msg', 'post-commit', 'post-checkout', 'post-index-change'],
  ...['reference-transaction', 'post-rewrite', 'pre-auto-gc', 'fsmonitor-watchman', 'post-merge'],
];

interface Row {
  readonly name: string;
  readonly prepare: (repository: TestRepository) => void;
  /** Folder in which it is run, below the repository; the root when absent. */
  readonly from?: string;
  /** Another checkout of the repository: its folder and git folder, beside the repository. */
  readonly elsewhere?: { readonly root: string; readonly gitFolder: string };
  /** `a.txt` as a tree has it. */
  readonly inTree?: string;
  /** It as an apply writes it; a conflict where null. */
  readonly applied?: string | null;
  readonly branch?: string | undefined;
}

const plantHooks = (folder: string, canary: string): void => {
  mkdirSync(folder, { recursive: true });
  for (const hook of HOOKS) {
    writeFileSync(join(folder, hook), `#!/bin/sh\ntouch '${canary}'\n`);
    chmodSync(join(folder, hook), 0o755);
  }
};
const canaryOf = ({ folder }: TestRepository): string => join(folder, 'ran');
const config =
  (...pairs: readonly (readonly [string, string])[]) =>
  ({ git }: TestRepository): void => {
    for (const [key, value] of pairs) git('config', key, value);
  };
const committed = (repository: TestRepository, files: Readonly<Record<string, string>>): void => {
  for (const [path, text] of Object.entries(files)) repository.write(path, text);
  repository.git('add', '--all');
  repository.git('commit', '--quiet', '--no-verify', '--message=more');
};

const rows: readonly Row[] = [
  { name: 'hooks in their usual place', prepare: () => {} },
  {
    name: 'core.hooksPath in the tree',
    prepare(repository) {
      committed(repository, { '.husky/readme': 'hooks\n' });
      plantHooks(join(repository.root, '.husky'), canaryOf(repository));
      repository.git('config', 'core.hooksPath', '.husky');
    },
  },
  {
    name: 'a config of its own for the worktree',
    prepare(repository) {
      plantHooks(join(repository.folder, 'hooks'), canaryOf(repository));
      repository.git('config', 'extensions.worktreeConfig', 'true');
      repository.git('config', '--worktree', 'core.hooksPath', join(repository.folder, 'hooks'));
    },
  },
  {
    name: 'core.autocrlf = true',
    prepare(repository) {
      repository.git('config', 'core.autocrlf', 'true');
      repository.git('rm', '--quiet', '--cached', 'a.txt');
      repository.write('a.txt', 'one\r\n');
      repository.git('add', 'a.txt');
    },
    inTree: 'one\r\n',
    applied: 'two\r\n',
  },
  { name: 'core.fileMode = false', prepare: config(['core.fileMode', 'false']) },
  { name: 'core.ignoreCase = true', prepare: config(['core.ignoreCase', 'true']) },
  {
    name: 'a watcher of files, an untracked cache, a split index of version 4',
    prepare(repository) {
      config(
        ['core.fsmonitor', `touch '${canaryOf(repository)}'; false`],
        ['core.untrackedCache', 'true'],
        ['index.version', '4'],
      )(repository);
      repository.git('-c', 'core.fsmonitor=false', 'update-index', '--split-index');
    },
  },
  {
    name: 'a clean and smudge filter: what is stored is in the tree, and your file is in the way',
    prepare(repository) {
      committed(repository, { '.gitattributes': 'a.txt filter=loud\n' });
      const say = `touch '${canaryOf(repository)}'; tr a-z A-Z`;
      config(['filter.loud.smudge', say], ['filter.loud.clean', 'tr A-Z a-z'])(repository);
      repository.git('rm', '--quiet', '--cached', 'a.txt');
      repository.git('checkout', '--quiet', 'HEAD', '--', 'a.txt');
      expect(readFileSync(join(repository.root, 'a.txt'), 'utf8')).toBe('ONE\n');
    },
    inTree: 'one\n',
    applied: null,
  },
  {
    name: 'attributes for archives',
    prepare: (repository) =>
      committed(repository, {
        '.gitattributes': 'a.txt export-ignore\nb.txt export-subst\n',
        'b.txt': '$Format:%H$\n',
      }),
  },
  { name: 'a folder of a monorepo', prepare: () => {}, from: 'packages/one' },
  {
    name: 'a detached HEAD',
    prepare: ({ git }) => void git('checkout', '--quiet', '--detach'),
    branch: undefined,
  },
  {
    name: 'a linked worktree',
    prepare: ({ git, folder }) =>
      void git('worktree', 'add', '-q', '-b', 'side', join(folder, 'linked')),
    elsewhere: { root: 'linked', gitFolder: 'repository/.git/worktrees/linked' },
    branch: 'side',
  },
];

let repository: TestRepository;
afterEach(() => repository.dispose());

test.each(rows)('$name', async (row) => {
  repository = await makeTestRepository({ 'a.txt': 'one\n', 'packages/one/c.txt': 'c\n' });
  const { folder, git } = repository;
  plantHooks(join(repository.root, '.git/hooks'), canaryOf(repository));
  row.prepare(repository);
  execFileSync('rm', ['-f', canaryOf(repository)]);

  const root = join(folder, row.elsewhere?.root ?? 'repository');
  const gitFolder = join(folder, row.elsewhere?.gitFolder ?? 'repository/.git');
  const both = () => [usersTree(root, gitFolder), usersTree(repository.root)];
  const before = both();
  const from = join(root, row.from ?? '');
  const workspace = repository.workspace({ repositoryRoot: from });
  const base = await workspace.base({ run: 'run1' });
  expect(base.branch).toBe('branch' in row ? row.branch : 'main');
  const tree = await workspace.open({ run: 'run1', tree: '', commit: base.commit });
  const inTree = row.inTree ?? 'one\n';
  expect(readFileSync(join(tree.root, 'a.txt'), 'utf8')).toBe(inTree);
  writeFileSync(join(tree.root, 'a.txt'), inTree.replace('one', 'two'));
  writeFileSync(join(tree.root, 'packages/one/new.txt'), 'new\n');
  const { commit, files } = await workspace.capture(tree, { name: 'leaf#1' });
  expect(files).toEqual([
    { path: 'a.txt', change: 'M' },
    { path: 'packages/one/new.txt', change: 'A' },
  ]);
  expect(git('show', `${commit}:a.txt`)).toBe('two');
  await workspace.retire('run1');
  expect(both()).toEqual(before);

  const userTree = gitUserTree({
    repositoryRoot: root,
    cacheFolder: repository.cacheFolder,
    chance: nodeChance,
    clock: nodeClock,
    journalFolder: join(folder, 'applies'),
    variables: { PATH: process.env['PATH'], HOME: join(folder, 'home') },
  });
  const change = { from: base.commit, to: commit };
  const applied = await userTree.apply({ change, how: 'exact', run: 'run1' });
  if (row.applied === null) expect(applied).toMatchObject({ files: [], conflicts: ['a.txt'] });
  else {
    const { applied: text = 'two\n' } = row;
    expect(applied.conflicts).toEqual([]);
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe(text);
    expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
  }
  expect(both()).toEqual(before);
  expect(existsSync(canaryOf(repository))).toBe(false);
});

const hasLfs = spawnSync('git', ['lfs', 'version']).status === 0;

test.skipIf(!hasLfs)(
  'git LFS itself: its file is a pointer in a tree, and stays yours',
  async () => {
    repository = await makeTestRepository({ 'a.txt': 'one\n' });
    const { git, write, root } = repository;
    git('lfs', 'install', '--local');
    git('lfs', 'track', '*.bin');
    write('big.bin', 'not really big\n');
    git('add', '--all');
    git('commit', '--quiet', '--message=lfs');
    const before = usersTree(root);
    const workspace = repository.workspace();
    const { commit, uncommitted } = await workspace.base({ run: 'run1' });
    expect(uncommitted).toBe(0);
    const tree = await workspace.open({ run: 'run1', tree: '', commit });
    expect(readFileSync(join(tree.root, 'big.bin'), 'utf8')).toMatch(/^version https:\/\/git-lfs/);
    writeFileSync(join(tree.root, 'a.txt'), 'two\n');
    const { files } = await workspace.capture(tree, { name: 'leaf#1' });
    expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
    await workspace.retire('run1');
    expect(usersTree(root)).toBe(before);
    expect(readFileSync(join(root, 'big.bin'), 'utf8')).toBe('not really big\n');
    write('big.bin', 'changed, and not committed\n');
    const dirty = await workspace.base({ run: 'run2' });
    expect(git('show', `${dirty.commit}:big.bin`)).toBe('changed, and not committed');
  },
);
