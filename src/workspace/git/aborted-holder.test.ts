/** Checkouts of leaves that were aborted and whose processes go on: with a process that is deaf to SIGTERM. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Tree, Workspace } from '../workspace.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
let workspace: Workspace;
let base: string;
beforeEach(async () => {
  repository = await makeTestRepository({ 'a.txt': 'a\n' });
  workspace = repository.workspace();
  base = (await workspace.base({ run: 'run1' })).commit;
});
afterEach(() => repository.dispose());

const open = (tree: string, stop = new AbortController(), run = 'run1'): Promise<Tree> =>
  workspace.open({ run, tree, commit: base }, stop.signal);

/** Writes into a tree until it is killed. */
async function deaf({ root }: Tree) {
  const script = 'trap "" TERM; while :; do echo x >>beat.txt; sleep 0.01; done';
  const child = spawn('sh', ['-c', script], { cwd: root, stdio: 'ignore' });
  const beats = (): number =>
    existsSync(join(root, 'beat.txt')) ? readFileSync(join(root, 'beat.txt')).length : 0;
  const more = async (): Promise<void> => {
    const before = beats();
    while (beats() <= before) await new Promise((resolve) => setTimeout(resolve, 5));
  };
  await more();
  child.kill('SIGTERM');
  await more();
  return {
    more,
    async kill() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

test('what an aborted leaf still writes is in no other leaf’s files, and is its own to hand over', async () => {
  const stop = new AbortController();
  const left = await open('', stop);
  const process = await deaf(left);
  stop.abort();
  const next = await open('');
  await process.more();
  expect(next.root).not.toBe(left.root);
  expect((await workspace.capture(next, { name: 'next#1' })).files).toEqual([]);
  await process.kill();
  const late = await workspace.capture(left, { name: 'left#1' });
  expect(late.files).toEqual([{ path: 'beat.txt', change: 'A' }]);
  await left.release();
  expect(existsSync(left.root)).toBe(false);
  expect(existsSync(join(next.root, 'beat.txt'))).toBe(false);
});

test('its checkout is for no other run while it has not let go, and is removed then', async () => {
  const stop = new AbortController();
  const left = await open('', stop);
  const process = await deaf(left);
  stop.abort();
  await workspace.retire('run1');
  for (const tree of ['', 'b', 'c']) {
    expect((await open(tree, new AbortController(), 'run2')).root).not.toBe(left.root);
  }
  await expect(workspace.capture(left, { name: 'left#1' })).rejects.toThrow('released tree');
  await process.kill();
  await left.release();
  expect(existsSync(left.root)).toBe(false);
  await workspace.retire('run1');
});

test('of several holders the last one lets go', async () => {
  const stop = new AbortController();
  const [one, two] = [await open('', stop), await open('', stop)];
  stop.abort();
  const next = await open('');
  await one.release();
  expect(existsSync(one.root)).toBe(true);
  await two.release();
  expect(existsSync(one.root)).toBe(false);
  await next.release();
  expect((await open('')).root).toBe(next.root);
});

test('a tree that another leaf works in too is shared as it is', async () => {
  const stop = new AbortController();
  const left = await open('', stop);
  const beside = await open('');
  stop.abort();
  expect(left.root).toBe(beside.root);
  expect((await open('')).root).toBe(beside.root);
});
