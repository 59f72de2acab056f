/** A small agent that speaks the protocol, as a real process; what it may do, and how it misbehaves. */
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CONDITION_MS, overWhen } from '../../../../../test/over-when.ts';
import type { Json, JsonObject } from '../../../../base/json.ts';
import { startTicks } from '../../../../sandbox/none/process-table.ts';
import type { Question } from '../../../leaf-host.ts';
import type { ExternalAgent } from '../external-agent.ts';
import {
  ALL_RIGHTS,
  externalJob,
  factsOf,
  type JobParts,
  type Ran,
  type RunOptions,
  runExternal,
} from '../test-run.ts';

const DOUBLE = resolve(import.meta.dirname, '../../../../../test/external/acp-agent.mjs');
let folder = '';
beforeAll(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'whaleflow-acp-')));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const agent: ExternalAgent = {
  name: 'double',
  protocol: { type: 'acp' },
  argv: [process.execPath, DOUBLE],
  rights: { readOnly: [], readWrite: [], confined: [] },
  env: { GIVEN: 'for itself' },
  readable: [],
  writable: [],
  billing: 'unknown',
};

const run = (
  steps: readonly object[],
  parts: JobParts = {},
  options: Partial<RunOptions> = {},
): Promise<Ran> =>
  runExternal(externalJob(steps, parts, CONDITION_MS), { root: folder, agent, ...options });

const saidBy = ({ report }: Ran): string => {
  const output = (
    report.status === 'failed' ? (report.output ?? null) : report.output
  ) as JsonObject;
  return (output['self_report'] as { readonly summary: string }).summary;
};
const rights = (parts: object, node: object = {}): JobParts => ({
  node: { permissions: { ...ALL_RIGHTS, ...parts }, ...node },
});
const at = (name: string): string => join(folder, name);

describe('a turn', () => {
  test('works in the tree and ends with what it says last', async () => {
    const ran = await run([
      { say: 'I will look first.' },
      { update: { sessionUpdate: 'tool_call', toolCallId: '1', title: 'Look', kind: 'read' } },
      { update: { sessionUpdate: 'tool_call_update', toolCallId: '1', status: 'completed' } },
      { write: ['made.txt', 'by it'] },
      { sayEach: 'All is done now.' },
    ]);
    expect(ran.report.status).toBe('succeeded');
    expect(saidBy(ran).trim()).toBe('All is done now.');
    expect(readFileSync(at('made.txt'), 'utf8')).toBe('by it');
  });

  test('its tools and figures are facts', async () => {
    const { host } = await run([
      {
        update: {
          sessionUpdate: 'tool_call',
          toolCallId: 't',
          title: 'npm test',
          kind: 'execute',
          rawInput: { command: 'npm test' },
        },
      },
      {
        update: {
          sessionUpdate: 'tool_call_update',
          toolCallId: 't',
          status: 'failed',
          content: [{ type: 'content', content: { type: 'text', text: '1 failed' } }],
        },
      },
      {
        usage: {
          totalTokens: 145,
          inputTokens: 40,
          cachedReadTokens: 60,
          cachedWriteTokens: 20,
          outputTokens: 15,
          thoughtTokens: 10,
        },
      },
      {
        update: {
          sessionUpdate: 'usage_update',
          used: 1,
          size: 2,
          cost: { amount: 0.25, currency: 'USD' },
        },
      },
      { say: 'ok' },
    ]);
    const [tool] = factsOf(host, 'tool.called');
    expect(tool).toMatchObject({ tool: 'execute', failure: { kind: 'exit' } });
    expect(tool).not.toHaveProperty('exitCode');
    expect(host.text(tool?.input)).toBe('{"command":"npm test"}');
    expect(host.text(tool?.output)).toBe('1 failed');
    expect(factsOf(host, 'model.called')[0]?.usage).toEqual({
      tokens: { uncached: 40, cacheRead: 60, cacheWrite: 20, output: 15, reasoning: 10 },
      costMicroUsd: 250_000,
      costStatus: 'estimated',
    });
  });

  test('what it does not report is unknown', async () => {
    const { host } = await run([{ say: 'ok' }]);
    expect(factsOf(host, 'model.called')[0]?.usage.costStatus).toBe('unknown');
  });

  test('figures of its own, beside the protocol, are those of one turn', async () => {
    const counted = { quota: { token_count: { input_tokens: 40, output_tokens: 15 } } };
    const { host } = await run([{ say: 'done' }, { meta: counted }]);
    const [called] = factsOf(host, 'model.called');
    expect(called?.usage.tokens).toMatchObject({ uncached: 40, output: 15 });
  });

  test('every frame is in the journal, in the order of the wire, without the places of this machine', async () => {
    const { host } = await run([{ say: 'one' }, { readThrough: { path: at('made.txt') } }]);
    const frames = factsOf(host, 'agent.framed').flatMap(({ frames: ref }) =>
      host
        .text(ref)
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { readonly from: string; readonly frame: string }),
    );
    const words = frames.map(({ from, frame }) => {
      const { method, id } = JSON.parse(frame) as { readonly method?: string; readonly id?: Json };
      return `${from} ${method ?? `answer ${typeof id}`}`;
    });
    expect(words).toEqual([
      'client initialize',
      'agent answer number',
      'client session/new',
      'agent answer number',
      'client session/prompt',
      'agent session/update',
      'agent fs/read_text_file',
      'client answer string',
      'agent session/update',
      'agent answer number',
    ]);
    expect(frames.map(({ frame }) => frame).join('')).not.toContain(folder);
  });

  test('a typed answer that does not fit is asked for again in the same session', async () => {
    const output = { type: 'object', required: ['n'], properties: { n: { type: 'number' } } };
    const again = 'double:[{"say":"{\\"n\\": 4}"}]';
    const usage = (tokens: number): object => ({
      usage: { totalTokens: 2 * tokens, inputTokens: tokens, outputTokens: tokens },
    });
    const { report, host } = await run([usage(10), { say: `no\n${again}` }], { node: { output } });
    expect(report).toEqual({ status: 'succeeded', output: { n: 4 } });
    const calls = factsOf(host, 'model.called');
    expect(calls.map(({ call }) => call)).toEqual([1, 2]);
    // It counts over its whole session: the second turn has what came since.
    expect(calls.map(({ usage: used }) => used.tokens.output)).toEqual([10, 0]);
    const session = factsOf(host, 'agent.framed')
      .map(({ frames }) => host.text(frames))
      .join('');
    expect(session.match(/session\/new/g)).toHaveLength(1);
  });
});

describe('what it asks leave for', () => {
  const permission = (call: object): object => ({ permission: { toolCallId: 'p', ...call } });
  const command = permission({ kind: 'execute', title: 'x', rawInput: { command: 'npm test' } });
  const verdicts: readonly (readonly [string, object, JobParts, string])[] = [
    ['a command that is permitted', command, {}, 'do-allow_once'],
    ['a command without the right', command, rights({ shell: false }), 'do-reject_once'],
    ['another command', command, rights({ commands: ['npm run *'] }), 'do-reject_once'],
    ['reading', permission({ kind: 'read' }), {}, 'do-allow_once'],
    [
      'reading elsewhere',
      permission({ kind: 'read', locations: [{ path: '/etc/passwd' }] }),
      {},
      'do-reject_once',
    ],
    ['the network', permission({ kind: 'fetch' }), {}, 'do-reject_once'],
    [
      'the network with the right',
      permission({ kind: 'fetch' }),
      rights({ network: true }),
      'do-allow_once',
    ],
    ['a change', permission({ kind: 'edit' }), {}, 'do-allow_once'],
    [
      'a change in a leaf that reads',
      permission({ kind: 'edit' }),
      { node: { mode: 'read_only' } },
      'do-reject_once',
    ],
  ];
  test.each(verdicts)('%s', async (_name, step, parts, answer) => {
    expect(saidBy(await run([step], parts))).toBe(`${answer};`);
  });

  test('a change outside of its scope is refused, inside it is not', async () => {
    const parts = rights({}, { fileScope: ['src/**'] });
    const edit = (name: string): object =>
      permission({ kind: 'edit', content: [{ type: 'diff', path: at(name), newText: '' }] });
    const { host, ...ran } = await run([edit('src/a.ts'), edit('b.ts')], parts);
    expect(saidBy({ host, ...ran })).toBe('do-reject_once;');
    const asked = factsOf(host, 'tool.called').filter(({ tool }) => tool === 'permission');
    expect(asked.map(({ output }) => host.text(output))).toEqual([
      'allowed',
      'refused: b.ts is outside of the files that this leaf may change: src/**',
    ]);
  });

  test('without a sandbox a person is asked for what nobody has accepted', async () => {
    const consent = { by: 'flag', commands: [`${process.execPath} *`] } as const;
    const questions: Question[] = [];
    const answering = (approved: boolean): Partial<RunOptions> => ({
      ask: async (question) => {
        questions.push(question);
        return { approved, by: 'ada' };
      },
    });
    expect(saidBy(await run([command], { consent }, answering(true)))).toBe('do-allow_once;');
    expect(saidBy(await run([command], { consent }, answering(false)))).toBe('do-reject_once;');
    expect(questions.map(({ message }) => message)).toEqual([
      'agent double wants to run npm test',
      'agent double wants to run npm test',
    ]);
  });
});

describe('what it does through us', () => {
  test('files of its tree, and no others', async () => {
    writeFileSync(at('lines.txt'), 'a\nb\nc\nd\n');
    symlinkSync('/etc', at('away'));
    const ran = await run([
      { writeThrough: [at('sub/through.txt'), 'through us'] },
      { readThrough: { path: at('lines.txt'), line: 2, limit: 2 } },
      { readThrough: { path: '/etc/hostname' } },
      { readThrough: { path: at('away/hostname') } },
      { readThrough: { path: at('../other') } },
      { writeThrough: [at('.git/hooks/x'), 'evil'] },
      { readThrough: { path: at('none.txt') } },
    ]);
    const answers = saidBy(ran).split(';');
    expect(answers[0]).toBe('{}');
    expect(readFileSync(at('sub/through.txt'), 'utf8')).toBe('through us');
    expect(answers[1]).toBe('{"content":"b\\nc"}');
    for (const answer of answers.slice(2, 7)) expect(answer).not.toContain('content');
    expect(answers[2]).toContain('outside of the tree');
    // The words of the protocol’s own library: some agents go by them to make the file.
    expect(answers[6]).toBe(`Resource not found: ${at('none.txt')}`);
  });

  test('one that has its own files is offered none', async () => {
    const protocol = { type: 'acp', hasOwnFiles: true } as const;
    const { host } = await run([{ say: 'done' }], {}, { agent: { ...agent, protocol } });
    const [journal] = factsOf(host, 'agent.framed').map(({ frames }) => host.text(frames));
    const [first = '{}'] = (journal ?? '').split('\n');
    const { frame } = JSON.parse(first) as { readonly frame: string };
    const { params } = JSON.parse(frame) as { readonly params: JsonObject };
    expect(params['clientCapabilities']).toMatchObject({
      fs: { readTextFile: false, writeTextFile: false },
      terminal: true,
    });
  });

  test('a leaf that reads offers no writing, and refuses it all the same', async () => {
    const ran = await run([{ writeThrough: [at('no.txt'), 'x'] }], { node: { mode: 'read_only' } });
    expect(saidBy(ran)).toContain('reads only');
    expect(existsSync(at('no.txt'))).toBe(false);
  });

  test('commands run in the tree and are what is verified', async () => {
    const ran = await run([
      { terminal: { command: 'sh', args: ['-c', 'echo $GIVEN; pwd; exit 3'] } },
      { terminal: { command: 'echo one && echo two', cwd: folder } },
      { terminal: { command: 'pwd', cwd: '/etc' } },
    ]);
    expect(saidBy(ran)).toContain('{"exitCode":3,"signal":null} \n');
    expect(saidBy(ran)).toContain('one\ntwo');
    expect(saidBy(ran)).not.toContain('/etc\n');
    const output = ran.report.output as JsonObject;
    expect(output['verified']).toEqual([
      { command: 'sh -c echo $GIVEN; pwd; exit 3', exitCode: 3 },
      { command: 'echo one && echo two', exitCode: 0 },
      { command: 'pwd', exitCode: null },
    ]);
    const seen = factsOf(ran.host, 'tool.called').filter(({ tool }) => tool === 'terminal');
    expect(seen.map(({ exitCode }) => exitCode)).toEqual([3, 0, null]);
  });

  test('a command that is not permitted does not run', async () => {
    const step = { terminal: { command: 'touch', args: ['never'] } };
    expect(saidBy(await run([step], rights({ commands: ['ls'] })))).toContain('not among');
    expect(saidBy(await run([step], rights({ shell: false })))).toContain('no commands');
    expect(existsSync(at('never'))).toBe(false);
  });
});

describe('how it misbehaves', () => {
  const failures: readonly (readonly [string, readonly object[], string, RegExp])[] = [
    [
      'it exits in the middle',
      [{ stderr: 'out of luck' }, { exit: 7 }],
      'exit',
      /status 7 in the middle: out of luck/,
    ],
    ['it refuses', [{ stop: 'refusal' }], 'refused', /refused the task/],
    ['it stops at its own limit', [{ stop: 'max_tokens' }], 'refused', /limit of its own/],
    ['it floods', [{ flood: true }], 'exit', /line of more than/],
    [
      'it sends no frames',
      [{ badFrames: 200 }, { deaf: true }],
      'exit',
      /lines that are no frames/,
    ],
    [
      'it sends frames that are none for us',
      [
        {
          raw: '{"jsonrpc":"2.0","id":99,"result":{}}\n{"jsonrpc":"2.0","method":"no/such","params":[]}\n',
        },
        { exit: 2 },
      ],
      'exit',
      /status 2/,
    ],
  ];
  test.each(failures)('%s', async (_name, steps, kind, said) => {
    const { report } = await run(steps);
    expect(report).toMatchObject({ status: 'failed', failure: { kind } });
    expect(report.status === 'failed' && report.failure.message).toMatch(said);
  });

  test('a few lines that are no frames are passed over', async () => {
    expect(saidBy(await run([{ badFrames: 50 }, { say: 'fine' }]))).toBe('fine');
  });

  test('one that is not signed in says so', async () => {
    const signedOut = { ...agent, argv: [...agent.argv, '--signed-out'] };
    const { report } = await run([], {}, { agent: signedOut });
    expect(report).toMatchObject({ failure: { kind: 'refused' } });
    expect(report.status === 'failed' && report.failure.message).toContain('not signed in');
  });

  test('a program that does not speak it at all', async () => {
    const { report } = await run([], {}, { agent: { ...agent, argv: ['sh', '-c', 'echo hello'] } });
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'exit' } });
  });

  test('one that is told to stop hands over what it has', async () => {
    const stop = new AbortController();
    const ran = run(
      [{ say: 'so far' }, { write: ['waits', ''] }, { waitForCancel: true }],
      {},
      { signal: stop.signal },
    );
    await expect.poll(() => existsSync(at('waits'))).toBe(true);
    stop.abort();
    const { report } = await ran;
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'lost' } });
    expect(saidBy(await ran)).toBe('so far');
  });

  test('one that is deaf to everything is ended at its time, with what it forked', async () => {
    const steps = [{ fork: 'pid' }, { write: ['forked', ''] }, { deaf: true }];
    const timers = overWhen(() => existsSync(at('forked')));
    const { report } = await run(steps, {}, { timers });
    expect(report).toMatchObject({ status: 'failed', failure: { kind: 'timeout' } });
    expect(startTicks(Number(readFileSync(at('pid'), 'utf8')))).toBeUndefined();
  });
});
