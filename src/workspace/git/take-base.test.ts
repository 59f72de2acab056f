import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { fingerprint, makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository | undefined;
afterEach(async () => {
  await repository?.dispose();
  repository = undefined;
});

async function make(files: Readonly<Record<string, string>> = { 'a.txt': 'one\n' }) {
  repository = await makeTestRepository(files);
  return repository;
}

test('a folder without a repository is WF6001', async () => {
  const { root, workspace } = await make();
  rmSync(join(root, '.git'), { recursive: true });
  await expect(workspace().base({ run: 'run1' })).rejects.toMatchObject({ code: 'WF6001' });
});

test('a repository without a commit is WF6002', async () => {
  const { workspace } = await make({});
  await expect(workspace().base({ run: 'run1' })).rejects.toMatchObject({ code: 'WF6002' });
});

test('a clean repository is its own base, pinned by a ref', async () => {
  const { workspace, git } = await make();
  const head = git('rev-parse', 'HEAD');
  expect(await workspace().base({ run: 'run1' })).toEqual({
    commit: head,
    head,
    branch: 'main',
    uncommitted: 0,
  });
  expect(git('rev-parse', 'refs/whaleflow/run1/base')).toBe(head);
});

test('with a ref uncommitted work stays out', async () => {
  const { workspace, git, write } = await make();
  const first = git('rev-parse', 'HEAD');
  write('a.txt', 'two\n');
  git('commit', '-qam', 'second');
  git('checkout', '-q', '--detach');
  write('a.txt', 'three\n');
  expect(await workspace().base({ run: 'run1', ref: 'main~1' })).toEqual({
    commit: first,
    head: first,
    uncommitted: 0,
  });
  await expect(workspace().base({ run: 'run1', ref: '--all' })).rejects.toMatchObject({
    code: 'WF6003',
    message: 'no commit "--all"',
  });
});

test('a change as young as the index and of the same size is in the base', async () => {
  const { workspace, git, write, root } = await make();
  write('a.txt', 'two\n');
  git('add', 'a.txt');
  write('a.txt', 'six\n');
  // Only from the next second on does a copy of the index look younger than the file.
  const second = () => {
    writeFileSync(join(root, '.git/now'), '');
    return Math.floor(statSync(join(root, '.git/now')).mtimeMs / 1000);
  };
  for (const start = second(); second() === start; ) await setTimeout(20);
  const { commit } = await workspace().base({ run: 'run1' });
  expect(git('show', `${commit}:a.txt`)).toBe('six');
});

test('ignored files stay out, by rules of the tree, the repository and the user', async () => {
  const { workspace, git, write, root, folder } = await make();
  write('.gitignore', '*.log\n');
  writeFileSync(join(root, '.git/info/exclude'), 'private/\n');
  mkdirSync(join(folder, 'home/.config/git'), { recursive: true });
  writeFileSync(join(folder, 'home/.config/git/ignore'), '.env\n');
  for (const path of ['x.log', 'private/x', '.env', 'kept']) write(path, 'x');
  const { commit, uncommitted } = await workspace().base({ run: 'run1' });
  expect(git('ls-tree', '-r', '--name-only', commit).split('\n')).toEqual([
    '.gitignore',
    'a.txt',
    'kept',
  ]);
  expect(uncommitted).toBe(2);
});

test('a repository inside of the folder is left out', async () => {
  const { workspace, git, write, root } = await make();
  write('inner/x', 'x');
  execFileSync('git', ['init', '-q'], { cwd: join(root, 'inner') });
  expect((await workspace().base({ run: 'run1' })).commit).toBe(git('rev-parse', 'HEAD'));
});

test('works from a folder inside, a linked worktree, a sparse checkout and a split index', async () => {
  const { git, write, root, folder, workspace } = await make({ 'in/a': 'a\n', 'out/b': 'b\n' });
  const head = git('rev-parse', 'HEAD');
  const inner = workspace({ repositoryRoot: join(root, 'in') });
  expect((await inner.base({ run: 'run1' })).commit).toBe(head);

  git('update-index', '--split-index');
  git('sparse-checkout', 'set', 'in');
  expect((await workspace().base({ run: 'run1' })).commit).toBe(head);
  write('in/new', 'new\n');
  const { commit } = await workspace().base({ run: 'run1' });
  expect(git('diff', '--name-status', head, commit)).toBe('A\tin/new');

  const linked = join(folder, 'linked');
  git('worktree', 'add', '-q', '-b', 'side', linked);
  writeFileSync(join(linked, 'in/a'), 'changed\n');
  const side = await workspace({ repositoryRoot: linked }).base({ run: 'run2' });
  expect(side).toMatchObject({ branch: 'side', head, uncommitted: 1 });
});

test('a bare repository has trees, and nothing uncommitted', async () => {
  const { git, folder, workspace } = await make();
  const bare = join(folder, 'bare');
  git('clone', '-q', '--bare', '.', bare);
  const here = workspace({ repositoryRoot: bare });
  const base = await here.base({ run: 'run1' });
  expect(base).toMatchObject({ head: git('rev-parse', 'HEAD'), branch: 'main', uncommitted: 0 });
  const tree = await here.open({ run: 'run1', tree: '', commit: base.commit });
  writeFileSync(join(tree.root, 'a.txt'), 'two\n');
  const { files } = await here.capture(tree, { name: 'leaf#1' });
  expect(files).toEqual([{ path: 'a.txt', change: 'M' }]);
});

test('a SHA-256 repository works as any other', async () => {
  const { git, folder, workspace } = await make();
  const root = join(folder, 'sha256');
  git('init', '-q', '--object-format=sha256', root);
  writeFileSync(join(root, 'a.txt'), 'one\n');
  git('-C', root, 'add', '-A');
  git('-C', root, 'commit', '-qm', 'first');
  writeFileSync(join(root, 'b.txt'), 'new\n');
  const here = workspace({ repositoryRoot: root });
  const { commit } = await here.base({ run: 'run1' });
  expect(commit).toHaveLength(64);
  const tree = await here.open({ run: 'run1', tree: '', commit });
  rmSync(join(tree.root, 'b.txt'));
  const { files } = await here.capture(tree, { name: 'leaf#1' });
  expect(files).toEqual([{ path: 'b.txt', change: 'D' }]);
});

test('line ends are converted as the user has it configured', async () => {
  const { git, write, workspace } = await make();
  git('config', 'core.autocrlf', 'input');
  write('a.txt', 'one\r\n');
  write('new.txt', 'new\r\n');
  const { commit, head } = await workspace().base({ run: 'run1' });
  expect(git('diff', '--name-status', head, commit)).toBe('A\tnew.txt');
  expect(git('cat-file', '-s', `${commit}:new.txt`)).toBe('4');
});

test('a merge in progress is taken with its markers', async () => {
  const { git, write, workspace } = await make();
  git('checkout', '-qb', 'side');
  write('a.txt', 'side\n');
  git('commit', '-qam', 'side');
  git('checkout', '-q', 'main');
  write('a.txt', 'main\n');
  git('commit', '-qam', 'main');
  expect(() => git('merge', '-q', 'side')).toThrow();
  const { commit } = await workspace().base({ run: 'run1' });
  expect(git('show', `${commit}:a.txt`)).toContain('<<<<<<<');
});

/** What a person may have done to a checkout. */
type Deed =
  | {
      readonly deed: 'write';
      readonly path: string;
      readonly text: string;
      readonly staged: boolean;
    }
  | { readonly deed: 'remove' | 'stage' | 'executable'; readonly index: number }
  | { readonly deed: 'rename'; readonly index: number; readonly path: string }
  | { readonly deed: 'link'; readonly path: string; readonly target: string };

const name = fc.constantFrom(
  'a',
  'é',
  '名',
  'with space',
  '-dash',
  'q"uote',
  'tab\tx',
  '.dot',
  'i.log',
);
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'));
const text = fc.constantFrom(
  '',
  'x',
  'one\n',
  'one\r\ntwo\r\n',
  'é\n',
  '\0binary\xff',
  'mixed\r\n\n',
);
const index = fc.nat(5);
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ deed: fc.constant('write' as const), path, text, staged: fc.boolean() }),
  fc.record({ deed: fc.constantFrom('remove', 'stage', 'executable'), index }),
  fc.record({ deed: fc.constant('rename' as const), index, path }),
  fc.record({
    deed: fc.constant('link' as const),
    path,
    target: fc.constantFrom('a', '../..', '/'),
  }),
);

const COMMITTED = ['a', 'b.txt', 'crlf.txt', 'é/x', 'run.sh', 'deep/er/x'];

function perform({ root, git, write }: TestRepository, step: Deed): void {
  try {
    if (step.deed === 'write') {
      write(step.path, Buffer.from(step.text, 'latin1'));
      if (step.staged) git('add', '--', step.path);
    }
    if (step.deed === 'link') symlinkSync(step.target, join(root, step.path));
    if (step.deed === 'write' || step.deed === 'link') return;
    const known = COMMITTED[step.index] ?? '';
    if (step.deed === 'remove') rmSync(join(root, known));
    else if (step.deed === 'stage') git('rm', '-q', '--cached', '--', known);
    else if (step.deed === 'executable') chmodSync(join(root, known), 0o755);
    else if (step.deed === 'rename') git('mv', '--', known, step.path);
  } catch {
    // Not possible now: a file where a folder should be, or gone already.
  }
}

/** The tree that `git add -A` makes of the folder, made in a copy. */
function treeByPlainGit({ root, folder, git }: TestRepository): string {
  const copy = join(folder, 'copy');
  rmSync(copy, { recursive: true, force: true });
  cpSync(root, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
  git('-C', copy, 'add', '--all');
  return git('-C', copy, 'write-tree');
}

test('the base is what `git add -A` would commit, and the user finds everything as it was', async () => {
  const { root } = await make({
    ...Object.fromEntries(COMMITTED.map((path) => [path, `${path}\n`])),
    'crlf.txt': 'a\r\nb\r\n',
    '.gitignore': '*.log\n',
  });
  const here = repository as TestRepository;
  // Ours in the repository: objects, refs and worktrees.
  const isOurs = (path: string) => /^\.git\/(objects|worktrees|refs\/whaleflow)(\/|$)/.test(path);
  const workspace = here.workspace();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(deed, { maxLength: 8 }), fc.boolean(), async (deeds, isLocked) => {
      count += 1;
      here.git('reset', '--quiet', '--hard');
      here.git('clean', '-ffdxq');
      for (const step of deeds) perform(here, step);
      const expected = treeByPlainGit(here);
      if (isLocked) writeFileSync(join(root, '.git/index.lock'), '');
      const before = fingerprint(root, isOurs);

      const run = `run${count}`;
      const { commit } = await workspace.base({ run });
      const tree = await workspace.open({ run, tree: 'x', commit });
      writeFileSync(join(tree.root, 'by-the-leaf'), run);
      const capture = await workspace.capture(tree, { name: 'leaf', scope: ['by-*'] });
      const again = await workspace.open({ run, tree: 'y', commit: capture.commit });
      const isDotGit = (path: string) => path === '.git';
      expect(fingerprint(again.root, isDotGit)).toEqual(fingerprint(tree.root, isDotGit));
      await workspace.retire(run);

      expect(fingerprint(root, isOurs)).toEqual(before);
      rmSync(join(root, '.git/index.lock'), { force: true });
      expect(here.git('rev-parse', `${commit}^{tree}`)).toBe(expected);
    }),
    { numRuns: 30 },
  );
});

test('a folder that has become a link is taken as the link', async () => {
  const { root } = await make({ 'folder/名/a': 'a\n', 'b.txt': 'b\n' });
  const here = repository as TestRepository;
  here.git('mv', 'b.txt', 'folder/b.txt');
  rmSync(join(root, 'folder'), { recursive: true });
  symlinkSync('/', join(root, 'folder'));
  const expected = treeByPlainGit(here);
  const { commit } = await here.workspace().base({ run: 'linked' });
  expect(here.git('rev-parse', `${commit}^{tree}`)).toBe(expected);
  expect(here.git('log', '--format=%s', '-1', commit)).not.toContain('linked');
});
