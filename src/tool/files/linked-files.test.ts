/** Linked folders are read as if they lay in the tree, never written, and lead nowhere else. */
import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { TreeFiles } from '../tree-files.ts';
import { canWalk } from './descriptor-walk.ts';
import { withLinked } from './linked-files.ts';
import { walkingFiles } from './walking-files.ts';

let base = '';
let root = '';
let files: TreeFiles;
const target = (): string => join(base, 'checkout/node_modules');

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-linked-')));
  root = join(base, 'tree');
  mkdirSync(join(root, 'packages/a'), { recursive: true });
  writeFileSync(join(root, 'packages/a/index.js'), 'of the tree\n');
  mkdirSync(join(target(), '.store/dep@1/dep'), { recursive: true });
  writeFileSync(join(target(), '.store/dep@1/dep/index.js'), 'installed\n');
  symlinkSync('.store/dep@1/dep', join(target(), 'dep'));
  writeFileSync(join(base, 'secret'), 'key\n');
  writeFileSync(join(base, 'checkout/secret'), 'key\n');
  const linked = [{ path: 'node_modules', target: target() }];
  files = withLinked(
    walkingFiles(root, () => '.new'),
    root,
    linked,
  );
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

const places: readonly (readonly [string, () => void])[] = [
  ['an empty folder to mount over', () => mkdirSync(join(root, 'node_modules'))],
  ['a link', () => symlinkSync(target(), join(root, 'node_modules'))],
];

describe.skipIf(!canWalk()).each(places)('where the tree has %s', (_name, place) => {
  beforeEach(() => place());

  test('it is read and listed, links inside of it too', () => {
    expect(text('node_modules/dep/index.js')).toBe('installed\n');
    expect(text('/workspace/node_modules/.store/dep@1/dep/index.js')).toBe('installed\n');
    expect(files.list('')).toEqual([
      { name: 'node_modules', kind: 'folder' },
      { name: 'packages', kind: 'folder' },
    ]);
    expect(files.list('node_modules')).toEqual([
      { name: '.store', kind: 'folder' },
      { name: 'dep', kind: 'link' },
    ]);
    expect(files.list('node_modules/dep')).toEqual([{ name: 'index.js', kind: 'file' }]);
  });

  test('files that an installer has linked hard are read', () => {
    linkSync(join(target(), '.store/dep@1/dep/index.js'), join(base, 'store.js'));
    expect(text('node_modules/dep/index.js')).toBe('installed\n');
  });

  test('a package of the workspace is that of the tree', () => {
    symlinkSync('../packages/a', join(target(), 'a'));
    expect(text('node_modules/a/index.js')).toBe('of the tree\n');
    expect(files.list('node_modules/a')).toEqual([{ name: 'index.js', kind: 'file' }]);
  });

  test('nothing is written, and it is said why', () => {
    for (const path of ['node_modules/dep/index.js', 'node_modules/new.js', 'node_modules']) {
      expect(() => files.write(path, new Uint8Array())).toThrow(
        `${path} is in the linked folder node_modules, which is only read`,
      );
    }
    expect(text('node_modules/dep/index.js')).toBe('installed\n');
    expect(readdirSync(target())).toEqual(['.store', 'dep']);
  });

  test.each([
    ['an absolute link', () => join(base, 'secret'), 'escape'],
    ['a link above the tree', () => '../../secret', 'escape'],
    ['a link beside the linked folder', () => '../secret', 'missing'],
    ['a link to itself', () => 'out', 'escape'],
    ['a link to the repository of the tree', () => '../.git/config', 'escape'],
  ])('%s leads nowhere', (_which, to, expected) => {
    mkdirSync(join(root, '.git'));
    writeFileSync(join(root, '.git/config'), 'key\n');
    symlinkSync(to(), join(target(), 'out'));
    expect(problem(() => files.read('node_modules/out', 100))).toBe(expected);
    expect(problem(() => files.list('node_modules/out'))).not.toBe('none');
    expect(problem(() => files.read('node_modules/../../secret', 100))).toBe('escape');
  });
});

test.skipIf(!canWalk())('what the tree itself has there is its own', () => {
  mkdirSync(join(root, 'node_modules'));
  writeFileSync(join(root, 'node_modules/own.js'), 'committed\n');
  expect(text('node_modules/own.js')).toBe('committed\n');
  files.write('node_modules/own.js', new TextEncoder().encode('changed\n'));
  expect(readFileSync(join(root, 'node_modules/own.js'), 'utf8')).toBe('changed\n');
  expect(problem(() => files.read('node_modules/dep/index.js', 100))).toBe('missing');
});
