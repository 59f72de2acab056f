/** Applies with a commit: what gets into it, what stays, when it is refused, and that undoing is exact. */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { usersTree } from '../../../test/process/users-tree.ts';
import { runsOf, sliceOf } from '../../../test/soak/slice.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock } from '../../system/node/node-clock.ts';
import type { Applied, Change, UserTree } from '../user-tree.ts';
import { gitUserTree } from './git-user-tree.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

const FILES = {
  'a.txt': 'one\ntwo\nthree\nfour\nfive\n',
  'src/b.txt': 'b\n',
  'src/deep/c.txt': 'c\n',
  'run.sh': '#!/bin/sh\n',
};

let repository: TestRepository;
let userTree: UserTree;
beforeEach(() => begin());
afterEach(() => repository.dispose());

async function begin(): Promise<void> {
  repository = await makeTestRepository(FILES);
  repository.git('config', 'user.name', 'Ada');
  repository.git('config', 'user.email', 'ada@example.com');
  userTree = treeAt(repository.root);
}

function treeAt(repositoryRoot: string): UserTree {
  const { cacheFolder, folder } = repository;
  const variables = { PATH: process.env['PATH'], HOME: join(folder, 'home') };
  const journalFolder = join(folder, 'applies');
  const here = { repositoryRoot, cacheFolder, variables, journalFolder };
  return gitUserTree({ ...here, chance: nodeChance, clock: nodeClock });
}

async function changed(work: (at: string) => void): Promise<Change> {
  const workspace = repository.workspace({ chance: nodeChance });
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  work(tree.root);
  const { commit: to } = await workspace.capture(tree, { name: 'leaf#1' });
  await workspace.retire('run1');
  return { from: commit, to };
}

function writeAt(at: string, path: string, text: string | Buffer): void {
  mkdirSync(dirname(join(at, path)), { recursive: true });
  writeFileSync(join(at, path), text);
}

const MESSAGE = 'Mend it\n\nWhaleFlow-Run: run1';
const commitOf = (
  change: Change,
  how: 'exact' | 'threeWay' = 'exact',
  tree: UserTree = userTree,
): Promise<Applied> => tree.apply({ change, how, run: 'run1', commit: { message: MESSAGE } });
const everything = (): string => usersTree(repository.root);
const git = (...args: string[]): string => repository.git(...args);
const mend = (at: string): void => writeAt(at, 'a.txt', 'one\n2\nthree\nfour\nfive\n');

test('files, kinds, rights, names and bytes get into one commit in the user’s name, and go exactly', async () => {
  const change = await changed((at) => {
    mend(at);
    writeAt(at, 'new/bytes', Buffer.from([0, 255, 13, 10, 0]));
    renameSync(join(at, 'src/deep/c.txt'), join(at, 'moved.txt'));
    rmSync(join(at, 'src/b.txt'));
    chmodSync(join(at, 'run.sh'), 0o755);
    symlinkSync('a.txt', join(at, 'link'));
  });
  const head = git('rev-parse', 'HEAD');
  const before = everything();
  const applied = await commitOf(change);
  expect(applied.commit).toEqual({ branch: 'main', lacksSignature: false });
  expect(git('rev-parse', 'HEAD', 'HEAD^', 'main').split('\n')).toEqual([
    applied.made,
    head,
    applied.made,
  ]);
  expect(git('log', '-1', '--format=%an %ae %cn %ce%n%B')).toBe(
    `Ada ada@example.com Ada ada@example.com\n${MESSAGE}`,
  );
  expect(git('log', '-1', '--format=%(trailers:key=WhaleFlow-Run,valueonly)')).toBe('run1');
  expect(git('diff', '--summary', '-M', 'HEAD^', 'HEAD')).toMatchInlineSnapshot(`
    "create mode 120000 link
     rename src/deep/c.txt => moved.txt (100%)
     create mode 100644 new/bytes
     mode change 100644 => 100755 run.sh
     delete mode 100644 src/b.txt"
  `);
  expect(git('diff-index', 'HEAD')).toBe('');
  expect(git('status', '--porcelain')).toBe('');
  expect(git('rev-parse', 'HEAD^{tree}')).toBe(git('rev-parse', `${change.to}^{tree}`));
  expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
  expect(git('rev-parse', 'HEAD')).toBe(head);
  expect(everything()).toBe(before);
  expect(git('status', '--porcelain')).toBe('');
});

test('other work of the user’s, staged or not, is in no commit and stays as it is', async () => {
  git('update-index', '--force-remove', 'src/deep/c.txt');
  writeAt(repository.root, 'src/b.txt', 'staged\n');
  git('add', 'src/b.txt');
  writeAt(repository.root, 'src/b.txt', 'and changed again\n');
  writeAt(repository.root, 'untracked', 'u\n');
  const change = await changed(mend);
  const staged = git('diff', '--cached', '--raw');
  const status = git('status', '--porcelain');
  const head = git('rev-parse', 'HEAD');
  const applied = await commitOf(change);
  expect(git('diff', '--raw', '--name-only', 'HEAD^', 'HEAD')).toBe('a.txt');
  expect([git('diff', '--cached', '--raw'), git('status', '--porcelain')]).toEqual([
    staged,
    status,
  ]);
  await userTree.undo(applied.id ?? '');
  expect([git('diff', '--cached', '--raw'), git('status', '--porcelain')]).toEqual([
    staged,
    status,
  ]);
  expect(git('rev-parse', 'main')).toBe(head);
});

test('a HEAD that is detached moves by itself, and no branch with it', async () => {
  git('checkout', '--quiet', '--detach');
  const [main, before] = [git('rev-parse', 'main'), everything()];
  const applied = await commitOf(await changed(mend));
  expect(applied.commit).toEqual({ lacksSignature: false });
  expect(git('rev-parse', 'HEAD')).toBe(applied.made);
  expect([git('rev-parse', 'main'), git('branch', '--show-current')]).toEqual([main, '']);
  await userTree.undo(applied.id ?? '');
  expect(everything()).toBe(before);
});

test('a submodule stays at its commit, in the index and in the new commit', async () => {
  const inner = git('rev-parse', 'HEAD');
  git('update-index', '--add', '--cacheinfo', `160000,${inner},module`);
  mkdirSync(join(repository.root, 'module'));
  git('commit', '--quiet', '--message=module');
  const before = everything();
  const applied = await commitOf(await changed(mend));
  expect(git('ls-tree', 'HEAD', 'module')).toBe(`160000 commit ${inner}\tmodule`);
  expect(git('diff', '--cached')).toBe('');
  await userTree.undo(applied.id ?? '');
  expect(everything()).toBe(before);
});

test('a linked worktree has its own HEAD and index, and only they move', async () => {
  const linked = join(repository.folder, 'linked');
  git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const before = everything();
  const tree = treeAt(linked);
  const applied = await commitOf(await changed(mend), 'exact', tree);
  expect([git('rev-parse', 'side'), git('status', '--porcelain')]).toEqual([applied.made, '']);
  await expect(userTree.undo(applied.id ?? '')).rejects.toThrow('another checkout');
  await tree.undo(applied.id ?? '');
  expect(git('rev-parse', 'side')).toBe(git('rev-parse', 'main'));
  expect(everything()).toBe(before);
});

test('--3way merges with what was committed since', async () => {
  const change = await changed(mend);
  writeAt(repository.root, 'a.txt', 'one\ntwo\nthree\nfour\nFIVE\n');
  git('commit', '--quiet', '--all', '--message=mine');
  expect((await commitOf(change)).conflicts).toEqual(['a.txt']);
  const applied = await commitOf(change, 'threeWay');
  expect(git('show', 'HEAD:a.txt')).toBe('one\n2\nthree\nfour\nFIVE');
  expect(git('rev-parse', 'HEAD')).toBe(applied.made);
  expect(git('status', '--porcelain')).toBe('');
});

type Obstacle = readonly [says: RegExp, name: string, make: () => void];
const dirty = (): void => {
  writeAt(repository.root, 'a.txt', 'one\ntwo\nthree\nfour\nmine\n');
};
const obstacles: readonly Obstacle[] = [
  [/uncommitted work/, 'a path that is dirty', dirty],
  [
    /uncommitted work/,
    'a path that is staged, and back on disk',
    () => {
      dirty();
      git('add', 'a.txt');
      writeAt(repository.root, 'a.txt', FILES['a.txt']);
    },
  ],
  [
    /uncommitted work/,
    'a file staged below the path of a new one',
    () => {
      writeAt(repository.root, 'new/x', 'x\n');
      git('add', 'new/x');
      rmSync(join(repository.root, 'new'), { recursive: true });
    },
  ],
  [
    /merge is in progress/,
    'a merge',
    () => writeAt(repository.root, '.git/MERGE_HEAD', `${git('rev-parse', 'HEAD')}\n`),
  ],
  [
    /rebase is in progress/,
    'a rebase',
    () => mkdirSync(join(repository.root, '.git/rebase-merge')),
  ],
  [
    /cherry-pick is in progress/,
    'a cherry-pick',
    () => writeAt(repository.root, '.git/CHERRY_PICK_HEAD', `${git('rev-parse', 'HEAD')}\n`),
  ],
  [/no commit yet/, 'an unborn HEAD', () => git('symbolic-ref', 'HEAD', 'refs/heads/none')],
  [/user.email is not set/, 'no address', () => git('config', '--unset', 'user.email')],
  [/index of this checkout/, 'git at work', () => writeAt(repository.root, '.git/index.lock', '')],
];
const named = obstacles.map(([says, name, make]) => [name, says, make] as const);
test.each(named)('%s: refused, and nothing is changed', async (_name, says, make) => {
  const change = await changed((at) => {
    mend(at);
    writeAt(at, 'new', 'a file\n');
  });
  make();
  const before = everything();
  const refused = await commitOf(change, 'threeWay').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'WF6010', exit: 7, message: expect.stringMatching(says) });
  expect(everything()).toBe(before);
  expect(userTree.records()).toEqual([]);
});

test('what was applied without a commit is not committed behind the user’s back', async () => {
  const change = await changed(mend);
  await userTree.apply({ change, how: 'exact', run: 'run1' });
  await expect(commitOf(change)).rejects.toMatchObject({ code: 'WF6010' });
});

test('undoing is refused once HEAD has gone on, with what to type', async () => {
  const applied = await commitOf(await changed(mend));
  const short = applied.made?.slice(0, 12);
  git('commit', '--quiet', '--allow-empty', '--message=more');
  const before = everything();
  const undo = () => userTree.undo(applied.id ?? '');
  const hint = `a commit that takes it back: git revert ${short}`;
  await expect(undo()).rejects.toMatchObject({ code: 'WF6007', exit: 7, hint });
  expect(everything()).toBe(before);
  git('reset', '--quiet', '--soft', 'HEAD^');
  git('checkout', '--quiet', '-b', 'elsewhere');
  await expect(undo()).rejects.toMatchObject({ hint: expect.stringContaining('git switch main') });
  git('checkout', '--quiet', 'main');
  expect((await undo()).conflicts).toEqual([]);
});

test('what was staged after the commit stays, unless it is one of its paths', async () => {
  const applied = await commitOf(await changed(mend));
  writeAt(repository.root, 'later', 'l\n');
  git('add', 'later');
  writeAt(repository.root, 'a.txt', 'mine\n');
  git('add', 'a.txt');
  writeAt(repository.root, 'a.txt', 'one\n2\nthree\nfour\nfive\n');
  expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual(['a.txt']);
  git('add', 'a.txt');
  expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
  expect(git('diff', '--cached', '--name-status')).toBe('A\tlater');
  expect(git('status', '--porcelain')).toBe('A  later');
});

test('hooks do not run, and a signature that is wanted is said to be missing', async () => {
  const hook = join(repository.root, '.git/hooks/pre-commit');
  for (const name of ['pre-commit', 'commit-msg', 'post-commit', 'reference-transaction']) {
    const file = join(dirname(hook), name);
    writeAt(dirname(hook), name, `#!/bin/sh\ntouch '${repository.folder}/ran'\nexit 1\n`);
    chmodSync(file, 0o755);
  }
  git('config', 'commit.gpgSign', 'true');
  git('config', 'gpg.program', `touch '${repository.folder}/ran'`);
  const applied = await commitOf(await changed(mend));
  expect(applied.commit).toEqual({ branch: 'main', lacksSignature: true });
  expect(existsSync(join(repository.folder, 'ran'))).toBe(false);
});

test('of two at once one commits, and the other changes nothing', async () => {
  const one = await changed(mend);
  const two = await changed((at) => writeAt(at, 'src/b.txt', 'B\n'));
  const head = git('rev-parse', 'HEAD');
  const ended = await Promise.allSettled([
    commitOf(one),
    commitOf(two, 'exact', treeAt(repository.root)),
  ]);
  const made = ended.filter(({ status }) => status === 'fulfilled').length;
  expect(git('rev-list', '--count', `${head}..HEAD`)).toBe(String(made));
  expect(made).toBeGreaterThan(0);
  expect(git('status', '--porcelain')).toBe('');
  for (const result of ended) {
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'WF6010' });
  }
});

type Deed = readonly [path: string, deed: 'write' | 'remove' | 'chmod' | 'stage', text: string];
const deedsAt = (...paths: readonly string[]) =>
  fc.array(
    fc.tuple(
      fc.constantFrom(...paths),
      fc.constantFrom<Deed[1]>('write', 'write', 'remove', 'chmod', 'stage', 'stage'),
      fc.constantFrom('one\n', 'two\n', '', 'crlf\r\n', '\0binary\xff', 'x'.repeat(9000)),
    ),
    { maxLength: 5 },
  );
const users = deedsAt('src/b.txt', 'src/deep/c.txt', 'own/x', 'ünï 1', 'new/own');
const anybodys = deedsAt('a.txt', 'run.sh', 'new/x', 'new/y/z', 'src/b.txt', 'src/deep');

function act(at: string, [path, deed, text]: Deed, mayStage: boolean): void {
  const file = join(at, path);
  const isThere = existsSync(file);
  if (deed === 'write' && !(isThere && path === 'src/deep')) writeAt(at, path, text);
  else if (deed === 'remove') rmSync(file, { recursive: true, force: true });
  else if (deed === 'chmod' && isThere && path !== 'src/deep') chmodSync(file, 0o755);
  else if (deed === 'stage' && mayStage && (isThere || git('ls-files', path) !== '')) {
    git('add', '--all', '--', path);
  }
}

const slice = sliceOf(12, 500);

test(`${slice.count} random dirty trees: committing and undoing is doing nothing, or nothing was done`, async () => {
  let committed = 0;
  const property = fc.asyncProperty(
    fc.record({ before: users, work: anybodys, after: users, threeWay: fc.boolean() }),
    async ({ before, work, after, threeWay }) => {
      await repository.dispose();
      await begin();
      const { root } = repository;
      for (const deed of before) act(root, deed, true);
      const change = await changed((at) => {
        for (const deed of work) act(at, deed, false);
      });
      for (const deed of after) act(root, deed, true);
      const [then, head] = [everything(), git('rev-parse', 'HEAD')];
      const staged = readStaged();
      const how = threeWay ? 'threeWay' : 'exact';
      const applied = await commitOf(change, how).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'WF6010' });
        return undefined;
      });
      if (applied?.made === undefined) {
        expect(everything()).toBe(then);
        return;
      }
      committed += 1;
      const paths = applied.files.map(({ path }) => path).sort();
      expect(git('diff', '--name-only', '-z', '--no-renames', head, 'HEAD')).toBe(
        paths.map((path) => `${path}\0`).join(''),
      );
      expect(readStaged()).toBe(staged);
      expect((await userTree.undo(applied.id ?? '')).conflicts).toEqual([]);
      expect(everything()).toBe(then);
    },
  );
  await fc.assert(property, runsOf(slice));
  if (!slice.isOne) expect(committed).toBeGreaterThan(0);
});

/** Read with no lock, so that git does not refresh the index. */
function readStaged(): string {
  return git('--no-optional-locks', 'diff-index', '--cached', '--raw', 'HEAD');
}

test.each(['.git/index.lock', '.git/HEAD.lock', '.git/refs/heads/main.lock'])(
  '%s, as a killed git leaves it: it is named, with what to type, and nothing is changed',
  async (lock) => {
    const change = await changed(mend);
    writeAt(repository.root, lock, '');
    const before = everything();
    const file = join(repository.root, lock);
    await expect(commitOf(change)).rejects.toMatchObject({
      code: 'WF6010',
      hint: expect.stringContaining(`rm ${file}`),
    });
    rmSync(file);
    // The lock of a branch stands among the user’s refs.
    if (!lock.includes('refs')) expect(everything()).toBe(before);
    const { id = '' } = await commitOf(change);
    expect((await userTree.undo(id)).conflicts).toEqual([]);
  },
);
