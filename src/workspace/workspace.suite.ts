/** What every workspace with trees keeps to. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Tree, Workspace } from './workspace.ts';

/** A workspace and hands to work in its trees; paths are repository paths, texts end where they end. */
export interface WorkspaceHarness {
  readonly workspace: Workspace;
  write(tree: Tree, path: string, text: string): Promise<void>;
  remove(tree: Tree, path: string): Promise<void>;
  /** Paths with texts of all files of a tree. */
  read(tree: Tree): Promise<Readonly<Record<string, string>>>;
  dispose(): Promise<void>;
}

/** The files that the harness must begin with. */
export const suiteFiles: Readonly<Record<string, string>> = {
  'a.txt': 'one\ntwo\nthree\n',
  'src/b.txt': 'b\n',
};

export function workspaceSuite(name: string, create: () => Promise<WorkspaceHarness>): void {
  describe(`${name}: a workspace`, () => {
    let harness: WorkspaceHarness | undefined;
    afterEach(async () => harness?.dispose());

    const begin = async () => {
      harness = await create();
      const { commit } = await harness.workspace.base({ run: 'run1' });
      const open = (tree: string, at = commit, scope?: readonly string[]) =>
        (harness as WorkspaceHarness).workspace.open({
          run: 'run1',
          tree,
          commit: at,
          ...(scope ? { scope } : {}),
        });
      return { ...harness, base: commit, open };
    };

    test('opens a tree with the files of its commit', async () => {
      const { open, read, base } = await begin();
      const tree = await open('');
      expect(await read(tree)).toEqual(suiteFiles);
      expect(tree.commit).toBe(base);
    });

    test('captures what was added, changed and deleted', async () => {
      const { workspace, open, write, remove } = await begin();
      const tree = await open('');
      await write(tree, 'a.txt', 'one\n2\nthree\n');
      await write(tree, 'new/c.txt', 'c\n');
      await remove(tree, 'src/b.txt');
      const capture = await workspace.capture(tree, { name: 'leaf#1' });
      expect(capture.files).toEqual([
        { path: 'a.txt', change: 'M' },
        { path: 'new/c.txt', change: 'A' },
        { path: 'src/b.txt', change: 'D' },
      ]);
      expect(Buffer.from(capture.patch).toString()).toContain('new/c.txt');
      expect(capture.outOfScope).toEqual([]);
    });

    test('a preview shows what a capture would hold, and leaves the tree where it stands', async () => {
      const { workspace, open, write, base } = await begin();
      const tree = await open('');
      await write(tree, 'a.txt', 'one\n2\nthree\n');
      await write(tree, 'src/d.txt', 'd\n');
      const request = { name: 'leaf#1/1', scope: ['src/**'] };
      const first = await workspace.preview(tree, request);
      expect(Buffer.from(first.patch).toString()).toContain('src/d.txt');
      expect(Buffer.from(first.patch).toString()).not.toContain('a.txt');
      expect(await workspace.diff(base, first.commit)).toEqual(first.patch);
      await write(tree, 'src/b.txt', 'B\n');
      const capture = await workspace.capture(tree, { name: 'leaf#1' });
      expect(capture.files.map(({ path }) => path)).toEqual(['a.txt', 'src/b.txt', 'src/d.txt']);
    });

    test('what is kept in the middle can be had again, the files between them too', async () => {
      const { workspace, open, write, remove, read, base } = await begin();
      const tree = await open('');
      expect(await workspace.keep(tree, { name: 'leaf#1 kept' })).toEqual({
        base,
        commit: base,
        outOfScope: [],
      });
      await write(tree, 'a.txt', '1\n');
      await write(tree, 'new/c.txt', 'c\n');
      const first = await workspace.keep(tree, { name: 'leaf#1 kept' });
      const filesThen = await read(tree);
      await remove(tree, 'src/b.txt');
      await remove(tree, 'new/c.txt');
      await write(tree, 'src/d.txt', 'd\n');
      const second = await workspace.keep(tree, { name: 'leaf#1 kept' });
      expect(second.base).toBe(base);
      expect(await workspace.keep(tree, { name: 'leaf#1 kept' })).toEqual(second);
      const filesNow = await read(tree);
      await workspace.retire('run1');
      const again = await open('', base);
      await workspace.restore(again, { from: base, to: second.commit });
      expect(await read(again)).toEqual(filesNow);
      await workspace.restore(again, { from: second.commit, to: first.commit });
      expect(await read(again)).toEqual(filesThen);
      expect(again.commit).toBe(base);
      const capture = await workspace.capture(again, { name: 'leaf#2' });
      expect(capture.files.map(({ path, change }) => `${change} ${path}`)).toEqual([
        'M a.txt',
        'A new/c.txt',
      ]);
    });

    test('a leaf keeps and restores its own, and names what is nobody’s', async () => {
      const { workspace, open, write, read, base } = await begin();
      const left = await open('', undefined, ['src/**']);
      const right = await open('', undefined, ['docs/**']);
      await write(left, 'src/b.txt', 'left\n');
      await write(right, 'docs/x.txt', 'right\n');
      await write(left, 'a.txt', 'stray\n');
      const request = { name: 'left#1 kept', scope: ['src/**'] };
      const kept = await workspace.keep(left, request);
      expect(kept.outOfScope).toEqual(['a.txt']);
      expect(await workspace.changes(base, kept.commit)).toEqual([
        { path: 'src/b.txt', change: 'M' },
      ]);
      await workspace.restore(left, { from: kept.commit, to: base, scope: ['src/**'] });
      expect(await read(left)).toEqual({
        ...suiteFiles,
        'a.txt': 'stray\n',
        'docs/x.txt': 'right\n',
      });
    });

    test('what is not there restores nothing', async () => {
      const { workspace, open, write, read, base } = await begin();
      const tree = await open('');
      await write(tree, 'a.txt', 'mine\n');
      const nowhere = { from: base, to: '0123456789012345678901234567890123456789' };
      await expect(workspace.restore(tree, nowhere)).rejects.toMatchObject({ code: 'WF6003' });
      expect(await read(tree)).toEqual({ ...suiteFiles, 'a.txt': 'mine\n' });
    });

    test('a capture without changes stays at its commit', async () => {
      const { workspace, open, base } = await begin();
      const tree = await open('');
      const capture = await workspace.capture(tree, { name: 'leaf#1' });
      expect(capture).toEqual({ commit: base, files: [], patch: new Uint8Array(), outOfScope: [] });
    });

    test('the next capture starts where the last one ended', async () => {
      const { workspace, open, write } = await begin();
      const tree = await open('');
      await write(tree, 'a.txt', '1\n');
      const first = await workspace.capture(tree, { name: 'leaf#1' });
      await write(tree, 'src/b.txt', '2\n');
      const second = await workspace.capture(tree, { name: 'leaf#2' });
      expect(second.files).toEqual([{ path: 'src/b.txt', change: 'M' }]);
      expect(second.commit).not.toBe(first.commit);
      expect(Buffer.from(await workspace.diff(first.commit, second.commit))).toEqual(
        Buffer.from(second.patch),
      );
    });

    test('changes outside of the scope are put back and named', async () => {
      const { workspace, open, write, remove, read } = await begin();
      const tree = await open('', undefined, ['src/**']);
      await write(tree, 'src/.hidden', 'h\n');
      await write(tree, 'a.txt', 'mine\n');
      await write(tree, 'stray/d.txt', 'd\n');
      const capture = await workspace.capture(tree, { name: 'leaf#1', scope: ['src/**'] });
      expect(capture.files).toEqual([{ path: 'src/.hidden', change: 'A' }]);
      expect(capture.outOfScope).toEqual(['a.txt', 'stray/d.txt']);
      expect(await read(tree)).toEqual({ ...suiteFiles, 'src/.hidden': 'h\n' });
      await remove(tree, 'a.txt');
      await workspace.capture(tree, { name: 'leaf#2', scope: ['src/**'] });
      expect(await read(tree)).toEqual({ ...suiteFiles, 'src/.hidden': 'h\n' });
    });

    test('two leaves of one tree capture their own scopes only', async () => {
      const { workspace, open, write, read } = await begin();
      const left = await open('', undefined, ['src/**']);
      const right = await open('', undefined, ['docs/**']);
      expect(right.root).toBe(left.root);
      await write(left, 'src/b.txt', 'left\n');
      await write(right, 'docs/x.txt', 'right\n');
      const [first, second] = await Promise.all([
        workspace.capture(left, { name: 'left#1', scope: ['src/**'] }),
        workspace.capture(right, { name: 'right#1', scope: ['docs/**'] }),
      ]);
      expect(first.files.map(({ path }) => path)).toEqual(['src/b.txt']);
      expect(second.files.map(({ path }) => path)).toEqual(['docs/x.txt']);
      expect([...first.outOfScope, ...second.outOfScope]).toEqual([]);
      await workspace.retire('run1');
      const whole = await open('again', second.commit);
      expect(await read(whole)).toEqual({
        'a.txt': suiteFiles['a.txt'],
        'src/b.txt': 'left\n',
        'docs/x.txt': 'right\n',
      });
    });

    test('what a leaf left without a capture is gone for the next holder', async () => {
      const { open, write, read, base } = await begin();
      const tree = await open('');
      await write(tree, 'a.txt', 'lost\n');
      await write(tree, 'junk.txt', 'lost\n');
      await tree.release();
      await tree.release();
      expect(await read(await open('', base))).toEqual(suiteFiles);
    });

    test('a held tree is shared as it is', async () => {
      const { workspace, open, write, read } = await begin();
      const first = await open('');
      await write(first, 'a.txt', 'shared\n');
      const { commit } = await workspace.capture(first, { name: 'leaf#1' });
      await write(first, 'junk.txt', 'not yet captured\n');
      const second = await open('');
      expect(second.commit).toBe(commit);
      expect(await read(second)).toHaveProperty('junk.txt');
    });

    test('trees of one run do not see each other', async () => {
      const { open, write, read } = await begin();
      const one = await open('one');
      const two = await open('two');
      await write(one, 'a.txt', 'one\n');
      expect(await read(two)).toEqual(suiteFiles);
    });

    test('a retired tree can be had again from its commit', async () => {
      const { workspace, open, write, read } = await begin();
      const tree = await open('one');
      await write(tree, 'deep/er/e.txt', 'e\n');
      const { commit } = await workspace.capture(tree, { name: 'leaf#1' });
      await workspace.retire('run1');
      await workspace.retire('run1');
      expect(await read(await open('other', commit))).toEqual({
        ...suiteFiles,
        'deep/er/e.txt': 'e\n',
      });
    });

    const branches = async (left: readonly [string, string], right: readonly [string, string]) => {
      const world = await begin();
      const { workspace, open, write, base } = world;
      const sources = [];
      for (const [name, [path, text]] of [
        ['left', left],
        ['right', right],
      ] as const) {
        const tree = await open(name);
        await write(tree, path, text);
        const { commit } = await workspace.capture(tree, { name: `${name}#1` });
        sources.push({ name, commit });
      }
      const request = { run: 'run1', into: base, base, sources, name: 'join' };
      return { ...world, request, merged: await workspace.merge(request) };
    };

    test('merges branches that do not overlap', async () => {
      const { merged, open, read } = await branches(['a.txt', 'left\n'], ['r.txt', 'right\n']);
      expect(merged.status).toBe('merged');
      expect(await read(await open('', merged.commit))).toEqual({
        'a.txt': 'left\n',
        'src/b.txt': 'b\n',
        'r.txt': 'right\n',
      });
    });

    test('a conflict is a commit with markers and the paths in it', async () => {
      const { merged, open, read } = await branches(['a.txt', 'left\n'], ['a.txt', 'right\n']);
      expect(merged).toMatchObject({
        status: 'conflict',
        conflicts: [{ path: 'a.txt', source: 'right' }],
      });
      const text = (await read(await open('', merged.commit)))['a.txt'];
      expect(text).toContain('<<<<<<<');
      expect(text).toContain('left\n');
      expect(text).toContain('right\n');
    });

    test('merging what changes nothing stays where it is', async () => {
      const { workspace, base } = await begin();
      const sources = [{ name: 'idle', commit: base }];
      expect(
        await workspace.merge({ run: 'run1', into: base, base, sources, name: 'join' }),
      ).toEqual({ status: 'merged', commit: base });
    });

    test('a graft takes the named files as they are in another commit, and only those', async () => {
      const { workspace, open, write, remove, read, base } = await begin();
      const [winner, loser] = [await open('winner'), await open('loser')];
      await write(winner, 'a.txt', 'won\n');
      await write(loser, 'a.txt', 'lost\n');
      await write(loser, 'new/é.test.txt', 'test\n');
      await remove(loser, 'src/b.txt');
      const onto = (await workspace.capture(winner, { name: 'winner#1' })).commit;
      const from = (await workspace.capture(loser, { name: 'loser#1' })).commit;
      expect(await workspace.changes(base, from)).toEqual([
        { path: 'a.txt', change: 'M' },
        { path: 'new/é.test.txt', change: 'A' },
        { path: 'src/b.txt', change: 'D' },
      ]);
      const paths = ['new/é.test.txt', 'src/b.txt', 'not/there.txt'];
      const request = { run: 'run1', onto, from, paths, name: 'graft#1' };
      const grafted = await workspace.graft(request);
      expect(await read(await open('', grafted))).toEqual({
        'a.txt': 'won\n',
        'new/é.test.txt': 'test\n',
      });
      expect(await workspace.graft({ ...request, paths: [], name: 'graft#2' })).toBe(onto);
    });

    test('forgets a run, once and again, and leaves the others alone', async () => {
      const { workspace, open, read, base } = await begin();
      await open('');
      await workspace.base({ run: 'run2' });
      await workspace.forget('run1');
      await workspace.forget('run1');
      const tree = await workspace.open({ run: 'run2', tree: '', commit: base });
      expect(await read(tree)).toEqual(suiteFiles);
    });

    test('an aborted call rejects and leaves the tree usable', async () => {
      const { open, read, base } = await begin();
      const aborted = AbortSignal.abort(new Error('enough'));
      const { workspace } = harness as WorkspaceHarness;
      const request = { run: 'run1', tree: '', commit: base };
      await expect(workspace.open(request, aborted)).rejects.toThrow('enough');
      expect(await read(await open(''))).toEqual(suiteFiles);
    });
  });
}
