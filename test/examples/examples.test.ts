import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { compileWorkflow } from '../../src/authoring/compile.ts';
import { drawDiagnostics } from '../../src/authoring/draw-diagnostics.ts';
import { digestSpec } from '../../src/workflow/digest.ts';
import type { WorkflowSpec } from '../../src/workflow/workflow-spec.ts';
import { makeTestRepository } from '../../src/workspace/git/test-repository.ts';
import { ROOT, runExample } from './run-example.ts';

const files = ['examples', 'workflows'].flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((name) => /\.(?:star|yaml|json)$/.test(name))
    .map((name) => `${folder}/${name}`),
);

function compiled(file: string): WorkflowSpec {
  const source = readFileSync(join(ROOT, file), 'utf8');
  const result = compileWorkflow({ file, source });
  const problems = 'diagnostics' in result ? result.diagnostics : result.warnings;
  if ('diagnostics' in result || problems.length > 0)
    throw new Error(drawDiagnostics(problems, { source: () => source }));
  return result.spec;
}

test.each(files)('%s compiles without a warning', (file) => {
  expect(compiled(file).nodes.length).toBeGreaterThan(0);
});

test('hello is one plan in three languages', () => {
  const [first, ...others] = ['star', 'yaml', 'json'].map((ending) =>
    digestSpec(compiled(`examples/hello.${ending}`)),
  );
  expect(others).toEqual([first, first]);
});

test('examples/README.md tells about every example', () => {
  const text = readFileSync(join(ROOT, 'examples/README.md'), 'utf8');
  for (const file of files.filter((path) => path.startsWith('examples/')))
    expect(text).toContain(`\`${file.slice('examples/'.length)}\``);
});

test.each(files.filter((path) => path.startsWith('examples/')))(
  '%s runs under the mock',
  async (file) => {
    const { outcome } = await runExample({ file, mock: true });
    expect(outcome?.status).toBe('succeeded');
  },
);

const OWN = 'workflows/rlm_cache_change.star';

test('our own workflow succeeds where a patch passes its tests', async () => {
  const mock = 'workflows/fixtures/rlm_cache_change.succeeded.yaml';
  const { outcome, ended } = await runExample({ file: OWN, mock });
  expect(outcome?.status).toBe('succeeded');
  expect(ended).toMatchObject({
    'work/explore/minimal': 'succeeded',
    'work/repair': 'succeeded',
    'work/repair[1]/repair-tests': 'failed',
    'work/repair[2]/repair-tests': 'succeeded',
    'work/best': 'succeeded',
    'work/lessons': 'succeeded',
    'work/report': 'succeeded',
    'verdict/proof': 'succeeded',
  });
});

test('our own workflow fails where tests never pass, with its lessons and its report', async () => {
  const mock = 'workflows/fixtures/rlm_cache_change.tests-never-pass.yaml';
  const { outcome, ended } = await runExample({ file: OWN, mock });
  expect(outcome?.status).toBe('failed');
  expect(ended).toMatchObject({
    'work/explore': 'degraded',
    'work/repair[2]/repair-tests': 'failed',
    'work/repair': 'failed',
    'work/best': 'failed',
    'work/lessons': 'succeeded',
    'work/report': 'succeeded',
    'verdict/no-patch': 'failed',
  });
  expect(ended['work/repair[3]/repair-patch']).toBeUndefined();
});

const REPOSITORY = {
  'src/a.mjs': '// TODO: more of it\nexport const a = 1;\n// FIXME: less of it\n',
  'src/b.mjs': '// nothing to do\n',
  'test/a.test.mjs':
    "import { test } from 'node:test';\nimport { a } from '../src/a.mjs';\ntest('a', (t) => t.assert.equal(a, 1));\n",
  'package.json':
    '{ "name": "thrown-away", "version": "1.2.3", "type": "module", "scripts": { "test": "node --test" } }\n',
  'CHANGELOG.md': '# Changes\n\n## 1.2.3\n\nFirst.\n',
  LICENSE: 'MIT\n',
};

test('repo-audit really searches and counts, and changes nothing', async () => {
  await using made = await repository(REPOSITORY);
  const { outcome, ended, modelCalls } = await runExample({
    file: 'examples/repo-audit.star',
    ...made,
  });
  expect(outcome?.status).toBe('succeeded');
  expect(ended['by-file[src%2Fa.mjs]/size']).toBe('succeeded');
  expect(Object.keys(ended).filter((path) => path.endsWith('/size'))).toHaveLength(1);
  expect(modelCalls).toBe(1);
  expect(made.git('status', '--porcelain')).toBe('');
});

test('release-check passes a fit repository and fails one with a conflict marker, without a model', async () => {
  await using fit = await repository(REPOSITORY);
  const passed = await runExample({ file: 'examples/release-check.yaml', ...fit });
  expect([passed.outcome?.status, passed.modelCalls]).toEqual(['succeeded', 0]);
  expect(passed.ended['verdict/package']).toBe('succeeded');
  fit.write('src/b.mjs', '<<<<<<< ours\n');
  const failed = await runExample({ file: 'examples/release-check.yaml', ...fit });
  expect(failed.outcome?.status).toBe('failed');
  expect(failed.ended).toMatchObject({
    'gates/conflicts': 'failed',
    'gates/licence': 'succeeded',
    'verdict/not-ready': 'failed',
  });
});

test('parallel-fix lets tests choose, and the run has the tree of the winner', async () => {
  await using made = await repository(REPOSITORY);
  const { outcome, output, ended, tree } = await runExample({
    file: 'examples/parallel-fix.star',
    ...made,
  });
  expect(outcome?.status).toBe('succeeded');
  expect(output).toMatchObject({ winner: 'careful' });
  expect(ended['attempts/hasty/hasty-counts']).toBe('failed');
  expect(ended['best/$harvest[hasty]']).toBe('succeeded');
  const test = { from: 'best/$harvest[hasty]', type: 'test' };
  expect(output).toMatchObject({ fruit: expect.arrayContaining([expect.objectContaining(test)]) });
  expect(made.git('show', `${tree}:count.sh`)).toContain('seq 1 10');
  expect(made.git('status', '--porcelain')).toBe('');
});

async function repository(contents: Readonly<Record<string, string>>) {
  const made = await makeTestRepository(contents);
  return {
    folder: made.root,
    home: made.folder,
    git: made.git,
    write: made.write,
    [Symbol.asyncDispose]: () => made.dispose(),
  };
}
