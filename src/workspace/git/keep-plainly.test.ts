/** What is kept without an index is what git itself would have kept, and costs few processes. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { runsOf, sliceOf } from '../../../test/soak/slice.ts';
import { doorCounts } from '../../system/door-counts.ts';
import type { Tree, Workspace } from '../workspace.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

const FILES = { 'a.txt': 'one\n', 'src/b.txt': 'two\n', 'src/deep/c.c': 'c\n', run: '#!/bin/sh\n' };

let repository: TestRepository;
let workspace: Workspace;
let tree: Tree;
let base = '';
afterEach(() => repository.dispose());

interface Setting {
  readonly config: readonly (readonly [string, string])[];
  readonly attributes: string;
}

async function begin({ config, attributes }: Setting): Promise<void> {
  const attributed = attributes === '' ? {} : { '.gitattributes': attributes };
  repository = await makeTestRepository({ ...FILES, ...attributed });
  for (const [key, value] of config) repository.git('config', key, value);
  workspace = repository.workspace();
  base = (await workspace.base({ run: 'run1' })).commit;
  tree = await workspace.open({ run: 'run1', tree: '', commit: base });
}

const PLAIN: Setting = { config: [], attributes: '' };
const name = 'leaf#1 kept';
const write = (path: string, text: string): void => {
  mkdirSync(dirname(join(tree.root, path)), { recursive: true });
  writeFileSync(join(tree.root, path), text);
};
const treeOf = (commit: string): string => repository.git('rev-parse', `${commit}^{tree}`);

async function processesOf(work: () => Promise<unknown>): Promise<number> {
  const before = doorCounts().processes;
  await work();
  return doorCounts().processes - before;
}

test('an edit costs one process, a command one more that looks, and what changed nothing none', async () => {
  await begin(PLAIN);
  write('src/b.txt', '1\n');
  await workspace.keep(tree, { name, paths: ['src/b.txt'] });
  write('src/b.txt', '2\n');
  write('src/new.txt', 'new\n');
  const edit = () => workspace.keep(tree, { name, paths: ['src/b.txt', 'src/new.txt'] });
  expect(await processesOf(edit)).toBe(1);
  expect(await processesOf(edit)).toBe(0);
  write('src/b.txt', '3\n');
  const look = () => workspace.keep(tree, { name });
  expect(await processesOf(look)).toBe(2);
  expect(await processesOf(look)).toBe(1);
});

test('what git would convert is left to git', async () => {
  await begin({ config: [], attributes: '*.txt text\n*.c ident\n' });
  write('a.txt', 'one\r\ntwo\r\n');
  write('src/deep/c.c', '/* $Id: whatever $ */\n');
  const paths = ['a.txt', 'src/deep/c.c'];
  const { commit } = await workspace.keep(tree, { name, paths });
  expect(repository.git('show', `${commit}:a.txt`)).toBe('one\ntwo');
  expect(repository.git('show', `${commit}:src/deep/c.c`)).toBe('/* $Id$ */');
});

test('so are encodings', async () => {
  await begin({ config: [], attributes: '*.u working-tree-encoding=UTF-16LE\n' });
  writeFileSync(join(tree.root, 'x.u'), Buffer.from('wide\n', 'utf16le'));
  const { commit } = await workspace.keep(tree, { name, paths: ['x.u'] });
  expect(repository.git('show', `${commit}:x.u`)).toBe('wide');
});

test('attributes that only the commit has left still count', async () => {
  await begin({ config: [], attributes: '*.txt text\n' });
  rmSync(join(tree.root, '.gitattributes'));
  write('a.txt', 'one\r\n');
  const { commit } = await workspace.keep(tree, { name, paths: ['a.txt'] });
  expect(repository.git('cat-file', '-s', `${commit}:a.txt`)).toBe('4');
});

test('a pipe in place of attributes holds nothing up', async () => {
  await begin(PLAIN);
  repository.git('-C', tree.root, '-c', 'alias.pipe=!mkfifo .gitattributes', 'pipe');
  write('a.txt', '1\n');
  await expect(workspace.keep(tree, { name, paths: ['.gitattributes', 'a.txt'] })).rejects.toThrow(
    'pipe',
  );
  rmSync(join(tree.root, '.gitattributes'));
  const { commit } = await workspace.keep(tree, { name, paths: ['a.txt'] });
  expect(repository.git('show', `${commit}:a.txt`)).toBe('1');
});

test('after many files at once, which go by the index, few go without it again', async () => {
  await begin(PLAIN);
  const paths = Array.from({ length: 70 }, (_, index) => `many/${index}.txt`);
  write('a.txt', 'before\n');
  await workspace.keep(tree, { name, paths: ['a.txt'] });
  for (const path of paths) write(path, `${path}\n`);
  await same(await workspace.keep(tree, { name }));
  write('many/3.txt', 'other\n');
  rmSync(join(tree.root, 'many/4.txt'));
  await same(await workspace.keep(tree, { name, paths: ['many/3.txt', 'many/4.txt'] }));
  write('many/3.txt', 'many/3.txt\n');
  await same(await workspace.keep(tree, { name }));
});

/** A preview goes by the index of the checkout, and looks at all files. */
async function same({ commit }: { readonly commit: string }): Promise<void> {
  const preview = await workspace.preview(tree, { name: 'leaf#1 so far' });
  expect(treeOf(commit)).toBe(treeOf(preview.commit));
}

const PATHS = [
  'a.txt',
  'src/b.txt',
  'src/deep/c.c',
  'run',
  'new',
  'new/x.txt',
  'src',
  'ünï',
  'a b/~',
];
const DEEDS = ['write', 'write', 'write', 'remove', 'executable', 'plain', 'link'] as const;
const TEXTS = [
  'one\n',
  'two\n',
  '',
  'crlf\r\n',
  '$Id: x $\n',
  '\0binary\r\n',
  'no end',
  'x'.repeat(9000),
];
type Deed = readonly [path: string, deed: (typeof DEEDS)[number], text: string];
const step = fc.record({
  deeds: fc.array(
    fc.tuple(fc.constantFrom(...PATHS), fc.constantFrom(...DEEDS), fc.constantFrom(...TEXTS)),
    { minLength: 1, maxLength: 4 },
  ),
  isKnown: fc.boolean(),
});
const settings = fc.constantFrom<Setting>(
  PLAIN,
  { config: [['core.autocrlf', 'true']], attributes: '' },
  { config: [['core.autocrlf', 'input']], attributes: '*.c -text\n' },
  { config: [['core.filemode', 'false']], attributes: '' },
  { config: [['core.ignorecase', 'true']], attributes: '' },
  { config: [], attributes: '* text=auto\n*.c ident\n' },
);

function act([path, deed, text]: Deed): void {
  const file = join(tree.root, path);
  if (deed === 'executable' || deed === 'plain') {
    if (existsSync(file) && lstatSync(file).isFile())
      chmodSync(file, deed === 'plain' ? 0o644 : 0o755);
    return;
  }
  for (const above of [dirname(dirname(path)), dirname(path)]) {
    const stat = lstatSync(join(tree.root, above), { throwIfNoEntry: false });
    if (stat !== undefined && !stat.isDirectory()) rmSync(join(tree.root, above));
  }
  rmSync(file, { recursive: true, force: true });
  if (deed === 'remove') return;
  mkdirSync(dirname(file), { recursive: true });
  if (deed === 'link') symlinkSync('nowhere', file);
  else writeFileSync(file, text);
}

const slice = sliceOf(8, 500);

test(`${slice.count} times any changes, in any repository: what is kept is what a look at all files finds`, async () => {
  const property = fc.asyncProperty(
    settings,
    fc.array(step, { minLength: 1, maxLength: 6 }),
    async (setting, steps) => {
      await repository?.dispose();
      await begin(setting);
      const changed = new Set<string>();
      for (const { deeds, isKnown } of steps) {
        for (const deed of deeds) act(deed);
        const { files } = await filesOf();
        for (const path of files) changed.add(path);
        const paths = isKnown ? { paths: [...changed] } : {};
        await same(await workspace.keep(tree, { name, ...paths }));
      }
    },
  );
  await fc.assert(property, { ...runsOf(slice), endOnFailure: true });
});

/** Paths that differ from the base now. */
async function filesOf(): Promise<{ readonly files: readonly string[] }> {
  const { commit } = await workspace.preview(tree, { name: 'leaf#1 so far' });
  return { files: (await workspace.changes(base, commit)).map(({ path }) => path) };
}
