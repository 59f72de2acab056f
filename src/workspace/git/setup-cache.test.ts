import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nodeChance } from '../../system/node/node-chance.ts';
import { prepareSetup, type SetupRequest } from './setup-cache.ts';
import { makeTestRepository, type TestRepository } from './test-repository.ts';

let repository: TestRepository;
beforeEach(async () => {
  repository = await makeTestRepository({
    'package-lock.json': '{}',
    '.gitignore': 'node_modules/\n*.log\n',
    'packages/a/index.js': '',
  });
});
afterEach(() => repository.dispose());

let installs = 0;
async function install(root: string): Promise<void> {
  installs += 1;
  for (const folder of ['node_modules', 'packages/a/node_modules']) {
    mkdirSync(join(root, folder, 'dep'), { recursive: true });
    writeFileSync(join(root, folder, 'dep/x'), `${folder}\n`);
  }
  writeFileSync(join(root, 'install.log'), 'no folder: not kept');
  writeFileSync(join(root, 'left.txt'), 'not ignored: not kept');
}

const prepare = (parts: Partial<SetupRequest> = {}) =>
  prepareSetup(
    { repositoryRoot: repository.root, cacheFolder: repository.cacheFolder, chance: nodeChance },
    { commit: repository.git('rev-parse', 'HEAD'), command: 'c', platform: 'p', install, ...parts },
  );

test('ignored folders are kept for the lockfiles, the command and the platform that made them', async () => {
  installs = 0;
  const first = await prepare();
  expect(first.lockfiles).toEqual(['package-lock.json']);
  expect(first.folders.map(({ path }) => path)).toEqual([
    'node_modules',
    'packages/a/node_modules',
  ]);
  const [folder] = first.folders;
  expect(readFileSync(join(folder?.target ?? '', 'dep/x'), 'utf8')).toBe('node_modules\n');
  repository.write('packages/a/index.js', 'changed');
  repository.git('commit', '--all', '--message=other');
  expect(await prepare()).toEqual({ ...first, durationMs: 0 });
  expect(installs).toBe(1);
  await prepare({ command: 'd' });
  await prepare({ platform: 'q' });
  repository.write('packages/a/package-lock.json', '{}');
  repository.git('add', '--all');
  repository.git('commit', '--message=lock');
  await prepare();
  expect(installs).toBe(4);
});

test('the cache can be deleted at any time', async () => {
  installs = 0;
  await prepare();
  rmSync(join(repository.cacheFolder, 'setups'), { recursive: true });
  const { folders } = await prepare();
  expect([installs, existsSync(folders[0]?.target ?? '')]).toEqual([2, true]);
});

test('of an installation that fails nothing is kept, and no checkout is left', async () => {
  const failing = async (root: string) => {
    await install(root);
    throw new Error('no disk');
  };
  await expect(prepare({ install: failing })).rejects.toThrow('no disk');
  const [setups] = readdirSync(join(repository.cacheFolder, 'setups'));
  expect(readdirSync(join(repository.cacheFolder, 'setups', setups ?? ''))).toEqual([]);
  expect(repository.git('worktree', 'list').split('\n')).toHaveLength(1);
});
