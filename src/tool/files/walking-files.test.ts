import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TreeFiles } from '../tree-files.ts';
import { canWalk } from './descriptor-walk.ts';
import { walkingFiles } from './walking-files.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe.skipIf(!canWalk())('files of a tree', () => {
  let base = '';
  let root = '';
  let files: TreeFiles;
  let count = 0;
  beforeEach(() => {
    base = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-files-')));
    root = join(base, 'tree');
    mkdirSync(join(root, 'src'), { recursive: true });
    writeFileSync(join(root, 'src/a.ts'), 'whale\n');
    writeFileSync(join(base, 'secret'), 'key\n');
    files = walkingFiles(root, () => `.new-${++count}`);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const text = (path: string): string => Buffer.from(files.read(path, 100).data).toString();
  const problem = (act: () => unknown): string => {
    try {
      act();
    } catch (thrown) {
      return (thrown as { problem?: string }).problem ?? String(thrown);
    }
    return 'none';
  };

  test('the tree has a second name, by which models are told of it; nothing else is absolute', () => {
    expect(text('/workspace/src/a.ts')).toBe('whale\n');
    files.write('/workspace//src/b.ts', bytes('new'));
    expect(files.list('/workspace/src').map(({ name }) => name)).toEqual(['a.ts', 'b.ts']);
    expect(files.list('/workspace')).toEqual([{ name: 'src', kind: 'folder' }]);
    for (const path of ['/workspaces/src/a.ts', '/src/a.ts', '/workspace/../secret']) {
      expect(
        problem(() => files.read(path, 1)),
        path,
      ).toBe('escape');
    }
  });

  test('reads, lists and writes, with new folders', () => {
    expect(text('src/a.ts')).toBe('whale\n');
    expect(text('./src//a.ts')).toBe('whale\n');
    files.write('src/deep/er/b.ts', bytes('new'));
    expect(text('src/deep/er/b.ts')).toBe('new');
    expect(files.list('src')).toEqual([
      { name: 'a.ts', kind: 'file' },
      { name: 'deep', kind: 'folder' },
    ]);
    expect(files.list('')).toEqual([{ name: 'src', kind: 'folder' }]);
  });

  test('a long file is cut at the limit, and says how long it is', () => {
    expect(files.read('src/a.ts', 3)).toEqual({ data: bytes('wha'), sizeBytes: 6 });
  });

  test('a written file keeps its mode and leaves nothing beside it', () => {
    chmodSync(join(root, 'src/a.ts'), 0o755);
    files.write('src/a.ts', bytes('changed'));
    expect(statSync(join(root, 'src/a.ts')).mode & 0o777).toBe(0o755);
    expect(readdirSync(join(root, 'src'))).toEqual(['a.ts']);
  });

  test.each([
    ['../secret', 'escape'],
    ['src/../../secret', 'escape'],
    ['/etc/passwd', 'escape'],
    ['src/out', 'escape'],
    ['out-folder/secret', 'kind'],
    ['src/hard', 'escape'],
    ['src', 'kind'],
    ['', 'kind'],
    ['nothing/here', 'missing'],
    ['a\0b', 'name'],
    [`${'x'.repeat(256)}/a`, 'name'],
    ['.git', 'escape'],
    ['.GIT/hooks/pre-commit', 'escape'],
    ['src/.git /config', 'escape'],
    ['git~1/../.git~1', 'escape'],
    ['.g\u200cit/config', 'escape'],
    ['src/a.ts/b', 'kind'],
  ])('%j is refused: %s', (path, expected) => {
    symlinkSync(join(base, 'secret'), join(root, 'src/out'));
    symlinkSync(base, join(root, 'out-folder'));
    linkSync(join(base, 'secret'), join(root, 'src/hard'));
    expect(problem(() => files.read(path, 100))).toBe(expected);
    if (expected !== 'missing') {
      expect(problem(() => files.write(path, bytes('x')))).toBe(expected);
    }
    expect(readFileSync(join(base, 'secret'), 'utf8')).toBe('key\n');
  });

  test('a folder that becomes a link again and again never lets anything out', async () => {
    mkdirSync(join(base, 'outside'));
    mkdirSync(join(root, 'swap'));
    const swapper = swapping(root, join(base, 'outside'));
    try {
      await new Promise((resolve) => swapper.stdout?.once('data', resolve));
      let inside = 0;
      const until = performance.now() + (process.env['WHALEFLOW_SOAK'] === '1' ? 5_500 : 700);
      while (performance.now() < until || inside === 0) {
        try {
          files.write('swap/planted', bytes('x'));
          inside += 1;
        } catch {
          // It was a link just then, or gone.
        }
      }
      expect(inside).toBeGreaterThan(0);
      expect(existsSync(join(base, 'outside/planted'))).toBe(false);
      expect(readdirSync(join(base, 'outside'))).toEqual([]);
    } finally {
      swapper.kill('SIGKILL');
    }
  });
});

/** A process that makes `swap` a folder and a link to `outside`, in turn, as fast as it can. */
function swapping(root: string, outside: string): ChildProcess {
  const program = `
    const fs = require('node:fs');
    process.chdir(${JSON.stringify(root)});
    fs.mkdirSync('real', { recursive: true });
    console.log('on');
    const end = Date.now() + 20_000;
    while (Date.now() < end) {
      try {
        fs.renameSync('swap', 'aside');
        fs.symlinkSync(${JSON.stringify(outside)}, 'swap');
        fs.unlinkSync('swap');
        fs.renameSync('aside', 'swap');
      } catch {}
    }`;
  return spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'ignore'] });
}
