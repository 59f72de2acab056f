/**
 * A workspace on a small disk that fills up before each of its steps, in its own process: what fails is said
 * and leaves the user's things alone; with room again, the same step goes on. Argument: the disk.
 */
import { execFileSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { nodeChance } from '../../src/system/node/node-chance.ts';
import { nodeClock } from '../../src/system/node/node-clock.ts';
import { walkingFiles } from '../../src/tool/files/walking-files.ts';
import { gitUserTree } from '../../src/workspace/git/git-user-tree.ts';
import { gitWorkspace } from '../../src/workspace/git/git-workspace.ts';
import type { Tree } from '../../src/workspace/workspace.ts';
import { usersTree } from './users-tree.ts';

const [, , disk = '', free = '0'] = process.argv;
const root = join(disk, 'repository');
const variables = { PATH: process.env['PATH'], HOME: join(disk, 'home') };
const git = (...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: root, env: variables, encoding: 'utf8' });
const noise = (bytes: number): Buffer => Buffer.from(nodeChance.bytes(bytes));

mkdirSync(root);
mkdirSync(join(root, 'src'));
git('init', '--quiet', '--initial-branch=main');
git('config', 'user.name', 'U');
git('config', 'user.email', 'u@localhost');
writeFileSync(join(root, 'a.txt'), 'one\n');
writeFileSync(join(root, 'src/b.bin'), noise(300_000));
git('add', '--all');
git('commit', '--quiet', '--message=first');
const mine = noise(200_000);
writeFileSync(join(root, 'mine.bin'), mine);
git('add', 'mine.bin');

const options = {
  repositoryRoot: root,
  cacheFolder: join(disk, 'cache'),
  chance: nodeChance,
  variables,
};
const workspace = gitWorkspace(options);
const userTree = gitUserTree({
  ...options,
  clock: nodeClock,
  journalFolder: join(disk, 'applies'),
});
const ballast = join(disk, 'ballast');
const said: Record<string, string> = {};
let before = usersTree(root);

/** Fills the disk but for so many bytes. */
function fill(): void {
  const file = openSync(ballast, 'w');
  for (const bytes of [65_536, 4_096]) {
    try {
      for (;;) writeSync(file, Buffer.alloc(bytes, 1));
    } catch {
      // Full.
    }
  }
  closeSync(file);
  const size = readFileSync(ballast).length;
  if (Number(free) > 0) truncateSync(ballast, Math.max(0, size - Number(free)));
}

/** On the full disk, and again with room where it failed. */
async function step<T>(name: string, work: () => Promise<T>): Promise<T> {
  fill();
  try {
    return await work();
  } catch (error) {
    const { code = '', message } = error as Error & { readonly code?: string };
    said[name] = `${code} ${message}`;
  } finally {
    rmSync(ballast);
  }
  if (usersTree(root) !== before) throw new Error(`${name}: what is the user's has changed`);
  return work();
}

const { commit } = await step('base', () => workspace.base({ run: 'run1' }));
const open = (): Promise<Tree> => workspace.open({ run: 'run1', tree: '', commit });
const tree = await step('open', open);
const fresh = noise(250_000);
await step('write', async () => {
  const files = walkingFiles(tree.root, () => '.whaleflow-new');
  files.write('src/b.bin', fresh);
  files.write('new/c.bin', fresh);
});
const kept = await step('keep', () => workspace.keep(tree, { name: 'leaf#1 kept' }));
const captured = await step('capture', () => workspace.capture(tree, { name: 'leaf#1' }));
const treeOf = (name: string): string => git('rev-parse', `${name}^{tree}`).trim();
if (treeOf(kept.commit) !== treeOf(captured.commit)) throw new Error('kept is not captured');
await workspace.retire('run1');
if (usersTree(root) !== before) throw new Error('a run has changed what is the user’s');

const change = { from: commit, to: captured.commit };
const request = { change, how: 'exact', run: 'run1' } as const;
const applied = await step('apply', () => userTree.apply(request));
const isApplied = (path: string): boolean => readFileSync(join(root, path)).equals(fresh);
if (!isApplied('src/b.bin') || !isApplied('new/c.bin')) throw new Error('not applied');
const dirty = before;
before = usersTree(root);
// Undoing is the one step that may stop in the middle: it goes on.
fill();
const undo = () => userTree.undo(applied.id ?? '');
await undo().catch((error: Error) => {
  said['undo'] = error.message;
});
rmSync(ballast);
await undo();
if (usersTree(root) !== dirty) throw new Error('not undone');
before = dirty;
const made = await step('commit', () =>
  userTree.apply({ ...request, commit: { message: 'mine' } }),
);
await userTree.undo(made.id ?? '');
if (usersTree(root) !== dirty) throw new Error('the commit was not undone');
if (!readFileSync(join(root, 'mine.bin')).equals(mine)) throw new Error('lost');
git('fsck', '--strict');
console.log(JSON.stringify(said));
