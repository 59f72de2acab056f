/**
 * Programs that a repository names must not run. Each attack is held against plain git as well: a canary that
 * doesn't sing for plain git proves nothing.
 */
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'one\n', 'b.bin': 'two\n' });
});
afterEach(() => repository.dispose());

const song = () => join(repository.folder, 'canary-sang');

/** A program that sings and then does as asked: passes its input on. */
function canary(name = 'canary'): string {
  const path = join(repository.folder, name);
  writeFileSync(path, `#!/bin/sh\necho ${name} >> '${song()}'\n[ -t 0 ] || cat\n`);
  chmodSync(path, 0o755);
  return path;
}

function plainGit(cwd: string, ...args: string[]): void {
  try {
    execFileSync('git', ['-c', 'user.name=U', '-c', 'user.email=u@localhost', ...args], {
      cwd,
      env: { PATH: process.env['PATH'], HOME: repository.folder },
      stdio: ['ignore', 'ignore', 'ignore'],
    });
  } catch {
    // Only the canary counts.
  }
}

/** All that a run does, once through. */
async function useEverything(): Promise<string> {
  const workspace = repository.workspace();
  repository.write('a.txt', 'uncommitted\n');
  repository.write('new.bin', 'new\n');
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: 'x', commit });
  writeFileSync(join(tree.root, 'a.txt'), 'left\n');
  const left = await workspace.capture(tree, { name: 'left' });
  await tree.release();
  await workspace.open({ run: 'run1', tree: 'x', commit }).then(async (again) => {
    writeFileSync(join(again.root, 'a.txt'), 'right\n');
    const right = await workspace.capture(again, { name: 'right', scope: ['a.txt'] });
    const sources = [
      { name: 'left', commit: left.commit },
      { name: 'right', commit: right.commit },
    ];
    await workspace.merge({ run: 'run1', into: commit, base: commit, sources, name: 'join' });
    await workspace.diff(commit, right.commit);
  });
  await workspace.retire('run1');
  return tree.root;
}

interface Attack {
  readonly name: string;
  readonly prepare: () => void;
  /** What a user types that makes plain git run the canary. */
  readonly control: () => void;
}

const config = (key: string, value: string) => repository.git('config', key, value);

const attacks: readonly Attack[] = [
  {
    name: 'hooks in the tree (husky)',
    prepare() {
      for (const hook of [
        'pre-commit',
        'post-checkout',
        'reference-transaction',
        'post-index-change',
      ]) {
        const path = join(repository.root, '.husky/_', hook);
        repository.write(`.husky/_/${hook}`, `#!/bin/sh\necho ${hook} >> '${song()}'\n`);
        chmodSync(path, 0o755);
      }
      config('core.hooksPath', '.husky/_');
    },
    control: () => plainGit(repository.root, 'commit', '--allow-empty', '-m', 'x'),
  },
  {
    name: 'clean and smudge filter of any name',
    prepare() {
      config('filter.any.clean', canary());
      config('filter.any.smudge', canary());
      config('filter.any.required', 'true');
      repository.write('.gitattributes', '* filter=any\n');
    },
    control: () => plainGit(repository.root, 'add', '-A'),
  },
  {
    name: 'filter by a macro in info/attributes',
    prepare() {
      config('filter.any.clean', canary());
      writeFileSync(
        join(repository.root, '.git/info/attributes'),
        '[attr]sing filter=any\n* sing\n',
      );
    },
    control: () => plainGit(repository.root, 'add', '-A'),
  },
  {
    name: 'lfs filter process',
    prepare() {
      config('filter.lfs.process', canary());
      config('filter.lfs.clean', canary());
      config('filter.lfs.required', 'true');
      repository.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    },
    control: () => plainGit(repository.root, 'add', '-A'),
  },
  {
    name: 'fsmonitor',
    prepare: () => config('core.fsmonitor', canary()),
    control: () => plainGit(repository.root, 'status'),
  },
  {
    name: 'fsmonitor through an included file',
    prepare() {
      const path = join(repository.folder, 'included');
      writeFileSync(path, `[core]\n\tfsmonitor = ${canary()}\n`);
      config('include.path', path);
    },
    control: () => plainGit(repository.root, 'status'),
  },
  {
    name: 'signing program',
    prepare() {
      config('gpg.program', canary());
      config('commit.gpgSign', 'true');
    },
    control: () => plainGit(repository.root, 'commit', '--allow-empty', '-m', 'x'),
  },
  {
    name: 'external diff and textconv',
    prepare() {
      config('diff.external', canary());
      config('diff.any.textconv', canary());
      repository.write('.gitattributes', '* diff=any\n');
    },
    control: () => plainGit(repository.root, 'diff', 'HEAD'),
  },
  {
    name: 'merge driver',
    prepare() {
      config('merge.any.driver', `${canary()} %A`);
      writeFileSync(join(repository.root, '.git/info/attributes'), '* merge=any\n');
    },
    control: mergeControl,
  },
];

test.each(attacks)('does not run: $name', async ({ prepare, control }) => {
  prepare();
  await useEverything();
  expect(existsSync(song())).toBe(false);
  control();
  expect(existsSync(song())).toBe(true);
});

/** Two branches that both change one file, merged by plain git. */
function mergeControl(): void {
  const { root, git } = repository;
  git('stash', '--include-untracked');
  for (const branch of ['left', 'right']) {
    git('checkout', '-qb', branch, 'main');
    repository.write('a.txt', `${branch}\n`);
    git('commit', '-qam', branch);
  }
  plainGit(root, 'merge', 'left');
}

async function openTree() {
  const workspace = repository.workspace();
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  return { workspace, tree, commit };
}

/** A repository made by a leaf, which sings on `git status`. */
function plantRepository(folder: string): void {
  mkdirSync(folder, { recursive: true });
  plainGit(folder, 'init', '-q');
  writeFileSync(join(folder, 'inner.txt'), 'inner\n');
  plainGit(folder, 'add', '-A');
  plainGit(folder, 'commit', '-qm', 'inner');
  plainGit(folder, 'config', 'core.fsmonitor', canary());
}

test('an embedded repository is refused and its fsmonitor not run', async () => {
  const { workspace, tree } = await openTree();
  plantRepository(join(tree.root, 'vendor/nested'));
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    code: 'WF6003',
    message: 'the change holds a repository inside of the repository: vendor/nested',
  });
  expect(existsSync(song())).toBe(false);
  plainGit(join(tree.root, 'vendor/nested'), 'status');
  expect(existsSync(song())).toBe(true);
});

test('a repository planted where a submodule belongs is refused and not run', async () => {
  const { root, git } = repository;
  const head = git('rev-parse', 'HEAD');
  git('update-index', '--add', '--cacheinfo', `160000,${head},lib`);
  git('commit', '-qm', 'submodule');
  mkdirSync(join(root, 'lib'));
  const { workspace, tree, commit } = await openTree();
  plantRepository(join(tree.root, 'lib'));
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    message: 'the change holds a repository inside of the repository: lib/.git',
  });
  await tree.release();
  const again = await workspace.open({ run: 'run1', tree: '', commit });
  expect(existsSync(join(again.root, 'lib/inner.txt'))).toBe(false);
  expect(existsSync(song())).toBe(false);
  plantRepository(join(again.root, 'lib'));
  plainGit(again.root, 'status');
  expect(existsSync(song())).toBe(true);
});

test('a root .git that a leaf has replaced is not used and is put right', async () => {
  const { workspace, tree, commit } = await openTree();
  rmSync(join(tree.root, '.git'));
  plantRepository(tree.root);
  plainGit(tree.root, 'status');
  expect(existsSync(song())).toBe(true);
  rmSync(song());
  const capture = await workspace.capture(tree, { name: 'leaf#1' });
  expect(capture.files.map(({ path }) => path)).toEqual(['inner.txt']);
  plainGit(tree.root, 'status');
  await tree.release();
  await workspace.open({ run: 'run1', tree: '', commit });
  expect(existsSync(song())).toBe(false);
});

test.each(['src/.git', 'a/b/.GIT', 'src/.git ', 'src/git~1', 'src/.g\u200cit'])(
  'refuses %j',
  async (path) => {
    const { workspace, tree } = await openTree();
    mkdirSync(join(tree.root, path, 'hooks'), { recursive: true });
    writeFileSync(join(tree.root, path, 'hooks/post-checkout'), 'x');
    await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
      code: 'WF6003',
    });
  },
);

test('a .git in a tracked folder does not stay in the pool', async () => {
  repository.write('src/x.txt', 'x\n');
  const { workspace, tree, commit } = await openTree();
  plantRepository(join(tree.root, 'src'));
  await workspace.retire('run1');
  const again = await workspace.open({ run: 'run2', tree: '', commit });
  expect(again.root).toBe(tree.root);
  expect(existsSync(join(again.root, 'src/.git'))).toBe(false);
});

test.each([
  ['.gitmodules as a symlink', '.gitmodules', 'a.txt'],
  ['an absolute symlink', 'link', '/etc/passwd'],
  ['a symlink above the root', 'src/link', '../../x'],
  ['a symlink into .git', 'link', '.git/config'],
  ['a symlink to itself', 'link', 'link'],
])('refuses %s', async (_, path, target) => {
  repository.write('src/x.txt', 'x\n');
  const { workspace, tree } = await openTree();
  symlinkSync(target, join(tree.root, path));
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    code: 'WF6003',
  });
});

test('refuses a symlink that leaves the tree by way of another', async () => {
  repository.write('a/b/c/x.txt', 'x\n');
  const { workspace, tree } = await openTree();
  symlinkSync('../..', join(tree.root, 'a/b/c/up'));
  symlinkSync('up/../../x', join(tree.root, 'a/b/c/out'));
  await expect(workspace.capture(tree, { name: 'leaf#1' })).rejects.toMatchObject({
    message: 'the change holds a symlink that leaves the tree: a/b/c/out',
  });
});

test('takes symlinks that stay inside, also to nothing', async () => {
  repository.write('src/x.txt', 'x\n');
  const { workspace, tree } = await openTree();
  symlinkSync('../a.txt', join(tree.root, 'src/up'));
  symlinkSync('not/there', join(tree.root, 'dangling'));
  const { files } = await workspace.capture(tree, { name: 'leaf#1' });
  expect(files.map(({ path }) => path)).toEqual(['dangling', 'src/up']);
});

test('a fetch url of a submodule is never used', async () => {
  const { workspace, tree } = await openTree();
  const url = `ext::sh -c "echo url >> ${song()}"`;
  writeFileSync(join(tree.root, '.gitmodules'), `[submodule "m"]\n\tpath = m\n\turl = ${url}\n`);
  const { commit } = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.open({ run: 'run1', tree: 'other', commit });
  expect(existsSync(song())).toBe(false);
});

test('a change that keeps size and time is found', async () => {
  const { workspace, tree } = await openTree();
  const old = new Date('2020-01-01');
  utimesSync(join(tree.root, 'a.txt'), old, old);
  await workspace.capture(tree, { name: 'leaf#1' });
  writeFileSync(join(tree.root, 'a.txt'), 'eno\n');
  utimesSync(join(tree.root, 'a.txt'), old, old);
  const { files } = await workspace.capture(tree, { name: 'leaf#2' });
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
});
