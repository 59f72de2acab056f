import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { locateRepository } from './locate-repository.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository | undefined;
afterEach(() => repository?.dispose());

test('finds the checkout, its git folder and those of the main checkout', async () => {
  repository = await makeTestRepository({ 'in/a': 'a\n' });
  const { root, folder, git } = repository;
  const gitFolder = join(root, '.git');
  const main = { root, gitFolder, commonFolder: gitFolder, mainRoot: root };
  expect(await locateRepository(root)).toEqual(main);
  expect(await locateRepository(join(root, 'in'))).toEqual(main);

  const linked = join(folder, 'linked');
  git('worktree', 'add', '-q', linked);
  expect(await locateRepository(join(linked, 'in'))).toEqual({
    ...main,
    root: linked,
    gitFolder: join(gitFolder, 'worktrees/linked'),
  });

  git('clone', '-q', '--bare', '.', join(folder, 'bare'));
  const bare = join(folder, 'bare');
  expect(await locateRepository(join(bare, 'refs'))).toEqual({
    gitFolder: bare,
    commonFolder: bare,
  });
});

test('finds nothing where nothing is, and passes over a broken .git', async () => {
  repository = await makeTestRepository({ 'in/a': 'a\n' });
  const { root, folder } = repository;
  expect(await locateRepository(folder)).toBeUndefined();
  expect(await locateRepository(join(folder, 'not there'))).toBeUndefined();
  mkdirSync(join(root, 'in/.git'));
  writeFileSync(join(root, 'in/.git/HEAD'), 'x');
  expect((await locateRepository(join(root, 'in')))?.root).toBe(root);
});
