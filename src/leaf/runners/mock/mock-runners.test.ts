import { expect, test } from 'vitest';
import type { Json } from '../../../base/json.ts';
import { mockProvider } from '../../../model/mock/mock-provider.ts';
import type { MockFixture } from '../../../model/mock-rule.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { nodeChance } from '../../../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../../../system/node/node-clock.ts';
import type { Fact } from '../../../trace/events.ts';
import type { LeafTask } from '../../../workflow/task.ts';
import { memoryWorkspace } from '../../../workspace/memory/memory-workspace.ts';
import { noneWorkspace } from '../../../workspace/none/none-workspace.ts';
import type { Workspace } from '../../../workspace/workspace.ts';
import type { LeafJob } from '../../leaf-job.ts';
import { runLeaf } from '../../run-leaf.ts';
import { type TestHost, testHost, testJob } from '../../test-host.ts';
import { mockRunners } from './mock-runners.ts';

const sandbox: Sandbox = { level: 'none', run: () => Promise.reject(new Error('no process here')) };
const parts = { clock: nodeClock, timers: nodeTimers, chance: nodeChance };

async function runMocked(
  job: LeafJob,
  fixture: MockFixture = { rules: [] },
  workspace: Workspace = memoryWorkspace(),
): Promise<{ readonly host: TestHost; readonly end: Extract<Fact, { type: 'leaf.finished' }> }> {
  const host = testHost();
  const provider = mockProvider({ timers: nodeTimers, fixture });
  const runners = mockRunners(fixture, { ...parts, provider });
  const world = { runners, workspace, sandbox };
  await runLeaf(job, { ...world, host }, new AbortController().signal);
  const end = host.facts.at(-1);
  if (end?.type !== 'leaf.finished') throw new Error('the leaf has not finished');
  return { host, end };
}

const tasks: readonly (readonly [LeafTask, Json])[] = [
  [
    { type: 'command', purpose: 'test', argv: ['npm', 'test'], timeoutMs: 1000, okExitCodes: [0] },
    {
      exitCode: 0,
      passed: true,
      signal: null,
      stderr: '',
      tests: { status: 'not_found' },
      stdout: 'mock',
      timedOut: false,
    },
  ],
  [
    { type: 'search', query: 'whale', maxMatches: 5 },
    {
      matches: [{ path: 'mock.txt', line: 1, column: 1, text: 'whale' }],
      files: ['mock.txt'],
      count: 1,
      truncated: false,
    },
  ],
  [{ type: 'memory', action: 'read', key: 'k', limit: 5 }, { entries: [] }],
  [{ type: 'memory', action: 'write', key: 'k', value: 1, limit: 5 }, { written: true }],
  [{ type: 'merge' }, { merged: [], conflicts: [] }],
];

test.each(tasks)('a mocked %j succeeds without touching the world', async (task, output) => {
  const { host, end } = await runMocked(testJob(task));
  expect(end.result.status).toBe('succeeded');
  expect(host.json(end.result.output)).toEqual(output);
});

test.each<LeafTask>([
  { type: 'model', prompt: 'p' },
  { type: 'agent', prompt: 'p', agentType: 'general', maxTurns: 3 },
  { type: 'external', prompt: 'p', agent: 'claude', timeoutMs: 1000 },
  { type: 'rlm', prompt: 'p', variable: 'v', maxDepth: 1, maxCalls: 2 },
])('a mocked $type asks the mock model through the call chain', async (task) => {
  const { host, end } = await runMocked(testJob(task));
  expect(host.facts.map(({ type }) => type)).toEqual([
    'leaf.started',
    'model.requested',
    'model.called',
    'leaf.finished',
  ]);
  expect(end.result.status).toBe('succeeded');
  const called = host.facts[2];
  expect(called?.type === 'model.called' && called.usage).toMatchObject({
    costMicroUsd: 0,
    costStatus: 'exact',
  });
});

test('a mocked leaf that writes opens no tree, so that it runs anywhere', async () => {
  const permissions = { ...testJob({ type: 'merge' }).node.permissions, write: true };
  const task: LeafTask = { type: 'agent', prompt: 'p', agentType: 'implementer', maxTurns: 3 };
  const tree = { key: '', commit: 'gone' };
  const job = testJob(task, { tree, node: { mode: 'read_write', permissions } });
  const { end } = await runMocked(job, { rules: [] }, noneWorkspace({ folder: '/nowhere' }));
  expect(end).toMatchObject({ result: { status: 'succeeded' } });
  expect(end.tree).toBeUndefined();
});

test('a judge ranks the candidates in the order of its data', async () => {
  const entry = {
    type: 'object',
    properties: {
      candidate: { type: 'string' },
      score: { type: 'number', minimum: 0, maximum: 1 },
    },
    required: ['candidate', 'score'],
  };
  const output = { type: 'object', properties: { ranking: { type: 'array', items: entry } } };
  const inputs = { bold: { patch: 'x' }, careful: { patch: 'y' } };
  const job = testJob(
    { type: 'model', prompt: 'Rank. {{inputs.gone}}' },
    { node: { output }, inputs },
  );
  const { host, end } = await runMocked(job);
  expect(host.json(end.result.output)).toEqual({
    ranking: [
      { candidate: 'bold', score: 1 },
      { candidate: 'careful', score: 0.5 },
    ],
  });
});

test('the first rule of the fixture for path, iteration and attempt decides', async () => {
  const fixture: MockFixture = {
    rules: [
      { path: 'fix/test', iteration: 1, exit: 1, stdout: 'red' },
      { path: 'fix*', attempt: 2, json: { from: 'second attempt' } },
      { path: 'fix/test', stdout: 'green' },
      { path: 'ask', fail: { kind: 'budget', message: 'no money' } },
      { path: 'told', answer: 'as told', usage: { uncached: 7, output: 2 }, costMicroUsd: 9 },
    ],
  };
  const task: LeafTask = {
    type: 'command',
    purpose: 'test',
    argv: ['npm', 'test'],
    timeoutMs: 1000,
    okExitCodes: [0],
  };
  const first = await runMocked(testJob(task, { path: 'fix[1]/test' }), fixture);
  expect(first.end).toMatchObject({
    result: { status: 'failed', failure: { kind: 'exit', message: 'exit status 1: npm test' } },
    fruit: [{ type: 'test', value: { exitCode: 1, passed: false } }],
  });
  const second = await runMocked(testJob(task, { path: 'fix[2]/test' }), fixture);
  expect(second.host.json(second.end.result.output)).toMatchObject({ stdout: 'green' });
  const again = await runMocked(testJob(task, { path: 'fix[2]/test', attempt: 2 }), fixture);
  expect(again.host.json(again.end.result.output)).toEqual({ from: 'second attempt' });

  const ask: LeafTask = { type: 'model', prompt: 'p' };
  const refused = await runMocked(testJob(ask, { path: 'ask' }), fixture);
  expect(refused.end.result).toMatchObject({ failure: { kind: 'budget', message: 'no money' } });
  const told = await runMocked(testJob(ask, { path: 'told' }), fixture);
  expect(told.host.text(told.end.result.output)).toBe('as told');
  expect(told.host.facts[2]).toMatchObject({
    usage: { tokens: { uncached: 7, cacheRead: 0, output: 2 }, costMicroUsd: 9 },
  });
});
