import { expect, test } from 'vitest';
import { makeTestRepository } from './test-repository.ts';

test('the refs of a forgotten run are gone; branches, tags and other runs stay', async () => {
  const repository = await makeTestRepository({ 'a.txt': 'one\n' });
  const { workspace, git } = repository;
  git('tag', 'v1');
  await workspace().base({ run: 'run1' });
  await workspace().base({ run: 'run11' });
  await workspace().forget('run1');
  const refs = git('for-each-ref', '--format=%(refname)').split('\n');
  expect(refs).toEqual(['refs/heads/main', 'refs/tags/v1', 'refs/whaleflow/run11/base']);
  await repository.dispose();
});
