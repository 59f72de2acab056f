import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Journal, readJournal } from './apply-journal.ts';
import { type BytePath, toFile } from './byte-path.ts';
import { snapshotEntry } from './entry-snapshot.ts';
import { undoChanges, writeChanges } from './write-changes.ts';

test('where a file came in the way of a folder, what was written before it is put back', async () => {
  const base = mkdtempSync(join(tmpdir(), 'whaleflow-write-'));
  try {
    const [root, fresh, folder] = ['root', 'fresh', 'journal'].map((name) => join(base, name));
    if (root === undefined || fresh === undefined || folder === undefined) throw new Error('none');
    mkdirSync(root);
    mkdirSync(join(fresh, 'made/deep'), { recursive: true });
    writeFileSync(join(root, 'a.txt'), 'old');
    writeFileSync(join(fresh, 'a.txt'), 'new');
    writeFileSync(join(fresh, 'made/deep/b.txt'), 'new');
    const [a, b] = ['a.txt', 'made/deep/b.txt'] as readonly string[] as readonly BytePath[];
    if (a === undefined || b === undefined) throw new Error('none');
    const entry = (place: string, path: BytePath) => {
      const found = snapshotEntry(place, path);
      return found === undefined || found === 'blocked' ? null : found;
    };
    const files = [a, b].map((path) => ({
      ...{ path, before: entry(root, path), after: entry(fresh, path) },
    }));
    const journal: Journal = {
      ...{ version: 1, id: 'x', run: 'r', at: 1, state: 'writing', files },
      ...{ madeFolders: [], removedFolders: [] },
    };
    writeFileSync(join(root, 'made'), 'of the user');
    const request = { root, folder, journal, newFile: (path: BytePath) => toFile(fresh, path) };
    await expect(writeChanges(request, async () => {})).rejects.toThrow('was changed just now');
    expect(readFileSync(join(root, 'a.txt'), 'utf8')).toBe('old');
    expect(readFileSync(join(root, 'made'), 'utf8')).toBe('of the user');
    expect(readJournal(folder)?.state).toBe('undone');
  } finally {
    rmSync(base, { recursive: true });
  }
});

test('a folder that somebody has made anew, and filled, keeps its rights when an apply is undone', () => {
  const base = mkdtempSync(join(tmpdir(), 'whaleflow-undo-'));
  try {
    const folder = join(base, 'journal');
    const file = { digest: '', kind: 'file', mode: 0o644 } as const;
    const journal: Journal = {
      ...{ version: 1, id: 'x', run: 'r', at: 1, state: 'applied' },
      files: [
        { path: 'filled/a', before: file, after: null },
        { path: 'empty/a', before: file, after: null },
      ],
      madeFolders: [],
      removedFolders: ['filled', 'empty', 'gone'].map((path) => ({ path, mode: 0o755 })),
    };
    mkdirSync(join(folder, 'old'), { recursive: true });
    for (const name of ['0', '1']) writeFileSync(join(folder, 'old', name), 'old');
    for (const name of ['filled', 'empty']) mkdirSync(join(base, name), { mode: 0o700 });
    writeFileSync(join(base, 'filled/secret'), '');
    const modes = () =>
      ['filled', 'empty', 'gone'].map((name) => statSync(join(base, name)).mode & 0o777);
    for (const time of ['once', 'twice']) {
      undoChanges({ root: base, folder, journal });
      expect(modes(), time).toEqual([0o700, 0o755, 0o755]);
    }
  } finally {
    rmSync(base, { recursive: true });
  }
});
