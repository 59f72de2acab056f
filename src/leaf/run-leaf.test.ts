import { expect, test } from 'vitest';
import type { Json } from '../base/json.ts';
import { mockProvider } from '../model/mock/mock-provider.ts';
import type { ModelProvider } from '../model/model-provider.ts';
import type { ProcessRequest, Sandbox } from '../sandbox/sandbox.ts';
import { nodeChance } from '../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../system/node/node-clock.ts';
import type { Fact } from '../trace/events.ts';
import type { LeafTask, ModelTask } from '../workflow/task.ts';
import { memoryWorkspace } from '../workspace/memory/memory-workspace.ts';
import type { RunnerReport, RunnerTable } from './leaf-runner.ts';
import { type LeafWorld, runLeaf } from './run-leaf.ts';
import { modelRunner } from './runners/model-runner.ts';
import { type TestHost, testHost, testJob } from './test-host.ts';

const ask: ModelTask = { type: 'model', prompt: 'Say hello to {{params.who}}.' };
const noSandbox: Sandbox = {
  level: 'none',
  run: () => Promise.reject(new Error('no process here')),
};
const never = new AbortController().signal;

function callParts(provider: ModelProvider) {
  return {
    route: () => ({ provider, model: 'mock-1', estimateCost: () => 0 }),
    clock: nodeClock,
    timers: nodeTimers,
    chance: nodeChance,
  };
}

function world(host: TestHost, runners?: RunnerTable): LeafWorld {
  const model = modelRunner(callParts(mockProvider({ timers: nodeTimers })));
  return { host, runners: runners ?? { model }, workspace: memoryWorkspace(), sandbox: noSandbox };
}

/** A table whose model runner reports this. */
function reporting(report: RunnerReport): RunnerTable {
  return { model: { run: async () => report } };
}

const finished = (host: TestHost): Extract<Fact, { type: 'leaf.finished' }> => {
  const fact = host.facts.at(-1);
  if (fact?.type !== 'leaf.finished') throw new Error('the leaf has not finished');
  return fact;
};

test('a model leaf takes two commits: start with request, answer with end', async () => {
  const host = testHost();
  await runLeaf(testJob(ask, { params: { who: 'the whale' } }), world(host), never);
  expect(host.commits.map((commit) => commit.map(({ type }) => type))).toEqual([
    ['leaf.started', 'model.requested'],
    ['model.called', 'leaf.finished'],
  ]);
  const { result } = finished(host);
  expect(result).toMatchObject({ status: 'succeeded', output: { type: 'text' } });
  expect(host.text(result.output)).toMatch(/^Mock answer [0-9a-f]{8}: .+\.$/);
});

test('the recorded request is what was asked, under its own digest, and nothing of the run is in it', async () => {
  const host = testHost();
  const job = testJob(ask, {
    params: { who: 'you' },
    inputs: { draft: 'a </data> text' },
    sample: 's1',
  });
  await runLeaf(job, world(host), never);
  const [, requested, called] = host.facts;
  if (requested?.type !== 'model.requested' || called?.type !== 'model.called') throw new Error();
  expect(requested.digest).toBe(called.request.digest);
  expect(host.json(called.request)).toMatchInlineSnapshot(`
    {
      "maxOutputTokens": 8192,
      "messages": [
        {
          "role": "user",
          "text": "Say hello to you.

    <data name="inputs.draft">a <\\/data> text</data>",
        },
      ],
      "model": "mock-1",
      "sample": "s1",
    }
  `);
});

test('values are the wanted fields of the output, and nothing else', async () => {
  const host = testHost();
  const output: Json = { score: { total: 3, parts: [1, 2] }, text: 'x' };
  const job = testJob(ask, { wanted: ['score.total', 'score.parts.1', 'absent', 'text.length'] });
  await runLeaf(job, world(host, reporting({ status: 'succeeded', output })), never);
  expect(finished(host).values).toEqual({ 'score.total': 3, 'score.parts.1': 2 });
});

test('values past 64 KiB fail the leaf, and its output is kept', async () => {
  const host = testHost();
  const output = 'x'.repeat(64 * 1024);
  const job = testJob(ask, { wanted: [''] });
  await runLeaf(job, world(host, reporting({ status: 'succeeded', output })), never);
  const { result, values } = finished(host);
  const message =
    'the plan reads the output, which is more than the 64 KiB that stand in the trace: ' +
    'give names or ranges in place of contents, or an expand of lists';
  expect(result).toMatchObject({ status: 'failed', failure: { kind: 'value_too_large', message } });
  expect(host.text(result.output)).toBe(output);
  expect(values).toBeUndefined();
});

test.each<[Json, string]>([
  [{ score: 'high' }, 'output field score must be number'],
  [{}, "the output must have required property 'score'"],
  [{ score: 1, extra: 1 }, 'the output must NOT have additional properties (extra)'],
])('an output that is not of its schema fails naming the place: %j', async (output, message) => {
  const host = testHost();
  const schema = {
    type: 'object',
    properties: { score: { type: 'number' } },
    required: ['score'],
    additionalProperties: false,
  };
  const job = testJob(ask, { node: { output: schema } });
  await runLeaf(job, world(host, reporting({ status: 'succeeded', output })), never);
  expect(finished(host).result).toMatchObject({ failure: { kind: 'schema', message } });
});

test('a task type without a runner is refused', async () => {
  const host = testHost();
  await runLeaf(testJob(ask), world(host, {}), never);
  expect(host.facts.map(({ type }) => type)).toEqual(['leaf.started', 'leaf.finished']);
  expect(finished(host).result).toMatchObject({
    failure: { kind: 'refused', message: 'no runner for model leaves in this build' },
  });
});

test('what a runner throws is a failure of one printable line', async () => {
  const host = testHost();
  const run = () => Promise.reject(new Error('bang\n\u001b[31mred'));
  await runLeaf(testJob(ask), world(host, { model: { run } }), never);
  expect(finished(host).result).toMatchObject({
    failure: { kind: 'internal', message: 'bang \\x1b[31mred' },
  });
});

test('an aborted leaf ends as late', async () => {
  const host = testHost();
  const provider = mockProvider({
    timers: nodeTimers,
    fixture: { rules: [{ path: '*', latencyMs: 60_000 }] },
  });
  const controller = new AbortController();
  const running = runLeaf(
    testJob(ask),
    world(host, { model: modelRunner(callParts(provider)) }),
    controller.signal,
  );
  setImmediate(() => controller.abort());
  await running;
  expect(finished(host)).toMatchObject({ late: true, result: { status: 'failed' } });
});

test.each<Fact['type']>(['leaf.started', 'model.requested', 'model.called', 'leaf.finished'])(
  'a host that cannot record %s ends the leaf with that error',
  async (type) => {
    await expect(runLeaf(testJob(ask), world(testHost(type)), never)).rejects.toThrow(
      'the store is full',
    );
  },
);

test('a process starts only when its start is durable', async () => {
  const host = testHost();
  let isDurable = false;
  const seen: boolean[] = [];
  const record = async (fact: Fact): Promise<void> => {
    await host.record(fact);
    if (fact.type === 'leaf.started') isDurable = true;
  };
  const runners: RunnerTable = {
    command: {
      run: async () => {
        seen.push(isDurable);
        return { status: 'succeeded', output: { exitCode: 0 } };
      },
    },
  };
  const job = testJob({
    type: 'command',
    purpose: 'shell',
    argv: ['true'],
    timeoutMs: 1_000,
    okExitCodes: [0],
  });
  await runLeaf(job, { ...world(host, runners), host: { ...host, record } }, never);
  expect(seen).toEqual([true]);
});

test('an external agent is handed nothing of the attempt before it, and its tree stays as it leaves it', async () => {
  const ref = { digest: 'x', bytes: 1, type: 'text' } as const;
  const past = [{ kind: 'answer', call: 1, request: ref, response: ref }] as const;
  const task = { type: 'external', agent: 'coder', prompt: 'Mend it.', timeoutMs: 1_000 } as const;
  for (const [job, given] of [
    [testJob(task, { past }), undefined],
    [testJob(ask, { past }), expect.anything()],
  ] as const) {
    const host = testHost();
    let seen: unknown = 'nothing';
    const run = async (_job: unknown, { past: record }: { readonly past?: unknown }) => {
      seen = record;
      return { status: 'succeeded', output: 'done' } as const;
    };
    await runLeaf(job, world(host, { external: { run }, model: { run } }), never);
    expect(seen).toEqual(given);
    const continued = host.facts.some(({ type }) => type === 'leaf.continued');
    expect(continued).toBe(given !== undefined);
  }
});

test.each<RunnerReport>([
  { status: 'succeeded', output: 'I did well' },
  { status: 'failed', failure: { kind: 'exit', message: 'exit status 1' }, output: 'half' },
])(
  'whatever a runner makes of it, a write to a linked folder fails its leaf: %j',
  async (report) => {
    const host = testHost();
    const empty = { head: new Uint8Array(), tail: new Uint8Array(), totalBytes: 0 };
    const sandbox: Sandbox = {
      level: 'none',
      run: async () => ({
        ...{ pid: 1, exitCode: 0, signal: null, timedOut: false, aborted: false, durationMs: 1 },
        ...{ stdout: empty, stderr: empty, wroteLinked: ['node_modules/dep/index.js'] },
      }),
    };
    const runners: RunnerTable = {
      model: {
        async run(_job, { sandbox: given }, signal) {
          await given.run({} as ProcessRequest, signal);
          return report;
        },
      },
    };
    await runLeaf(testJob(ask), { ...world(host, runners), sandbox }, never);
    const { result } = finished(host);
    expect(result).toMatchObject({
      status: 'failed',
      failure: {
        kind: 'permission',
        message: expect.stringContaining('node_modules/dep/index.js'),
      },
    });
    expect(host.text(result.output)).toBe(report.output);
  },
);

test('a failure beside a disk without room stops the run and keeps nothing; one of no files does not', async () => {
  const search: LeafTask = { type: 'search', query: 'x', files: [], maxMatches: 1 };
  const failed: RunnerReport = { status: 'failed', failure: { kind: 'exit', message: 'it is 1' } };
  const enospc = Object.assign(new Error('write'), { code: 'ENOSPC' });
  const end = async (task: LeafTask, run: () => Promise<RunnerReport>, full?: string) => {
    const host = testHost();
    const workspace = { ...memoryWorkspace({ 'a.txt': 'a' }), fullDisk: async () => full };
    const { commit } = await workspace.base({ run: 'run1' });
    const runners = { [task.type]: { run } } as RunnerTable;
    const job = testJob(task, { tree: { key: '', commit } });
    await runLeaf(job, { ...world(host, runners), workspace }, never);
    const { result, stop } = finished(host);
    return { stop, message: result.status === 'failed' ? result.failure.message : undefined };
  };
  const says = async () => failed;
  expect(await end(search, says)).toEqual({ stop: undefined, message: 'it is 1' });
  const message = 'the disk of /cache is full: it is 1';
  expect(await end(search, says, '/cache')).toEqual({ stop: 'disk_full', message });
  const throws = () => Promise.reject(new Error('of it', { cause: enospc }));
  expect(await end(search, throws)).toEqual({ stop: 'disk_full', message: 'of it' });
  expect(await end(ask, says, '/cache')).toEqual({ stop: undefined, message: 'it is 1' });
  const short = async () => ({ ...failed, short: { tokens: 5 } });
  expect(await end(search, short, '/cache')).toEqual({ stop: undefined, message: 'it is 1' });
});
