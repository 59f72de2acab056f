import { expect, test } from 'vitest';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Fact } from '../trace/events.ts';
import type { CommandTask } from '../workflow/task.ts';
import { type MemoryWorkspace, memoryWorkspace } from '../workspace/memory/memory-workspace.ts';
import { noneWorkspace } from '../workspace/none/none-workspace.ts';
import type { Tree } from '../workspace/workspace.ts';
import type { LeafRunner, RunnerReport } from './leaf-runner.ts';
import { runLeaf } from './run-leaf.ts';
import { mergeRunner } from './runners/merge-runner.ts';
import { type TestHost, testHost, testJob } from './test-host.ts';

const sandbox: Sandbox = { level: 'none', run: () => Promise.reject(new Error('no process here')) };
const task: CommandTask = {
  type: 'command',
  purpose: 'shell',
  argv: ['edit'],
  timeoutMs: 1000,
  okExitCodes: [0],
};
const write = { write: true, shell: true, network: false, commands: ['*'], tools: [], env: [] };
const done: RunnerReport = { status: 'succeeded', output: 'done' };
const never = new AbortController().signal;

type Finished = Extract<Fact, { type: 'leaf.finished' }>;

/** A workspace that hands its open trees to a runner that edits them. */
function editing(edit: (workspace: MemoryWorkspace, tree: Tree) => RunnerReport): {
  readonly workspace: MemoryWorkspace;
  readonly runner: LeafRunner<CommandTask>;
  open(): number;
} {
  const memory = memoryWorkspace({ 'src/a.txt': 'a\n', 'b.txt': 'b\n' });
  const trees: Tree[] = [];
  let open = 0;
  const workspace: MemoryWorkspace = {
    ...memory,
    async open(request, signal) {
      const tree = await memory.open(request, signal);
      trees.push(tree);
      open += 1;
      const release = tree.release.bind(tree);
      tree.release = async () => {
        open -= 1;
        await release();
      };
      return tree;
    },
  };
  const runner: LeafRunner<CommandTask> = {
    run: async () => {
      const tree = trees.at(-1);
      if (tree === undefined) throw new Error('no tree is open');
      return edit(workspace, tree);
    },
  };
  return { workspace, runner, open: () => open };
}

async function run(
  made: ReturnType<typeof editing>,
  node: NonNullable<Parameters<typeof testJob>[1]>['node'],
): Promise<{ readonly host: TestHost; readonly end: Finished; readonly base: string }> {
  const host = testHost();
  const { commit: base } = await made.workspace.base({ run: 'run1' });
  const job = testJob(task, {
    tree: { key: '', commit: base },
    ...(node === undefined ? {} : { node }),
  });
  const world = { host, runners: { command: made.runner }, workspace: made.workspace, sandbox };
  await runLeaf(job, world, never);
  const end = host.facts.at(-1);
  if (end?.type !== 'leaf.finished') throw new Error('the leaf has not finished');
  return { host, end, base };
}

test('a leaf that may write hands over its tree and patch, and gives the tree back', async () => {
  const made = editing((workspace, tree) => {
    workspace.write(tree, 'src/a.txt', 'changed\n');
    return done;
  });
  const { host, end, base } = await run(made, { mode: 'read_write', permissions: write });
  expect(end.result.status).toBe('succeeded');
  expect(made.workspace.filesOf(end.tree?.commit ?? '')).toEqual({
    'src/a.txt': 'changed\n',
    'b.txt': 'b\n',
  });
  expect(end.tree?.commit).not.toBe(base);
  expect(host.text(end.patch)).toContain('src/a.txt');
  expect(host.facts[0]).toMatchObject({
    type: 'leaf.started',
    tree: { key: '', commit: base },
    sandbox: 'none',
  });
  expect(made.open()).toBe(0);
});

test('what a failed leaf changed is handed over too', async () => {
  const made = editing((workspace, tree) => {
    workspace.write(tree, 'b.txt', 'half\n');
    throw new Error('broke');
  });
  const { end } = await run(made, { mode: 'read_write', permissions: write });
  expect(end).toMatchObject({
    result: { failure: { kind: 'internal' } },
    patch: { type: 'patch' },
  });
  expect(made.open()).toBe(0);
});

test('without a change there is a tree and no patch; of a read-only leaf there is neither', async () => {
  const nothing = await run(
    editing(() => done),
    { mode: 'read_write', permissions: write },
  );
  expect(nothing.end.tree).toEqual({ key: '', commit: nothing.base });
  expect(nothing.end.patch).toBeUndefined();
  const made = editing((workspace, tree) => {
    workspace.write(tree, 'built.txt', 'output');
    return done;
  });
  const { end } = await run(made, {});
  expect(end.result.status).toBe('succeeded');
  expect([end.tree, end.patch]).toEqual([undefined, undefined]);
});

test('a change outside of the file scope fails the leaf; what is inside is handed over', async () => {
  const made = editing((workspace, tree) => {
    workspace.write(tree, 'src/a.txt', 'mine\n');
    workspace.write(tree, 'b.txt', 'not mine\n');
    return done;
  });
  const { host, end } = await run(made, {
    mode: 'read_write',
    permissions: write,
    fileScope: ['src/**'],
  });
  expect(end.result).toMatchObject({
    status: 'failed',
    failure: { kind: 'permission', message: 'changed files outside of its scope: b.txt' },
  });
  expect(host.text(end.result.output)).toBe('done');
  expect(made.workspace.filesOf(end.tree?.commit ?? '')).toEqual({
    'src/a.txt': 'mine\n',
    'b.txt': 'b\n',
  });
});

test('a leaf may write only where its permissions say so, and only with git', async () => {
  const refused = await run(
    editing(() => done),
    { mode: 'read_write' },
  );
  expect(refused.end.result).toMatchObject({ failure: { kind: 'permission' } });
  const host = testHost();
  const workspace = noneWorkspace({ folder: '/' });
  const job = testJob(task, { node: { mode: 'read_write', permissions: write } });
  const runners = { command: { run: async () => done } };
  await runLeaf(job, { host, runners, workspace, sandbox }, never);
  expect(host.facts.at(-1)).toMatchObject({ result: { failure: { kind: 'sandbox' } } });
});

test('a tree that cannot be had fails the leaf', async () => {
  const host = testHost();
  const job = testJob(task, { tree: { key: '', commit: 'gone' } });
  const world = {
    workspace: memoryWorkspace(),
    sandbox,
    runners: { command: { run: async () => done } },
  };
  await runLeaf(job, { ...world, host }, never);
  expect(host.facts.map(({ type }) => type)).toEqual(['leaf.started', 'leaf.finished']);
  expect(host.facts[1]).toMatchObject({
    result: { failure: { kind: 'sandbox', message: 'no tree to work in: no commit "gone"' } },
  });
});

/** Two trees forked from one base, each with the given text of `b.txt` and a file of its own. */
async function merge(
  left: string,
  right: string,
): Promise<{
  readonly host: TestHost;
  readonly workspace: MemoryWorkspace;
  readonly base: string;
}> {
  const workspace = memoryWorkspace({ 'b.txt': 'b\n' });
  const { commit: base } = await workspace.base({ run: 'run1' });
  const trees = await Promise.all(
    Object.entries({ left, right }).map(async ([name, text]) => {
      const tree = await workspace.open({ run: 'run1', tree: name, commit: base });
      workspace.write(tree, 'b.txt', text);
      workspace.write(tree, `${name}.txt`, name);
      const { commit } = await workspace.capture(tree, { name });
      return { name, commit, base };
    }),
  );
  const host = testHost();
  const job = testJob(
    { type: 'merge' },
    {
      inputs: { trees },
      tree: { key: '', commit: base },
      node: { mode: 'read_write', permissions: write },
    },
  );
  const runners = { merge: mergeRunner(workspace) };
  await runLeaf(job, { host, runners, workspace, sandbox }, never);
  return { host, workspace, base };
}

test('a merge moves the tree around it, with a patch', async () => {
  const { host, workspace } = await merge('b\n', 'b from the right\n');
  const end = host.facts.at(-1);
  if (end?.type !== 'leaf.finished') throw new Error('the leaf has not finished');
  expect(workspace.filesOf(end.tree?.commit ?? '')).toEqual({
    'b.txt': 'b from the right\n',
    'left.txt': 'left',
    'right.txt': 'right',
  });
  expect(host.text(end.patch)).toContain('right.txt');
  expect(host.json(end.result.output)).toEqual({
    merged: ['left', 'right'],
    conflicts: [],
    commit: end.tree?.commit,
  });
  expect(host.facts[1]).toMatchObject({
    type: 'tree.merged',
    into: end.tree,
    sources: [{ key: 'left' }, { key: 'right' }],
    conflicts: [],
  });
});

test('a conflict fails the merge, names its files and says where the marked files are', async () => {
  const { host, workspace } = await merge('left\n', 'right\n');
  const end = host.facts.at(-1);
  if (end?.type !== 'leaf.finished') throw new Error('the leaf has not finished');
  expect(end.result).toMatchObject({
    status: 'failed',
    failure: { kind: 'merge_conflict', message: 'conflicts in b.txt' },
  });
  expect(end.tree).toBeUndefined();
  const output = host.json(end.result.output) as { readonly commit: string };
  expect(output).toMatchObject({ conflicts: [{ path: 'b.txt', source: 'right' }] });
  expect(workspace.filesOf(output.commit)['b.txt']).toContain('<<<<<<<');
});

test('a leaf whose tree was deleted under it is lost, not failed, unless it only looked', async () => {
  const make = (report: RunnerReport): ReturnType<typeof editing> =>
    editing((_workspace, tree) => {
      tree.isThere = async () => false;
      return report;
    });
  const failed: RunnerReport = { status: 'failed', failure: { kind: 'sandbox', message: 'gone' } };
  const lastFact = async (report: RunnerReport, mode: 'read_only' | 'read_write') => {
    const made = make(report);
    const host = testHost();
    const { commit } = await made.workspace.base({ run: 'run1' });
    const job = testJob(task, { tree: { key: '', commit }, node: { mode, permissions: write } });
    const world = { host, runners: { command: made.runner }, workspace: made.workspace, sandbox };
    await runLeaf(job, world, never);
    return host.facts.at(-1);
  };
  const lost = { type: 'leaf.lost', because: 'tree', maybeRepeated: true };
  expect(await lastFact(done, 'read_write')).toMatchObject(lost);
  expect(await lastFact(failed, 'read_only')).toMatchObject(lost);
  expect(await lastFact(done, 'read_only')).toMatchObject({ type: 'leaf.finished' });
});
