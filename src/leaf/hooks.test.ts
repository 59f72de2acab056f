/** Hooks as real processes around a leaf and its tools. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { scriptedProvider } from '../model/mock/scripted-provider.ts';
import type { ModelEvent, ModelToolCall } from '../model/model-provider.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import { nodeClock, nodeTimers } from '../system/node/node-clock.ts';
import { walkingFiles } from '../tool/files/walking-files.ts';
import type { Fact } from '../trace/events.ts';
import { NO_USAGE } from '../trace/usage.ts';
import { noneWorkspace } from '../workspace/none/none-workspace.ts';
import { type Hook, LeafHooks } from './hooks.ts';
import { runLeaf } from './run-leaf.ts';
import { agentRunner } from './runners/agent/agent-runner.ts';
import { modelRunner } from './runners/model-runner.ts';
import { type TestHost, testHost, testJob } from './test-host.ts';

let root = '';
let host: TestHost;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-hooks-')));
  writeFileSync(join(root, 'a.txt'), 'a\n');
  host = testHost();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const hook = (name: string, on: Hook['on'], command: string, parts: Partial<Hook> = {}): Hook => ({
  name,
  on,
  argv: ['sh', '-c', command],
  cwd: root,
  tools: [],
  leaves: [],
  timeoutMs: 20_000,
  onError: 'block',
  ...parts,
});
const sandbox = noneSandbox({ clock: nodeClock, timers: nodeTimers });
const partsOf = (hooks: readonly Hook[]) => ({
  hooks,
  sandbox,
  clock: nodeClock,
  env: { PATH: process.env['PATH'] ?? '' },
  repository: '/repo',
});
const chain = {
  clock: nodeClock,
  timers: nodeTimers,
  chance: { bytes: (length: number) => new Uint8Array(length) },
};
const never = new AbortController().signal;
const hookFacts = (): readonly Fact[] => host.facts.filter(({ type }) => type === 'hook.called');
const seen = (file: string): Json => JSON.parse(readFileSync(join(root, file), 'utf8')) as Json;

async function runModel(hooks: readonly Hook[], path = 'leaf') {
  const provider = scriptedProvider([
    [{ type: 'finished', text: 'yes', usage: NO_USAGE, model: 'm' }],
  ]);
  const model = modelRunner({ ...chain, route: () => ({ provider, model: 'm' }) });
  const job = testJob({ type: 'model', prompt: 'Well?' }, { path });
  const workspace = noneWorkspace({ folder: root });
  await runLeaf(
    job,
    { host, runners: { model }, workspace, sandbox, hooks: partsOf(hooks) },
    never,
  );
  const end = host.facts.at(-1);
  return { asked: provider.asked.length, end };
}

const call = (name: string, input: object): ModelToolCall => ({
  id: name,
  name,
  input: JSON.stringify(input),
});
const says = (...toolCalls: readonly ModelToolCall[]): readonly ModelEvent[] => [
  { type: 'finished', text: '', toolCalls, usage: NO_USAGE, model: 'm' },
];

async function runAgent(hooks: readonly Hook[], ...calls: readonly ModelToolCall[]) {
  const finish = call('finish', { status: 'succeeded', summary: 'Done.' });
  const provider = scriptedProvider([says(...calls), says(finish)]);
  let names = 0;
  const runner = agentRunner({
    ...chain,
    route: () => ({ provider, model: 'm' }),
    environment: {},
    temporaryFolder: tmpdir(),
    files: (folder) => walkingFiles(folder, () => `.new-${++names}`),
  });
  const job = testJob(
    { type: 'agent', prompt: 'Do it.', agentType: 'general', maxTurns: 5 } as const,
    { node: { mode: 'read_write' } },
  );
  const around = new LeafHooks(job, { host, root }, partsOf(hooks));
  const report = await runner.run(job, { root, sandbox, host, hooks: around }, never);
  const last = provider.asked[1]?.messages.at(-1);
  return { report, results: last?.role === 'tool' ? last.results : [] };
}

test('a hook before a leaf is told of it, and can keep it from asking a model', async () => {
  const { asked, end } = await runModel([
    hook('first', 'before_leaf', 'cat >seen.json'),
    hook('second', 'before_leaf', 'echo not today >&2; exit 2'),
    hook('third', 'before_leaf', 'touch third'),
  ]);
  expect(asked).toBe(0);
  expect(end).toMatchObject({
    type: 'leaf.finished',
    result: {
      status: 'failed',
      failure: { kind: 'permission', message: 'hook second: not today' },
    },
  });
  expect(seen('seen.json')).toEqual({
    schema: 'whaleflow.hook/1',
    event: 'before_leaf',
    hook: 'first',
    run: 'run1',
    path: 'leaf',
    attempt: 1,
    leaf: { id: 'leaf', type: 'model', mode: 'read_only' },
    repository: '/repo',
    cwd: null,
  });
  expect(hookFacts()).toMatchObject([
    { hook: 'first', on: 'before_leaf', decision: 'allow', exitCode: 0 },
    { hook: 'second', on: 'before_leaf', decision: 'block', reason: 'not today', exitCode: 2 },
  ]);
});

test('a hook after a leaf is told what came of it, and can refuse it', async () => {
  const { asked, end } = await runModel([
    hook(
      'last',
      'after_leaf',
      'cat >seen.json; printf \'{"decision":"block","reason":"too short"}\'',
    ),
  ]);
  expect(asked).toBe(1);
  expect(seen('seen.json')).toMatchObject({ result: { status: 'succeeded', output: 'yes' } });
  expect(end).toMatchObject({
    result: { status: 'failed', failure: { kind: 'permission', message: 'hook last: too short' } },
  });
});

test('a hook that is about other leaves is not called', async () => {
  const hooks = [hook('other', 'before_leaf', 'exit 2', { leaves: ['fix*'] })];
  expect((await runModel(hooks, 'plan/look')).end).toMatchObject({
    result: { status: 'succeeded' },
  });
  expect((await runModel(hooks, 'fix[1]/edit')).end).toMatchObject({
    result: { status: 'failed' },
  });
  expect(hookFacts()).toHaveLength(1);
});

test('one that does not end in time is ended, and blocks or is passed over', async () => {
  const slow = hook('slow', 'before_leaf', 'sleep 600', { timeoutMs: 50 });
  const blocked = await runModel([slow]);
  expect(blocked.asked).toBe(0);
  const passed = await runModel([{ ...slow, onError: 'go_on' }]);
  expect(passed.asked).toBe(1);
  expect(hookFacts()).toMatchObject([
    { decision: 'block', reason: 'it took longer than 0.05 s' },
    { decision: 'failed', reason: 'it took longer than 0.05 s' },
  ]);
});

test('a tool that a hook does not allow is not run, and the model is told why', async () => {
  const { results, report } = await runAgent(
    [
      hook('guard', 'before_tool', 'cat >seen.json; echo hands off >&2; exit 2', {
        tools: ['write_*'],
      }),
    ],
    call('write_file', { path: 'a.txt', text: 'changed\n' }),
    call('read_file', { path: 'a.txt' }),
  );
  expect(results).toMatchObject([
    { isError: true, text: 'not done: the hook guard does not allow it: hands off' },
    { isError: false, text: 'a\n' },
  ]);
  expect(seen('seen.json')).toMatchObject({
    event: 'before_tool',
    cwd: root,
    tool_name: 'write_file',
    tool_input: { path: 'a.txt', text: 'changed\n' },
  });
  expect(hookFacts()).toMatchObject([{ hook: 'guard', tool: 'write_file', call: 1, index: 0 }]);
  expect(report.status).toBe('succeeded');
});

test('a hook after a tool is told its result, and what it says reaches the model', async () => {
  const { results } = await runAgent(
    [hook('lint', 'after_tool', 'cat >seen.json; echo missing semicolon >&2; exit 2')],
    call('write_file', { path: 'b.txt', text: 'b\n' }),
  );
  expect(results).toMatchObject([
    { isError: true, text: 'wrote b.txt (2 bytes)\n[the hook lint objects: missing semicolon]' },
  ]);
  expect(seen('seen.json')).toMatchObject({
    tool_response: { text: 'wrote b.txt (2 bytes)', is_error: false, exit_code: null },
  });
});

test('a hook that is no longer what was trusted is not called: it has failed, and the record says why', async () => {
  const hooks = [
    hook('diary', 'before_leaf', 'touch called', { onError: 'go_on' }),
    hook('guard', 'before_leaf', 'touch called'),
  ];
  const provider = scriptedProvider([
    [{ type: 'finished', text: 'yes', usage: NO_USAGE, model: 'm' }],
  ]);
  const model = modelRunner({ ...chain, route: () => ({ provider, model: 'm' }) });
  const around = { ...partsOf(hooks), distrust: () => 'it has changed' };
  const world = { host, runners: { model }, workspace: noneWorkspace({ folder: root }), sandbox };
  await runLeaf(testJob({ type: 'model', prompt: 'Well?' }), { ...world, hooks: around }, never);
  expect(hookFacts()).toMatchObject([
    { hook: 'diary', decision: 'failed', reason: 'it has changed', exitCode: null },
    { hook: 'guard', decision: 'block', reason: 'it has changed' },
  ]);
  expect(existsSync(join(root, 'called'))).toBe(false);
  expect(provider.asked).toEqual([]);
});
