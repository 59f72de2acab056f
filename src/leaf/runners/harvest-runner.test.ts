/** What a loser left, tried on the winner: with trees in memory, and with real ones. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import type { CommandTask, HarvestTask } from '../../workflow/task.ts';
import { makeTestRepository, type TestRepository } from '../../workspace/git/test-repository.ts';
import { type MemoryFiles, memoryWorkspace } from '../../workspace/memory/memory-workspace.ts';
import type { Workspace } from '../../workspace/workspace.ts';
import type { LeafRunner, RunnerReport } from '../leaf-runner.ts';
import { testHost, testJob } from '../test-host.ts';
import { commandRunner } from './command-runner.ts';
import { harvestRunner } from './harvest-runner.ts';

const never = new AbortController().signal;
const permissions = {
  write: true,
  shell: true,
  network: false,
  commands: ['*'],
  tools: [],
  env: [],
};
const check: CommandTask = {
  type: 'command',
  purpose: 'test',
  argv: ['check', 'all'],
  timeoutMs: 20_000,
  okExitCodes: [0],
};
const BASE: MemoryFiles = { 'src/slug.js': 'old\n', 'README.md': 'r\n', 'test/old.test.js': 'o\n' };
const WINNER: MemoryFiles = { ...BASE, 'src/slug.js': 'won\n' };

/** Commits that a run has made: where both were forked, and what each side left. */
async function sides(workspace: Workspace, commitOf: (name: string) => Promise<string>) {
  const { commit: base } = await workspace.base({ run: 'run1' });
  const winner = await commitOf('winner');
  const inputs = { winner: 'b/x', loser: { name: 'b/y', base, commit: await commitOf('loser') } };
  const task: HarvestTask = { type: 'harvest', check };
  return { task, inputs, tree: { key: 'cup/$harvest[y]', commit: winner } };
}

async function harvested(
  loser: MemoryFiles,
  report: RunnerReport | ((seen: MemoryFiles) => RunnerReport),
  winner = WINNER,
) {
  const memory = memoryWorkspace(BASE);
  const { commit } = await memory.base({ run: 'run1' });
  const { task, ...parts } = await sides(memory, async (name) => {
    const tree = await memory.open({ run: 'run1', tree: name, commit });
    const files = name === 'winner' ? winner : loser;
    for (const path of Object.keys(BASE)) if (!(path in files)) memory.remove(tree, path);
    for (const [path, text] of Object.entries(files)) memory.write(tree, path, text);
    return (await memory.capture(tree, { name })).commit;
  });
  let seen: MemoryFiles | undefined;
  const workspace: Workspace = {
    ...memory,
    async open(request, signal) {
      seen = memory.filesOf(request.commit);
      return memory.open(request, signal);
    },
  };
  const command: LeafRunner<CommandTask> = {
    run: async () => (typeof report === 'function' ? report(seen ?? {}) : report),
  };
  const world = {
    host: testHost(),
    sandbox: noneSandbox({ clock: nodeClock, timers: nodeTimers }),
  };
  const job = testJob(task, { ...parts, path: 'cup/$harvest[y]', node: { permissions } });
  return { said: await harvestRunner({ workspace, command }).run(job, world, never), seen };
}

const passed: RunnerReport = { status: 'succeeded', output: { exitCode: 0 } };
const failed: RunnerReport = {
  status: 'failed',
  failure: { kind: 'exit', message: 'exit status 1' },
  output: { exitCode: 1 },
};

describe('with trees in memory', () => {
  test('a test that passes is fruit, and its file is kept on the winner', async () => {
    const { said, seen } = await harvested({ ...BASE, 'test/new.test.js': 'n\n' }, passed);
    expect(seen).toEqual({ ...WINNER, 'test/new.test.js': 'n\n' });
    expect(said).toMatchObject({
      status: 'succeeded',
      output: { winner: 'b/x', loser: 'b/y', tests: ['test/new.test.js'], passed: true },
      fruit: [
        {
          type: 'test',
          title: 'test/new.test.js of b/y passes on b/x',
          value: { file: 'test/new.test.js', command: 'check all', exitCode: 0 },
          evidence: ['cup/$harvest[y]#1', 'b/y'],
        },
      ],
      commit: expect.any(String),
    });
  });

  test('a test that fails is a finding, and nothing is kept', async () => {
    const { said } = await harvested({ ...BASE, 'test/new.test.js': 'n\n' }, failed);
    expect(said).toMatchObject({
      status: 'succeeded',
      output: { exitCode: 1, passed: false },
      fruit: [
        {
          type: 'finding',
          title: 'test/new.test.js of b/y: exit status 1 on b/x',
          value: { files: ['test/new.test.js'], command: 'check all', exitCode: 1 },
        },
      ],
    });
    expect(said).not.toHaveProperty('commit');
  });

  test('what the winner changed too is its own, and what the loser removed is no test', async () => {
    const loser = { 'src/slug.js': 'lost\n', 'README.md': 'better\n', 'a.test.js': 'mine\n' };
    const winner = { ...WINNER, 'a.test.js': 'the winner’s\n' };
    const { said, seen } = await harvested(loser, passed, winner);
    expect(seen).toBeUndefined();
    expect(said).toMatchObject({
      output: { tests: [], files: ['README.md', 'test/old.test.js'], passed: null },
      fruit: [{ type: 'patch', title: 'README.md, test/old.test.js of b/y, untouched by b/x' }],
    });
  });

  test('a loser that left nothing of use starts no process and is no failure', async () => {
    const { said, seen } = await harvested({ ...BASE, 'src/slug.js': 'lost\n' }, failed);
    expect(seen).toBeUndefined();
    expect(said).toMatchObject({
      status: 'succeeded',
      output: { tests: [], files: [] },
      fruit: [],
    });
  });

  test('of several tests those that hold are kept, and the others are a finding', async () => {
    const files = { ...BASE, 'a.test.js': 'good\n', 'b.test.js': 'bad\n', 'c.test.js': 'good\n' };
    const tried: string[] = [];
    const byContent = (seen: MemoryFiles): RunnerReport => {
      const added = Object.keys(seen).filter((path) => /^[abc]\.test/.test(path));
      tried.push(added.join(' '));
      return Object.values(seen).includes('bad\n') ? failed : passed;
    };
    const { said, seen } = await harvested(files, byContent);
    expect(tried).toEqual([
      'a.test.js b.test.js c.test.js',
      'a.test.js',
      'b.test.js',
      'c.test.js',
      'a.test.js c.test.js',
    ]);
    expect(said).toMatchObject({
      output: { passed: true, failing: ['b.test.js'] },
      fruit: [
        { type: 'test', value: { file: 'a.test.js' } },
        { type: 'test', value: { file: 'c.test.js' } },
        {
          type: 'finding',
          title: 'b.test.js of b/y: fails on b/x',
          value: { files: ['b.test.js'] },
        },
      ],
      commit: expect.any(String),
    });
    expect(seen).not.toHaveProperty(['b.test.js']);
  });

  test('tests that hold alone and not together are a finding', async () => {
    const files = { ...BASE, 'a.test.js': 'x\n', 'b.test.js': 'x\n' };
    const apart = (seen: MemoryFiles): RunnerReport =>
      'a.test.js' in seen && 'b.test.js' in seen ? failed : passed;
    const { said } = await harvested(files, apart);
    expect(said).toMatchObject({ output: { passed: false }, fruit: [{ type: 'finding' }] });
    expect(said).not.toHaveProperty('commit');
  });

  test.each(['timeout', 'permission', 'lost'] as const)(
    'a check that ended by %s says nothing about the tests: the leaf fails',
    async (kind) => {
      const report = { status: 'failed', failure: { kind, message: 'no' } } as const;
      const { said } = await harvested({ ...BASE, 'a.test.js': 'n\n' }, report);
      expect(said).toMatchObject({ status: 'failed', failure: { kind } });
    },
  );
});

describe('in a repository', () => {
  let repository: TestRepository | undefined;
  afterEach(() => repository?.dispose());

  const FILES = {
    'slug.mjs': 'export const slug = (text) => text;\n',
    'package.json': '{ "type": "module" }\n',
  };
  const FIX = 'export const slug = (text) => text.toLowerCase();\n';
  const testOf = (text: string, slug: string): string =>
    `import { test } from 'node:test';\nimport { slug } from './slug.mjs';\n` +
    `test('slug', (t) => t.assert.equal(slug('${text}'), '${slug}'));\n`;

  async function tried(regression: string) {
    repository = await makeTestRepository(FILES);
    const workspace = repository.workspace();
    const { commit } = await workspace.base({ run: 'run1' });
    const { task, ...parts } = await sides(workspace, async (name) => {
      const tree = await workspace.open({ run: 'run1', tree: name, commit });
      const put = async (path: string, text: string): Promise<void> => {
        await mkdir(dirname(join(tree.root, path)), { recursive: true });
        await writeFile(join(tree.root, path), text);
      };
      if (name === 'winner') await put('slug.mjs', FIX);
      else await put('slug.test.mjs', regression);
      const capture = await workspace.capture(tree, { name });
      await tree.release();
      return capture.commit;
    });
    const command = commandRunner({
      environment: { PATH: process.env['PATH'] },
      temporaryFolder: repository.folder,
    });
    const host = testHost();
    const world = { host, sandbox: noneSandbox({ clock: nodeClock, timers: nodeTimers }) };
    const real = { ...task, check: { ...check, argv: ['node', '--test'] } };
    const node = { permissions, mode: 'read_write' as const };
    const job = testJob(real, { ...parts, path: 'cup/$harvest[y]', node });
    const said = await harvestRunner({ workspace, command }).run(job, world, never);
    return { said, workspace, winner: parts.tree.commit, host };
  }

  test('a regression test that holds on the winner really runs there, and is kept as a patch', async () => {
    const { said, workspace, winner, host } = await tried(testOf('Ab', 'ab'));
    expect(said).toMatchObject({ status: 'succeeded', fruit: [{ type: 'test' }] });
    const commit = said.status === 'failed' ? undefined : said.commit;
    expect(await workspace.changes(winner, commit ?? '')).toEqual([
      { path: 'slug.test.mjs', change: 'A' },
    ]);
    const tree = await workspace.open({ run: 'run1', tree: '', commit: commit ?? '' });
    expect(await readFile(join(tree.root, 'slug.mjs'), 'utf8')).toBe(FIX);
    expect(host.facts).toMatchObject([{ type: 'tool.called', exitCode: 0 }]);
  });

  test('one that does not hold there is a finding with the command and its exit status', async () => {
    const { said } = await tried(testOf('A b', 'a-b'));
    const value = { files: ['slug.test.mjs'], command: 'node --test', exitCode: 1 };
    expect(said).toMatchObject({ status: 'succeeded', fruit: [{ type: 'finding', value }] });
  });
});
