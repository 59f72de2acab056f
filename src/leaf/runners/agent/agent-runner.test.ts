import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Json } from '../../../base/json.ts';
import { scriptedProvider } from '../../../model/mock/scripted-provider.ts';
import type { ModelEvent, ModelRequest, ModelToolCall } from '../../../model/model-provider.ts';
import { linkedSandbox } from '../../../sandbox/linked/linked-sandbox.ts';
import { noneSandbox } from '../../../sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import { nodeClock, nodeTimers } from '../../../system/node/node-clock.ts';
import { walkingFiles } from '../../../tool/files/walking-files.ts';
import type { Slice } from '../../../trace/events.ts';
import { NO_USAGE } from '../../../trace/usage.ts';
import type { AgentTask } from '../../../workflow/task.ts';
import type { RunnerReport } from '../../leaf-runner.ts';
import type { LeafTree } from '../../leaf-tree.ts';
import { type TestHost, testHost, testJob } from '../../test-host.ts';
import { agentRunner } from './agent-runner.ts';

let root = '';
let host: TestHost;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-agent-')));
  mkdirSync(join(root, 'src'));
  writeFileSync(join(root, 'src/add.mjs'), 'export const add = (a, b) => a - b;\n');
  host = testHost();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const task: AgentTask = {
  type: 'agent',
  prompt: 'Mend add.',
  agentType: 'implementer',
  maxTurns: 10,
};
const rights = {
  write: true,
  shell: true,
  network: false,
  commands: ['node *'],
  tools: [],
  env: [],
};

const call = (name: string, input: Json | string, id = name): ModelToolCall => ({
  id,
  name,
  input: typeof input === 'string' ? input : JSON.stringify(input),
});
const says = (...toolCalls: readonly ModelToolCall[]): readonly ModelEvent[] => [
  { type: 'finished', text: '', toolCalls, usage: NO_USAGE, model: 'm' },
];
const finish = (parts: Record<string, Json> = {}): ModelToolCall =>
  call('finish', { status: 'succeeded', summary: 'Mended.', ...parts });

const PLAIN = noneSandbox({ clock: nodeClock, timers: nodeTimers });

interface Setting {
  readonly node?: NonNullable<Parameters<typeof testJob<AgentTask>>[1]>['node'];
  readonly task?: Partial<AgentTask>;
  readonly slice?: Slice;
  readonly host?: TestHost;
  readonly sandbox?: Sandbox;
  readonly tree?: LeafTree;
}

async function run(
  turns: readonly (readonly ModelEvent[])[],
  { node, task: parts, slice, host: own = host, sandbox = PLAIN, tree }: Setting = {},
): Promise<{ readonly report: RunnerReport; readonly asked: readonly ModelRequest[] }> {
  const provider = scriptedProvider(turns);
  let count = 0;
  const runner = agentRunner({
    route: () => ({ provider, model: 'm', estimateCost: () => 0 }),
    clock: nodeClock,
    timers: nodeTimers,
    chance: { bytes: (length) => new Uint8Array(length) },
    environment: { PATH: process.env['PATH'] },
    temporaryFolder: tmpdir(),
    files: (folder) => walkingFiles(folder, () => `.new-${++count}`),
  });
  const job = testJob<AgentTask>({ ...task, ...parts }, {
    node: { permissions: rights, mode: 'read_write', ...node },
    consent: { plan: 'flag', commands: ['*'] },
    ...(slice === undefined ? {} : { slice }),
  } as never);
  const place = { root, sandbox, host: own, ...(tree === undefined ? {} : { tree }) };
  const report = await runner.run(job, place, new AbortController().signal);
  return { report, asked: provider.asked };
}

test('it looks, changes, tries and reports; what ran stands apart from what it claims', async () => {
  const { report, asked } = await run([
    says(call('read_file', { path: 'src/add.mjs' })),
    says(call('edit_file', { path: 'src/add.mjs', old: 'a - b', new: 'a + b' })),
    says(call('run_command', { command: 'node -e process.exit(0)' })),
    says(call('run_command', { command: 'node src/add.mjs' })),
    says(finish({ evidence: ['all 900 tests pass'] })),
  ]);
  expect(readFileSync(join(root, 'src/add.mjs'), 'utf8')).toContain('a + b');
  expect(report).toEqual({
    status: 'succeeded',
    // What it says is a claim, and kept as one.
    fruit: [
      {
        type: 'note',
        title: 'Mended.',
        value: { status: 'succeeded', artifacts: [], assumptions: [] },
        evidence: ['leaf#1', 'all 900 tests pass'],
      },
    ],
    output: {
      self_report: {
        status: 'succeeded',
        summary: 'Mended.',
        artifacts: [],
        assumptions: [],
        evidence: ['all 900 tests pass'],
      },
      verified: [{ command: 'node src/add.mjs', exitCode: 0 }],
    },
  });
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    role: 'tool',
    results: [{ text: 'export const add = (a, b) => a - b;\n', isError: false }],
  });
  expect(asked[3]?.messages.at(-1)).toMatchObject({
    results: [{ isError: true, text: expect.stringContaining('bash -c') }],
  });
  expect(host.facts.map((fact) => ('tool' in fact ? fact.tool : fact.type))).toEqual([
    'model.requested',
    'model.called',
    'read_file',
    'model.requested',
    'model.called',
    'edit_file',
    'model.requested',
    'model.called',
    'run_command',
    'model.requested',
    'model.called',
    'run_command',
    'model.requested',
    'model.called',
  ]);
});

test('a model that calls nothing rightly is told three times, then its leaf fails', async () => {
  const { report, asked } = await run([says(call('launch_rockets', {}))]);
  expect(asked).toHaveLength(4);
  expect(asked[3]?.messages).toHaveLength(7);
  expect(report).toMatchObject({ status: 'failed', failure: { kind: 'schema' } });
});

test.each([
  ['no JSON', call('read_file', '{"path": "a')],
  ['another type', call('read_file', { path: 7 })],
  ['an unknown member', call('read_file', { path: 'src/add.mjs', deep: true })],
  ['a list', call('read_file', '[]')],
  ['a prototype', call('read_file', '{"__proto__": {"path": "src/add.mjs"}}')],
  ['nothing', call('finish', '')],
])('input that is %s goes back to the model', async (_name, bad) => {
  const { report, asked } = await run([says(bad), says(finish())]);
  expect(asked[1]?.messages.at(-1)).toMatchObject({ role: 'tool', results: [{ isError: true }] });
  expect(report.status).toBe('succeeded');
});

const deep = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
const file = (path: string) => call('read_file', { path });
test.each([
  ['arguments nested without end', call('read_file', `{"path":"a","more":${deep(200_000)}}`)],
  ['a path nested without end', call('read_file', `{"path":${deep(200_000)}}`)],
  ['a result nested without end', call('finish', `{"status":"x","result":${deep(200_000)}}`)],
  ['a number past all numbers', call('read_file', '{"path":"src/add.mjs","from":1e999}')],
  ['a path without end', file('a/'.repeat(30_000))],
  ['a name without end', file('a'.repeat(60_000))],
  ['a NUL in a path', file('src/add.mjs\0.txt')],
  ['half a character in a path', file('src/\ud800add.mjs')],
  ['a line end in a path', file('src/add.mjs\n/etc/passwd')],
  ['a path that reads backwards', file('\u202e/etc/passwd')],
  ['an absolute path', file('/etc/passwd')],
  ['a way around', file('src/../../../../etc/passwd')],
  ['a file of the system by its number', file('/proc/self/environ')],
  ['the git folder', call('write_file', { path: '.git/hooks/pre-commit', text: 'x' })],
  ['the git file', call('write_file', { path: '.git', text: 'gitdir: /tmp/x' })],
  ['a tool named as what all objects have', call('constructor', {})],
  ['a tool named as their prototype', call('__proto__', {})],
  ['a tool with a name without end', call('x'.repeat(60_000), {})],
])('%s is refused, told to the model, and harms nothing', async (_name, absurd) => {
  const { report, asked } = await run([says(absurd), says(finish())]);
  expect(report).toMatchObject({ status: 'succeeded' });
  const told = asked[1]?.messages.at(-1);
  expect(told).toMatchObject({ role: 'tool', results: [{ isError: true }] });
  expect(JSON.stringify(told)).not.toContain('root:');
  expect(Buffer.byteLength(JSON.stringify(told))).toBeLessThan(250_000);
  expect(existsSync(join(root, '.git'))).toBe(false);
});

test('text alone does nothing, and says so', async () => {
  const text: ModelEvent = { type: 'finished', text: 'All done!', usage: NO_USAGE, model: 'm' };
  const { report, asked } = await run([[text], says(finish())]);
  expect(asked[1]?.messages.at(-1)).toMatchObject({ role: 'user' });
  expect(report.status).toBe('succeeded');
});

test('a leaf that reads only is offered nothing that writes', async () => {
  const node = { mode: 'read_only', permissions: { ...rights, shell: false } } as const;
  const { asked, report } = await run(
    [says(call('write_file', { path: 'x', text: '' })), says(finish())],
    {
      node,
    },
  );
  expect(asked[0]?.tools?.map(({ name }) => name)).toEqual([
    'read_file',
    'list_files',
    'search',
    'git_diff',
    'finish',
  ]);
  expect(asked[1]?.messages.at(-1)).toMatchObject({ results: [{ isError: true }] });
  expect(report.status).toBe('succeeded');
});

test('files out of scope are refused when they are written', async () => {
  const { asked } = await run(
    [
      says(
        call('write_file', { path: 'docs/../README', text: 'x' }, '1'),
        call('write_file', { path: './README', text: 'x' }, '2'),
        call('write_file', { path: '/workspace/README', text: 'x' }, '3'),
        call('write_file', { path: 'src/new.mjs', text: 'x' }, '4'),
        call('write_file', { path: '/workspace/src/new.mjs', text: 'y' }, '5'),
      ),
      says(finish()),
    ],
    { node: { fileScope: ['src/**'] } },
  );
  const outcomes = [true, true, true, false, false].map((isError) => ({ isError }));
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    results: outcomes,
  });
});

test('calls with the same name or none for an id are told apart', async () => {
  const { asked } = await run([
    says(
      call('list_files', {}, 'same'),
      call('list_files', {}, 'same'),
      call('list_files', {}, ''),
    ),
    says(finish()),
  ]);
  const last = asked[1]?.messages.at(-1);
  const ids = last?.role === 'tool' ? last.results.map(({ id }) => id) : [];
  expect(new Set(ids).size).toBe(3);
});

test('a result of the leaf’s own schema is asked for and handed over', async () => {
  const output = { type: 'object', properties: { n: { type: 'integer' } } } as const;
  const { report, asked } = await run([says(finish()), says(finish({ result: { n: 3 } }))], {
    node: { output },
  });
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    results: [{ text: expect.stringContaining('result') }],
  });
  expect(report).toEqual({ status: 'succeeded', output: { n: 3 }, fruit: [expect.anything()] });
});

test('who says that it failed has failed', async () => {
  const { report } = await run([says(finish({ status: 'failed', summary: 'No such bug.' }))]);
  expect(report).toMatchObject({
    status: 'failed',
    failure: { kind: 'refused', message: 'No such bug.' },
  });
});

test('turns are bounded', async () => {
  const { report, asked } = await run([says(call('list_files', {}))], { task: { maxTurns: 3 } });
  expect(asked).toHaveLength(3);
  expect(report).toMatchObject({ failure: { message: 'not done after 3 turns' } });
});

test('a patch changes several places at once, or none where one of them does not stand', async () => {
  const path = 'src/add.mjs';
  const wrong = '@@\n-export const add = (a, b) => a * b;\n+nothing';
  const right =
    '@@\n-export const add = (a, b) => a - b;\n+export const add = (a, b) => a + b;\n+// sum';
  const { asked } = await run([
    says(
      call('edit_file', { path, patch: wrong }, '1'),
      call('edit_file', { path, patch: right }, '2'),
      call('edit_file', { path, patch: right, old: 'a', new: 'b' }, '3'),
      call('edit_file', { path, old: 'a' }, '4'),
    ),
    says(finish()),
  ]);
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    results: [
      { isError: true, text: expect.stringContaining('is as it was: hunk 1 of 1') },
      { isError: false, text: 'changed 1 places in src/add.mjs' },
      { isError: true, text: expect.stringContaining('give old and new, or patch alone') },
      { isError: true, text: expect.stringContaining('give old and new, or patch alone') },
    ],
  });
  expect(readFileSync(join(root, path), 'utf8')).toBe(
    'export const add = (a, b) => a + b;\n// sum\n',
  );
  expect(JSON.stringify(asked[0]?.tools)).not.toContain('anyOf');
});

test('tool calls are steps of its slice: without one it is asked again with more', async () => {
  const { report, asked } = await run(
    [says(call('list_files', {}, '1'), call('list_files', {}, '2'), call('list_files', {}, '3'))],
    { slice: { steps: 3 } },
  );
  expect(asked).toHaveLength(1);
  expect(report).toMatchObject({
    status: 'failed',
    failure: { kind: 'budget' },
    short: { steps: 4 },
  });
});

test('a result that does not fit the schema of the leaf goes back to the model', async () => {
  const output = {
    type: 'object',
    properties: { n: { type: 'integer' } },
    required: ['n'],
  } as const;
  const { report, asked } = await run(
    [says(finish({ result: { n: 'three' } })), says(finish({ result: { n: 3 } }))],
    { node: { output } },
  );
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    results: [{ isError: true, text: expect.stringContaining('the result does not fit') }],
  });
  expect(report).toMatchObject({ status: 'succeeded', output: { n: 3 } });
});

test('a call that was cut at the limit of the answer is not made, and the model is told', async () => {
  const cut: ModelEvent = {
    type: 'finished',
    text: '',
    isCut: true,
    toolCalls: [call('write_file', '{"path": "src/add.mjs", "text": "expo')],
    usage: NO_USAGE,
    model: 'm',
  };
  const { asked } = await run([[cut], says(finish())]);
  expect(asked[1]?.messages.at(-1)).toMatchObject({
    results: [{ isError: true, text: expect.stringContaining('cut at its limit') }],
  });
  expect(readFileSync(join(root, 'src/add.mjs'), 'utf8')).toContain('a - b');
});

test('a call of the model is durable before what it asks for is done', async () => {
  let isDurable = false;
  const record = host.record.bind(host);
  const slow: TestHost = {
    ...host,
    async record(fact) {
      await record(fact);
      if (fact.type !== 'model.called') return;
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(existsSync(join(root, 'made.txt'))).toBe(false);
      isDurable = true;
    },
  };
  await run([says(call('write_file', { path: 'made.txt', text: 'x' })), says(finish())], {
    host: slow,
  });
  expect(isDurable).toBe(true);
  expect(existsSync(join(root, 'made.txt'))).toBe(true);
});

test('a command that writes to a linked folder ends it there, and nothing more is asked', async () => {
  const target = join(root, 'installed');
  mkdirSync(target);
  const sandbox = linkedSandbox(PLAIN, [{ path: 'node_modules', target }]);
  const command = 'touch installed/new.js';
  const permissions = { ...rights, commands: ['touch *'] };
  const turns = [says(call('run_command', { command })), says(finish())];
  const { report, asked } = await run(turns, { sandbox, node: { permissions } });
  expect(report).toMatchObject({
    status: 'failed',
    failure: { kind: 'permission', message: expect.stringContaining('node_modules/new.js') },
  });
  expect(asked).toHaveLength(1);
});

test('what failed on a full disk is neither told to the model nor recorded', async () => {
  const files = { base: 'base', commit: 'base' };
  const tree: LeafTree = {
    root,
    isThere: async () => true,
    needsRoom: () => Promise.reject(new Error('the disk is full')),
    peek: async () => new Uint8Array(),
    keep: async () => ({ files }),
    restore: async () => {},
  };
  const failing = [
    says(call('read_file', { path: 'src/add.mjs' })),
    says(call('run_command', { command: 'node -e process.exit(1)' })),
    says(finish({ status: 'failed' })),
  ];
  await expect(run(failing, { tree })).rejects.toThrow('the disk is full');
  const tools = host.facts.flatMap((fact) => (fact.type === 'tool.called' ? [fact.tool] : []));
  expect(tools).toEqual(['read_file']);
});
