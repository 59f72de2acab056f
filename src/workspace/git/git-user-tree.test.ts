import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runsOf, sliceOf } from '../../../test/soak/slice.ts';
import { nodeChance } from '../../system/node/node-chance.ts';
import { nodeClock } from '../../system/node/node-clock.ts';
import type { ApplyRequest, Change, UserTree } from '../user-tree.ts';
import type { Workspace } from '../workspace.ts';
import { gitUserTree } from './git-user-tree.ts';
import { gitWorkspace } from './git-workspace.ts';

let base = '';
let root = '';
let workspace: Workspace;
let userTree: UserTree;
beforeEach(() => begin());
afterEach(() => end());

function begin(): void {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-apply-')));
  root = join(base, 'repo');
  mkdirSync(root);
  git('init', '-q', '-b', 'main');
  write('a.txt', 'one\ntwo\nthree\nfour\nfive\n');
  write('src/b.txt', 'b\n');
  write('src/deep/c.txt', 'c\n');
  write('run.sh', '#!/bin/sh\n');
  chmodSync(join(root, 'run.sh'), 0o755);
  git('add', '.');
  git('commit', '-qm', 'first');
  const cacheFolder = join(base, 'cache');
  const options = { repositoryRoot: root, cacheFolder, chance: nodeChance };
  workspace = gitWorkspace(options);
  const journalFolder = join(base, 'applies');
  userTree = gitUserTree({ ...options, journalFolder, clock: nodeClock });
}

function end(): void {
  rmSync(base, { recursive: true, force: true });
}

function git(...args: readonly string[]): string {
  const who = ['-c', 'user.name=t', '-c', 'user.email=t@example.com'];
  return execFileSync('git', [...who, ...args], { cwd: root, encoding: 'utf8' });
}

function write(path: string, text: string, at = root): void {
  mkdirSync(dirname(join(at, path)), { recursive: true });
  writeFileSync(join(at, path), text);
}

/** Takes the base, lets `work` change a tree of it, and gives the change. */
async function changed(work: (at: string) => void): Promise<Change> {
  const { commit } = await workspace.base({ run: 'run1' });
  const tree = await workspace.open({ run: 'run1', tree: '', commit });
  work(tree.root);
  const { commit: to } = await workspace.capture(tree, { name: 'leaf#1' });
  await tree.release();
  return { from: commit, to };
}

const request = (change: Change, how: ApplyRequest['how'] = 'exact'): ApplyRequest => ({
  change,
  how,
  run: 'run1',
});

/** Every entry below the root, with its bytes and mode, the index included, the rest of `.git` not. */
function everything(): Readonly<Record<string, string>> {
  const all: Record<string, string> = { index: readFileSync(join(root, '.git/index'), 'hex') };
  const open = [''];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of readdirSync(join(root, folder))) {
      const path = join(folder, name);
      if (path === '.git') continue;
      const stat = lstatSync(join(root, path));
      const mode = stat.mode.toString(8);
      if (stat.isDirectory()) {
        all[path] = mode;
        open.push(path);
      } else if (stat.isSymbolicLink()) all[path] = `link ${readlinkSync(join(root, path))}`;
      else all[path] = `${mode} ${readFileSync(join(root, path), 'hex')}`;
    }
  }
  all['HEAD'] = git('rev-parse', 'HEAD');
  return all;
}

test('a change is put on the tree, and taken back exactly', async () => {
  const change = await changed((at) => {
    write('a.txt', 'one\n2\nthree\nfour\nfive\n', at);
    write('new/d.txt', 'd\n', at);
    rmSync(join(at, 'src/deep/c.txt'));
    chmodSync(join(at, 'run.sh'), 0o644);
    symlinkSync('a.txt', join(at, 'link'));
  });
  const before = everything();
  const applied = await userTree.apply(request(change));
  expect(applied.conflicts).toEqual([]);
  expect(readFileSync(join(root, 'a.txt'), 'utf8')).toContain('\n2\n');
  expect(readlinkSync(join(root, 'link'))).toBe('a.txt');
  expect(lstatSync(join(root, 'run.sh')).mode & 0o111).toBe(0);
  expect(existsSync(join(root, 'src/deep'))).toBe(false);
  expect(everything()['index']).toBe(before['index']);
  expect(git('status', '--porcelain')).toContain('?? new/');
  expect((await userTree.apply(request(change))).id).toBeUndefined();
  const undone = await userTree.undo(applied.id ?? '');
  expect(undone.conflicts).toEqual([]);
  expect(everything()).toEqual(before);
  expect(userTree.records().map(({ state }) => state)).toEqual(['undone']);
});

test('what both have changed is a conflict, and nothing is written', async () => {
  const change = await changed((at) => {
    write('a.txt', 'ONE\ntwo\nthree\nfour\nfive\n', at);
    write('src/b.txt', 'B\n', at);
  });
  write('a.txt', 'one\ntwo\nthree\nfour\nFIVE\n');
  const before = everything();
  expect(await userTree.apply(request(change))).toMatchObject({ files: [], conflicts: ['a.txt'] });
  expect(everything()).toEqual(before);
  const merged = await userTree.apply(request(change, 'threeWay'));
  expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('ONE\ntwo\nthree\nfour\nFIVE\n');
  await userTree.undo(merged.id ?? '');
  expect(everything()).toEqual(before);
  write('a.txt', 'won\ntwo\nthree\nfour\nfive\n');
  const clashing = everything();
  const refused = await userTree.apply(request(change, 'threeWay'));
  expect(refused).toMatchObject({ files: [], conflicts: ['a.txt'] });
  expect(everything()).toEqual(clashing);
});

test('what was changed after an apply is not undone over', async () => {
  const change = await changed((at) => write('a.txt', 'mine\n', at));
  const { id = '' } = await userTree.apply(request(change));
  write('a.txt', 'mine\nand more\n');
  const before = everything();
  expect((await userTree.undo(id)).conflicts).toEqual(['a.txt']);
  expect(everything()).toEqual(before);
});

test.each([
  ['a folder that is a link', () => symlinkSync(base, join(root, 'new'))],
  ['a folder where a file shall be', () => mkdirSync(join(root, 'new/d.txt'), { recursive: true })],
  ['a file where a folder shall be', () => write('new', 'x')],
  [
    'a file with a second name elsewhere',
    () => {
      mkdirSync(join(root, 'new'));
      writeFileSync(join(base, 'elsewhere'), 'kept\n');
      linkSync(join(base, 'elsewhere'), join(root, 'new/d.txt'));
    },
  ],
])('%s is in the way, and stays', async (_name, block) => {
  const change = await changed((at) => write('new/d.txt', 'd\n', at));
  block();
  const before = everything();
  expect(await userTree.apply(request(change))).toMatchObject({ conflicts: ['new/d.txt'] });
  expect(everything()).toEqual(before);
});

test('a branch gets the change as one commit, and nothing else moves', async () => {
  write('src/b.txt', 'uncommitted\n');
  const head = git('rev-parse', 'HEAD').trim();
  const change = await changed((at) => write('a.txt', 'mine\n', at));
  const before = everything();
  const branch = { change, run: 'run1', onto: head, name: 'wf/try', message: 'try it' };
  const made = await userTree.branch(branch);
  if ('conflicts' in made) throw new Error('conflicts');
  expect(made.files).toEqual([{ path: 'a.txt', change: 'M' }]);
  expect(git('show', 'wf/try:a.txt')).toBe('mine\n');
  expect(git('show', 'wf/try:src/b.txt')).toBe('b\n');
  expect(everything()).toEqual(before);
  await expect(userTree.branch(branch)).rejects.toThrow('already');
  await expect(userTree.branch({ ...branch, name: '-x' })).rejects.toThrow('no name');
});

type Deed = readonly [path: string, deed: 'write' | 'remove' | 'chmod' | 'stage', text: string];
const deeds = fc.array(
  fc.tuple(
    fc.constantFrom('a.txt', 'src/b.txt', 'src/deep/c.txt', 'run.sh', 'new/x', 'new/y/z', 'ünï 1'),
    fc.constantFrom<Deed[1]>('write', 'write', 'remove', 'chmod', 'stage'),
    fc.constantFrom('one\n', 'two\n', '', 'crlf\r\n', '\0binary\xff', 'x'.repeat(9000)),
  ),
  { maxLength: 6 },
);

function act(at: string, [path, deed, text]: Deed, mayStage: boolean): void {
  const file = join(at, path);
  const isThere = existsSync(file);
  if (deed === 'write') write(path, text, at);
  else if (deed === 'remove' && isThere) rmSync(file);
  else if (deed === 'chmod' && isThere) chmodSync(file, text === '' ? 0o600 : 0o755);
  else if (deed === 'stage' && isThere && mayStage) git('add', '--', path);
}

const slice = sliceOf(12, 500);

test(`${slice.count} random dirty trees: applying and undoing is doing nothing, or nothing was done`, async () => {
  const property = fc.asyncProperty(
    fc.record({ before: deeds, work: deeds, after: deeds, threeWay: fc.boolean() }),
    async ({ before, work, after, threeWay }) => {
      end();
      begin();
      for (const deed of before) act(root, deed, true);
      const change = await changed((at) => {
        for (const deed of work) act(at, deed, false);
      });
      for (const deed of after) act(root, deed, true);
      const then = everything();
      const applied = await userTree.apply(request(change, threeWay ? 'threeWay' : 'exact'));
      if (applied.conflicts.length > 0 || applied.id === undefined) {
        expect(everything()).toEqual(then);
        return;
      }
      const plan = await userTree.plan(request(change));
      if (!threeWay) expect(plan.files).toEqual([]);
      expect(everything()['index']).toBe(then['index']);
      expect((await userTree.undo(applied.id)).conflicts).toEqual([]);
      expect(everything()).toEqual(then);
    },
  );
  await fc.assert(property, runsOf(slice));
});
