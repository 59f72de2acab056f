import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { noneWorkspace } from './none-workspace.ts';

let folder = '';
afterEach(() => rm(folder, { recursive: true, force: true }));

test('without git a leaf reads the folder itself, and nothing is ever captured', async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-none-')));
  const workspace = noneWorkspace({ folder });
  const base = await workspace.base({ run: 'run1' });
  expect(base).toEqual({ commit: '', head: '', uncommitted: 0 });
  const tree = await workspace.open({ run: 'run1', tree: '', commit: base.commit });
  expect(tree.root).toBe(folder);
  expect(await workspace.capture(tree, { name: 'leaf#1' })).toEqual({
    commit: '',
    files: [],
    patch: new Uint8Array(),
    outOfScope: [],
  });
  await tree.release();
  await workspace.retire('run1');
});

test('without git there is nothing to merge', async () => {
  folder = await mkdtemp(join(tmpdir(), 'whaleflow-none-'));
  const merge = noneWorkspace({ folder }).merge({
    run: 'run1',
    into: '',
    base: '',
    sources: [],
    name: 'join',
  });
  await expect(merge).rejects.toMatchObject({ code: 'WF6001' });
});
