/** A real program as an agent, in a real sandbox; what it may do and what is made of its words. */
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONDITION_MS, overWhen } from '../../../../test/over-when.ts';
import type { JsonObject } from '../../../base/json.ts';
import { startTicks } from '../../../sandbox/none/process-table.ts';
import type { Timers } from '../../../system/clock.ts';
import { nodeTimers } from '../../../system/node/node-clock.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { ExternalAgent } from './external-agent.ts';
import {
  ALL_RIGHTS,
  externalJob,
  factsOf,
  type JobParts,
  type Ran,
  runExternal,
} from './test-run.ts';

const DOUBLE = resolve(import.meta.dirname, '../../../../test/external/exec-agent.mjs');
const never = new AbortController().signal;
let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-external-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plain: ExternalAgent = {
  name: 'double',
  protocol: { type: 'exec', format: 'jsonl' },
  argv: [process.execPath, DOUBLE],
  rights: { readOnly: [], readWrite: [], confined: [] },
  env: {},
  readable: [],
  writable: [],
  billing: 'unknown',
};

type Steps = readonly JsonObject[];

const jobOf = externalJob;

const run = (
  job: LeafJob<ExternalTask>,
  agent: Partial<ExternalAgent> = {},
  signal: AbortSignal = never,
  timers: Timers = nodeTimers,
): Promise<Ran> =>
  runExternal(job, { root: folder, agent: { ...plain, ...agent }, signal, timers });

const result = (text: string): JsonObject => ({ line: { type: 'result', text } });

describe('an agent that is a program', () => {
  test('gets the prompt, works in the tree, and what it says is a self-report', async () => {
    const { report } = await run(jobOf([{ write: ['made.txt', 'by it'] }, result('all done')]));
    expect(report).toEqual({
      status: 'succeeded',
      output: {
        self_report: {
          status: 'succeeded',
          summary: 'all done',
          artifacts: [],
          assumptions: [],
          evidence: [],
        },
        verified: [],
      },
    });
    expect(readFileSync(join(folder, 'made.txt'), 'utf8')).toBe('by it');
  });

  test.each([
    ['an argument', ['--prompt', '{prompt}']],
    ['a file', ['--file', '{prompt_file}']],
  ])('the prompt goes in as %s where the command line says so', async (_name, more) => {
    const { report } = await run(jobOf([result('heard')]), { argv: [...plain.argv, ...more] });
    expect(report).toMatchObject({ output: { self_report: { summary: 'heard' } } });
  });

  test('its turn is a model call, its tools are facts, its figures are in five parts', async () => {
    const steps = [
      { line: { type: 'tool', id: '1', name: 'Bash', input: { command: 'ls' } } },
      { line: { type: 'tool', id: '1', output: 'a.txt' } },
      { line: { type: 'tool', id: '2', name: 'Edit', input: {}, output: 'no', failed: true } },
      {
        line: {
          type: 'usage',
          input: 100,
          cache_read: 60,
          output: 20,
          reasoning: 5,
          cost_usd: 0.012,
        },
      },
      { line: { type: 'model', name: 'big-1' } },
      result('ok'),
    ];
    const { host } = await run(jobOf(steps, { slice: { tokens: 5_000, costMicroUsd: 70_000 } }));
    const [requested] = factsOf(host, 'model.requested');
    expect(requested).toMatchObject({
      route: { provider: 'double', model: 'unknown' },
      reserved: { tokens: 5_000, costMicroUsd: 70_000 },
    });
    const [called] = factsOf(host, 'model.called');
    expect(called).toMatchObject({
      route: { provider: 'double', model: 'big-1' },
      memo: 'bypass',
      usage: {
        tokens: { uncached: 40, cacheRead: 60, cacheWrite: 0, output: 15, reasoning: 5 },
        costMicroUsd: 12_000,
        costStatus: 'estimated',
      },
    });
    expect(host.json(called?.response)).toEqual({ model: 'big-1', text: 'ok' });
    const tools = factsOf(host, 'tool.called');
    expect(tools.map(({ tool, exitCode, failure }) => [tool, exitCode, failure?.kind])).toEqual([
      ['Bash', undefined, undefined],
      ['Edit', undefined, 'exit'],
    ]);
    expect(host.text(tools[0]?.output)).toBe('a.txt');
  });

  test('what it does not report is unknown and never nothing', async () => {
    const { host } = await run(jobOf([result('ok')]));
    const [called] = factsOf(host, 'model.called');
    expect(called?.usage.costStatus).toBe('unknown');
    expect(called?.usage.tokens.uncached).toBeGreaterThan(10);
  });

  test('what a plan pays for is included', async () => {
    const { host } = await run(jobOf([result('ok')]), { billing: 'included' });
    expect(factsOf(host, 'model.called')[0]?.usage.costStatus).toBe('included');
  });

  test('figures that cannot be true are none', async () => {
    const usage = { type: 'usage', input: 10, cache_read: 60, output: -5, cost_usd: 'much' };
    const { host } = await run(jobOf([{ line: usage }, result('ok')]));
    expect(factsOf(host, 'model.called')[0]?.usage.costStatus).toBe('unknown');
  });

  test('figures that come step by step add up', async () => {
    const tokens = { input: 900, output: 30, reasoning: 5, cache: { read: 100, write: 0 } };
    const step = { line: { type: 'step_finish', part: { tokens, cost: 0.002 } } };
    const { host } = await run(jobOf([step, step]), {
      protocol: { type: 'exec', format: 'opencode' },
    });
    expect(factsOf(host, 'model.called')[0]?.usage).toEqual({
      tokens: { uncached: 1800, cacheRead: 200, cacheWrite: 0, output: 60, reasoning: 10 },
      costMicroUsd: 4000,
      costStatus: 'estimated',
    });
  });

  test('text out: all that it prints is what it says, without the places of this machine', async () => {
    const { report } = await run(jobOf([{ raw: `in ${folder}/a\n` }]), {
      protocol: { type: 'exec', format: 'text' },
    });
    expect(report).toMatchObject({ output: { self_report: { summary: 'in /workspace/a' } } });
  });
});

describe('typed output', () => {
  const node = {
    output: { type: 'object', required: ['n'], properties: { n: { type: 'number' } } },
  };

  test('is the JSON that it ends with', async () => {
    const { report } = await run(jobOf([result('So:\n```json\n{"n": 3}\n```')], { node }));
    expect(report).toEqual({ status: 'succeeded', output: { n: 3 } });
  });

  test('it is asked once more for what does not fit, and shown what it said', async () => {
    const steps = [result('double:[{"line":{"type":"result","text":"{\\"n\\": 4}"}}]')];
    const { report, host } = await run(jobOf(steps, { node }));
    expect(report).toEqual({ status: 'succeeded', output: { n: 4 } });
    expect(factsOf(host, 'model.called').map(({ call }) => call)).toEqual([1, 2]);
  });

  test('what does not fit twice is an honest failure', async () => {
    const { report } = await run(jobOf([result('no idea')], { node }));
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'schema' } });
  });
});

describe('what goes wrong', () => {
  const failures: readonly (readonly [name: string, steps: Steps, kind: string, said: RegExp])[] = [
    ['an exit status', [{ stderr: 'no login\n' }, { exit: 3 }], 'exit', /status 3: no login/],
    [
      'an error that it tells of',
      [{ line: { type: 'error', message: 'over' } }],
      'refused',
      /over/,
    ],
    ['a line without end', [{ raw: 'x'.repeat(20 * 2 ** 20) }], 'exit', /line of more than/],
    ['a flood', [{ flood: true }], 'exit', /more than \d+ bytes/],
  ];
  test.each(failures)('%s is a failure that says so', async (_name, steps, kind, said) => {
    const { report } = await run(jobOf(steps));
    expect(report).toMatchObject({ status: 'failed', failure: { kind } });
    expect(report.status === 'failed' && report.failure.message).toMatch(said);
  });

  test('a program that is not there', async () => {
    const { report } = await run(jobOf([]), { argv: ['no-such-agent'] });
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'exit' } });
  });

  test('lines that are no JSON are passed over', async () => {
    const { report } = await run(jobOf([{ raw: '{"type":\nhello\n[1]\n' }, result('fine')]));
    expect(report).toMatchObject({ output: { self_report: { summary: 'fine' } } });
  });

  test('one that hangs and is deaf is ended at its time, with what it forked', async () => {
    const steps = [{ fork: 'pid' }, { write: ['forked', 'yes'] }, { hang: true }];
    const timers = overWhen(() => existsSync(join(folder, 'forked')));
    const { report } = await run(jobOf(steps, {}, CONDITION_MS), {}, never, timers);
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'timeout' } });
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(startTicks(pid)).toBeUndefined();
  });

  test('an abort ends it', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 300);
    const { report } = await run(jobOf([{ hang: true }]), {}, stop.signal);
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'lost' } });
  });
});

describe('rights', () => {
  const rights = (parts: object): JobParts => ({
    node: { permissions: { ...ALL_RIGHTS, ...parts } },
  });

  test('a program that asks nobody needs commands to be permitted', async () => {
    const { report } = await run(jobOf([{ write: ['never', ''] }], rights({ shell: false })));
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'permission' } });
    expect(existsSync(join(folder, 'never'))).toBe(false);
  });

  test('without a sandbox a person has to have accepted the program', async () => {
    const consent = { by: 'flag', commands: ['npm *'] } as const;
    const { report } = await run(jobOf([{ write: ['never', ''] }], { consent }));
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'permission' } });
    expect(existsSync(join(folder, 'never'))).toBe(false);
    const accepted = { by: 'flag', commands: [`${process.execPath} *`] } as const;
    const second = await run(jobOf([result('ok')], { consent: accepted }));
    expect(second.report.status).toBe('succeeded');
  });

  test('it sees the variables that are set for it, and no others', async () => {
    process.env['WF_SECRET'] = 'secret';
    const env = { GIVEN: 'yes' };
    const given = await run(jobOf([{ environment: 'GIVEN' }]), { env });
    expect(given.report).toMatchObject({ output: { self_report: { summary: 'yes' } } });
    const other = await run(jobOf([{ environment: 'WF_SECRET' }]), { env });
    expect(other.report).toMatchObject({ output: { self_report: { summary: 'undefined' } } });
    const home = await run(jobOf([{ environment: 'HOME' }]));
    expect(home.report).not.toMatchObject({
      output: { self_report: { summary: process.env['HOME'] } },
    });
  });

  test('what the leaf may do chooses the arguments', async () => {
    const agent = {
      argv: [...plain.argv, '{rights}'],
      rights: { readOnly: ['--look'], readWrite: ['--edit'], confined: ['--all'] },
    };
    const write = await run(jobOf([{ argv: true }]), agent);
    expect(write.report).toMatchObject({ output: { self_report: { summary: '["--edit"]' } } });
    const read = await run(jobOf([{ argv: true }], { node: { mode: 'read_only' } }), agent);
    expect(read.report).toMatchObject({ output: { self_report: { summary: '["--look"]' } } });
  });

  test('no agent of that name is a refusal', async () => {
    const job = jobOf([]);
    const other = { ...job, node: { ...job.node, task: { ...job.node.task, agent: 'nobody' } } };
    expect((await run(other)).report).toMatchObject({ failure: { kind: 'refused' } });
  });
});
