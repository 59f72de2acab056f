import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Json } from '../../base/json.ts';
import { noneSandbox } from '../../sandbox/none/none-sandbox.ts';
import type { ProcessMark } from '../../sandbox/process-mark.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import { nodeClock, nodeTimers } from '../../system/node/node-clock.ts';
import { walkingFiles } from '../../tool/files/walking-files.ts';
import type { CommandTask } from '../../workflow/task.ts';
import type { LeafJob } from '../leaf-job.ts';
import type { RunnerReport } from '../leaf-runner.ts';
import { type TestHost, testHost, testJob } from '../test-host.ts';
import { commandRunner } from './command-runner.ts';

const permissions = {
  write: false,
  shell: true,
  network: false,
  commands: ['*'],
  tools: [],
  env: ['GIVEN', 'ABSENT'],
};
const never = new AbortController().signal;
let folder = '';
let host: TestHost;

beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'whaleflow-command-')));
  await mkdir(join(folder, 'tree', 'below'), { recursive: true });
  await mkdir(join(folder, 'temporary'));
  host = testHost();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function command(argv: readonly string[], parts: Partial<CommandTask> = {}): CommandTask {
  return { type: 'command', purpose: 'shell', argv, timeoutMs: 20_000, okExitCodes: [0], ...parts };
}

const bash = (script: string, parts: Partial<CommandTask> = {}): CommandTask =>
  command(['bash', '-c', script], { shell: 'bash', ...parts });

interface Marked {
  readonly mark?: ProcessMark;
}

const marking =
  ({ run: start }: Sandbox, mark: ProcessMark): Sandbox['run'] =>
  (request, signal) =>
    start({ ...request, mark }, signal);

function run(
  task: CommandTask,
  { mark, ...parts }: NonNullable<Parameters<typeof testJob<CommandTask>>[1]> & Marked = {},
  signal: AbortSignal = never,
): Promise<RunnerReport> {
  const runner = commandRunner({
    environment: { PATH: process.env['PATH'], GIVEN: 'given', SECRET: 'secret', LANG: 'C' },
    temporaryFolder: join(folder, 'temporary'),
    files: async (root) => walkingFiles(root, () => 'new'),
  });
  const job: LeafJob<CommandTask> = testJob(task, {
    ...parts,
    node: { permissions, ...parts.node },
  });
  const plain = noneSandbox({ clock: nodeClock, timers: nodeTimers, graceMs: 100 });
  const sandbox = mark === undefined ? plain : { ...plain, run: marking(plain, mark) };
  return runner.run(job, { root: join(folder, 'tree'), sandbox, host }, signal);
}

const field = (report: RunnerReport, name: string): Json | undefined =>
  (report.output as Readonly<Record<string, Json>> | undefined)?.[name];

test('a command gives its exit status and both streams, and is recorded with all of it', async () => {
  const report = await run(command(['sh', '-c', 'echo out; echo err >&2']));
  const output = {
    exitCode: 0,
    passed: true,
    signal: null,
    stderr: 'err\n',
    stdout: 'out\n',
    timedOut: false,
  };
  expect(report).toMatchObject({ status: 'succeeded', output, fruit: [] });
  const [called] = host.facts;
  if (called?.type !== 'tool.called') throw new Error('nothing is recorded');
  expect(host.json(called.input)).toEqual({
    argv: ['sh', '-c', 'echo out; echo err >&2'],
    cwd: '.',
  });
  expect(host.json(called.output)).toEqual(output);
  expect(called).toMatchObject({ tool: 'command', exitCode: 0, path: 'leaf', attempt: 1 });
  expect(host.shown).toContainEqual({ kind: 'output', text: 'out\n' });
});

test('a test is fruit, passed or not', async () => {
  const failed = await run(command(['sh', '-c', 'echo 1 failing; exit 2'], { purpose: 'test' }));
  expect(failed).toMatchObject({
    status: 'failed',
    failure: { kind: 'exit', message: 'exit status 2: sh -c echo 1 failing; exit 2' },
    output: { exitCode: 2, passed: false, stdout: '1 failing\n' },
    fruit: [{ type: 'test', value: { exitCode: 2, passed: false }, evidence: ['leaf#1'] }],
  });
  const allowed = await run(command(['sh', '-c', 'exit 2'], { okExitCodes: [0, 2] }));
  expect(allowed).toMatchObject({ status: 'succeeded', output: { exitCode: 2, passed: true } });
});

test('a test counts what its runner printed, and says where that was not found', async () => {
  const tests = async (script: string, parts: Partial<CommandTask> = {}) =>
    field(await run(bash(script, { purpose: 'test', ...parts })), 'tests');
  const vitest = { status: 'found', passed: 3, failed: 1, skipped: 0, total: 4, source: 'vitest' };
  expect(await tests('echo "      Tests  1 failed | 3 passed (4)" >&2; exit 1')).toEqual(vitest);
  expect(await tests('echo all is well')).toEqual({ status: 'not_found' });
  const counted = await run(bash('echo 3 passed, 1 failed; exit 1', { purpose: 'test' }));
  expect(counted.fruit).toMatchObject([
    { type: 'test', value: { passed: false, tests: { passed: 3 } } },
    { type: 'metric', title: expect.stringMatching(/^3 of 4 tests passed: bash -c/) },
  ]);
  const none = await run(bash('echo 0 passed, 0 failed', { purpose: 'test' }));
  expect(none.fruit).toMatchObject([{ type: 'test', value: { tests: { passed: 0, failed: 0 } } }]);
  // What the output leaves out is counted all the same.
  const flood = 'echo "= 2 passed in 0.10s ="; head -c 100000 /dev/zero | tr "\\0" "x\\n"';
  expect(await tests(flood)).toMatchObject({ passed: 2, source: 'pytest' });
  expect(field(await run(bash('echo 3 passed, 0 failed')), 'tests')).toBeUndefined();
});

describe('a test that writes a report', () => {
  const XML = '<testsuite><testcase/><testcase><failure/></testcase></testsuite>';
  const tests = async (script: string, report: string, cwd?: string) => {
    const place = cwd === undefined ? {} : { cwd };
    return field(await run(bash(script, { purpose: 'test', report, ...place })), 'tests');
  };
  const fromXml = { passed: 1, failed: 1, source: 'JUnit XML' };

  test('is counted by that, in its tree or its folder of temporary files', async () => {
    expect(await tests(`echo '${XML}' > r.xml; echo 9 passed, 0 failed`, 'r.xml')).toMatchObject(
      fromXml,
    );
    expect(await tests(`mkdir out; echo '${XML}' > out/r.xml`, 'out/r.xml', 'below')).toMatchObject(
      fromXml,
    );
    expect(await tests(`echo '${XML}' > $TMPDIR/r.xml`, '$TMPDIR/r.xml')).toMatchObject(fromXml);
    expect(await tests('printf "1..2\\nok 1\\nok 2\\n" > r.tap', 'r.tap')).toMatchObject({
      passed: 2,
      source: 'TAP',
    });
  });

  test.each([
    ['that was there before', 'true', 'old.xml'],
    ['that is a link out of the tree', 'ln -s ../outside.xml link.xml', 'link.xml'],
    ['that lies outside of the tree', 'true', '../outside.xml'],
    ['that is half written', `echo '<testsuite><testcase/>' > half.xml`, 'half.xml'],
    ['that never came', 'true', 'no.xml'],
  ])('is counted by what it printed, where the report is one %s', async (_name, script, report) => {
    await writeFile(join(folder, 'tree', 'old.xml'), XML);
    await writeFile(join(folder, 'outside.xml'), XML);
    expect(await tests(`${script}; echo 5 passed, 0 failed`, report)).toMatchObject({
      passed: 5,
      source: 'closing line',
    });
  });
});

test('the environment is the allow-list and what the permissions name, in a home of its own', async () => {
  const report = await run(command(['sh', '-c', 'env; touch "$HOME/x" "$TMPDIR/y"']));
  const names = String(field(report, 'stdout'))
    .split('\n')
    .map((line) => line.split('=')[0] ?? '');
  expect(
    names.filter((name) => !['', '_', 'PWD', 'OLDPWD', 'SHLVL'].includes(name)).sort(),
  ).toEqual(['CI', 'GIVEN', 'HOME', 'LANG', 'PATH', 'TERM', 'TMPDIR']);
  expect(await readdir(join(folder, 'temporary'))).toEqual([]);
});

test('a value stays one argument, whatever it says', async () => {
  const inputs = { file: 'a b; $(touch x) \'q\' "d" `id` *' };
  const show = 'for each in "$@"; do printf "<%s>" "$each"; done';
  const report = await run(command(['sh', '-c', show, 'sh', '--', '{{inputs.file}}', 'end']), {
    inputs,
  });
  expect(field(report, 'stdout')).toBe(`<--><${inputs.file}><end>`);
  expect(await readdir(join(folder, 'tree'))).toEqual(['below']);
});

test.each([
  ['printf "<%s>" {{inputs.file}}', '<VALUE>'],
  ['printf "<%s>" "a {{inputs.file}} b"', '<a VALUE b>'],
  ["printf '<%s>' 'a {{inputs.file}} b'", '<a VALUE b>'],
  ["printf '<%s>' \"it's {{inputs.file}}\" {{inputs.file}}", "<it's VALUE><VALUE>"],
  ['printf \'<%s>\' "\\"{{inputs.file}}\\""', '<"VALUE">'],
])('in a bash program a value is never program text: %s', async (script, expected) => {
  const inputs = { file: 'a b; $(touch x) \'q\' "d" `id` *' };
  const report = await run(bash(script), { inputs });
  expect(field(report, 'stdout')).toBe(expected.replaceAll('VALUE', inputs.file));
  expect(await readdir(join(folder, 'tree'))).toEqual(['below']);
});

test('a command has to be permitted, and without a sandbox agreed to', async () => {
  const task = command(['sh', '-c', 'exit 0']);
  const globs = { ...permissions, commands: ['npm *', 'sh -c exit 1'] };
  const [unpermitted, closed, unagreed] = await Promise.all([
    run(task, { node: { permissions: globs } }),
    run(task, { node: { permissions: { ...permissions, shell: false } } }),
    run(task, { consent: { by: 'person', commands: ['npm test'] } }),
  ]);
  expect([unpermitted, closed, unagreed]).toMatchObject([
    {
      failure: {
        kind: 'permission',
        message: 'sh -c exit 0 is not among the permitted commands: npm *, sh -c exit 1',
      },
    },
    { failure: { kind: 'permission', message: 'no commands are permitted: sh -c exit 0' } },
    {
      failure: {
        kind: 'permission',
        message: 'sh -c exit 0 is not among the commands that may run without a sandbox: npm test',
      },
    },
  ]);
  expect(host.facts).toEqual([]);
});

test('it runs in its folder of the tree, which no link and no dots lead out of', async () => {
  await symlink(folder, join(folder, 'tree', 'out'));
  const pwd = command(['pwd']);
  expect(field(await run({ ...pwd, cwd: 'below' }), 'stdout')).toBe('/workspace/below\n');
  for (const cwd of ['..', 'out', 'below/../..']) {
    expect(await run({ ...pwd, cwd })).toMatchObject({ failure: { kind: 'permission' } });
  }
  expect(await run({ ...pwd, cwd: 'gone' })).toMatchObject({ failure: { kind: 'sandbox' } });
});

test('what a command says does not tell where it ran', async () => {
  const script = 'pwd; echo "$HOME:$TMPDIR/x"; pwd >&2';
  expect(await run(command(['sh', '-c', script]))).toMatchObject({
    output: { stdout: '/workspace\n/home/leaf:/tmp/x\n', stderr: '/workspace\n' },
  });
});

test('a timeout, a signal and an abort fail it, with the output up to there', async () => {
  const slow = command(['sh', '-c', 'echo begun; exec sleep 60'], { timeoutMs: 3_000 });
  expect(await run(slow)).toMatchObject({
    failure: { kind: 'timeout' },
    output: { timedOut: true, passed: false, stdout: 'begun\n' },
  });
  expect(await run(command(['sh', '-c', 'kill -9 $$']))).toMatchObject({
    failure: { kind: 'exit', message: 'ended by SIGKILL: sh -c kill -9 $$' },
    output: { signal: 'SIGKILL', exitCode: null },
  });
  expect(await run(slow, {}, AbortSignal.abort())).toMatchObject({ failure: { kind: 'lost' } });
  expect(await run(command(['no-such-program']))).toMatchObject({ failure: { kind: 'exit' } });
});

test('the output holds the end of a long stream, the record all of it', async () => {
  const script = 'i=0; while [ $i -lt 20000 ]; do echo "line $i ä"; i=$((i+1)); done';
  const report = await run(command(['sh', '-c', script]));
  const stdout = String(field(report, 'stdout'));
  expect(stdout).toMatch(/^\[… \d+ bytes before this\]\n/);
  expect(stdout.endsWith('line 19999 ä\n')).toBe(true);
  expect(Buffer.byteLength(stdout)).toBeLessThan(33 * 1024);
  const [called] = host.facts;
  const recorded = called?.type === 'tool.called' ? host.text(called.output) : '';
  expect(recorded).toContain('line 0 ä');
});

test('output that is no UTF-8 is text with replacements', async () => {
  const report = await run(command(['printf', 'a\\377b']));
  expect(field(report, 'stdout')).toBe('a\ufffdb');
});

test('which run and which process of it a command was is no part of its output', async () => {
  const report = await run(command(['sh', '-c', 'echo "$WHALEFLOW_LEAF"; sleep 0.01']), {
    mark: { leaf: 'run1/leaf#1', driver: `one-${process.pid}` },
  });
  expect(field(report, 'stdout')).toBe('leaf\n');
});
