import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testJob } from '../test-host.ts';
import { writableFolders } from './writable-folders.ts';

let base = '';
beforeAll(async () => {
  base = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-writable-')));
  await mkdir(join(base, 'src/deep'), { recursive: true });
  await mkdir(join(base, 'sub/.git/hooks'), { recursive: true });
  await writeFile(join(base, 'src/a.ts'), '');
  await symlink('/etc', join(base, 'out'));
  await symlink('src', join(base, 'link'));
});
afterAll(() => rm(base, { recursive: true, force: true }));

const task = { type: 'command', purpose: 'shell', argv: ['true'], timeoutMs: 1, okExitCodes: [0] };

async function foldersOf(
  fileScope: readonly string[] | undefined,
  mode: 'read_only' | 'read_write' = 'read_write',
): Promise<readonly string[]> {
  const scope = fileScope === undefined ? {} : { fileScope };
  const folders = await writableFolders(testJob(task as never, { node: { mode, ...scope } }), base);
  return folders.map((folder) => relative(base, folder) || '.');
}

test.each([
  [['src/**'], ['src']],
  [['src/*.ts', 'src/deep/**'], ['src']],
  [['src'], ['src']],
  [['src/a.ts'], ['src']],
  [['src/a.ts/**'], ['src']],
  [['README.md'], ['.']],
  [['*.md', 'src/**'], ['.']],
  [['{src/deep,docs}/*.md'], ['docs', 'src/deep']],
  [[], []],
])('the scope %j is %j', async (scope, folders) => {
  expect([...(await foldersOf(scope))].sort()).toEqual(folders);
});

test('a folder that is not there yet is made, a file is not', async () => {
  expect(await foldersOf(['new/deep/**', 'src/later.ts'])).toEqual(['new/deep', 'src']);
  expect(existsSync(join(base, 'new/deep'))).toBe(true);
  expect(existsSync(join(base, 'src/later.ts'))).toBe(false);
});

test('a scope that leads out, through a link or into a repository gives nothing', async () => {
  const scope = ['out/**', 'link/**', '../**', 'src/../../**', 'sub/.git/hooks/**', '.GIT/**'];
  expect(await foldersOf(scope)).toEqual([]);
});

test('without a scope it is the tree, and for a read-only leaf nothing', async () => {
  expect(await foldersOf(undefined)).toEqual(['.']);
  expect(await foldersOf(undefined, 'read_only')).toEqual([]);
  expect(await foldersOf(['src/**'], 'read_only')).toEqual([]);
});
