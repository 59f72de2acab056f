/** Stop and steer with the built command line: words from other terminals, answers, ceilings, removal. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isAlive, openShell, type Shell, until, untilRow } from './shell.ts';

const model = (id: string, inputs: readonly string[] = []) => ({
  kind: 'leaf',
  id,
  inputs,
  task: { type: 'model', prompt: `Do ${id}` },
});

const command = (id: string, script: string, ...words: readonly string[]) => ({
  kind: 'leaf',
  id,
  task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', script, 'sh', ...words] },
});

const document = (id: string, nodes: readonly object[]): string =>
  JSON.stringify({ id, goal: 'Be steered', nodes });

const files = {
  'chain.json': document('chain', [model('first'), model('second', ['first']), model('third')]),
  'stuck.yaml': '- {path: second, latencyMs: 60000, answer: late}\n',
  'ask.json': document('ask', [
    model('plan'),
    { kind: 'approve', id: 'ship', message: 'Ship it?' },
    model('after'),
  ]),
  'soon.json': document('soon', [
    { kind: 'approve', id: 'ship', message: 'Ship it?', timeoutMs: 700 },
    model('after'),
  ]),
  'files.json': document('files', [
    {
      kind: 'leaf',
      id: 'edit',
      mode: 'read_write',
      task: { type: 'command', purpose: 'shell', argv: ['sh', '-c', 'echo new > made.txt'] },
    },
  ]),
  'two.json': document('two', [
    {
      kind: 'branch_set',
      id: 'both',
      children: [
        { kind: 'approve', id: 'left', message: 'Left?' },
        { kind: 'approve', id: 'right', message: 'Right?' },
      ],
    },
  ]),
};

let shell: Shell;
let before: string;
/** What is in flight in `gated.json` ends when it is there. */
let gate: string;
beforeEach(() => {
  shell = openShell(files);
  gate = join(shell.root, '..', 'gate');
  const first = command('first', 'while [ ! -e "$1" ]; do sleep 0.05; done', gate);
  const rest = ['second', 'third'].map((id) => command(id, 'true'));
  shell.write('gated.json', document('gated', [first, ...rest]));
  before = shell.fingerprint();
});
afterEach(() => {
  expect(shell.fingerprint()).toBe(before);
  shell[Symbol.dispose]();
});

interface Row {
  readonly run: string;
  readonly state: string;
  readonly done: number;
  readonly in_flight: number;
  readonly waiting: number;
  readonly liveness: string;
}

const rows = (): readonly Row[] => (shell.json('ls', '--json') as { runs: readonly Row[] }).runs;
const newest = (): Row | undefined => rows()[0];
const isIn = (state: string) => (): boolean => newest()?.state === state;

function start(...words: string[]): string {
  const said = shell.whaleflow('run', ...words, '--yes', '-d');
  expect(said, said.err).toMatchObject({ exit: 0 });
  return said.out.trim();
}

const countOf = (run: string, type: string): number =>
  shell.events(run).filter((event) => event.type === type).length;

/** Waits until the driver of a run has given its lease back and ended. */
async function driverGone(run: string): Promise<void> {
  const pid = shell.driverOf(run);
  await until(() => !isAlive(pid));
}

const isIdentical = (run: string): void => {
  expect(shell.whaleflow('replay', run).exit).toBe(0);
  expect(shell.whaleflow('verify', run).exit).toBe(0);
};

describe('pause', () => {
  test('lets what is in flight end; resume from another terminal goes on', async () => {
    const run = start('gated.json', '--allow', '*');
    await untilRow(shell, ({ inFlight }) => inFlight === 1);
    const paused = shell.whaleflow('pause', run);
    expect(paused).toMatchObject({ exit: 0 });
    expect(paused.out).toContain('pausing');
    writeFileSync(gate, '');
    await untilRow(shell, ({ state }) => state === 'paused');
    expect(newest()).toMatchObject({ done: 1, in_flight: 0 });
    await driverGone(run);
    expect(shell.whaleflow('wait', run).exit).toBe(5);
    expect(shell.whaleflow('pause', run).out).toContain('already');
    const resumed = shell.whaleflow('resume', run, '--yes');
    expect(resumed.exit, resumed.err).toBe(0);
    expect(countOf(run, 'run.paused')).toBe(1);
    expect(countOf(run, 'run.resumed')).toBe(1);
    isIdentical(run);
  });

  test('is taken back while leaves are in flight, by the same driver', async () => {
    const run = start('gated.json', '--allow', '*');
    await untilRow(shell, ({ inFlight }) => inFlight === 1);
    shell.whaleflow('pause', run);
    expect(shell.whaleflow('resume', run, '--yes', '-d').exit).toBe(0);
    writeFileSync(gate, '');
    expect(shell.whaleflow('wait', run).exit).toBe(0);
    expect(countOf(run, 'run.driven')).toBe(1);
  });

  test('of a lost run leaves it paused, and starts nothing', async () => {
    const run = start('chain.json', '--mock=stuck.yaml');
    await untilRow(shell, ({ done }) => done === 1);
    process.kill(shell.driverOf(run), 'SIGKILL');
    await until(isIn('lost'));
    expect(shell.whaleflow('pause', run).exit).toBe(0);
    await untilRow(shell, ({ state }) => state === 'paused');
    expect(shell.events(run).filter(({ type }) => type === 'leaf.requested')).toHaveLength(2);
    shell.whaleflow('cancel', run);
    expect(newest()?.state).toBe('cancelled');
    isIdentical(run);
  });
});

describe('an approval', () => {
  test('lets the process end, and its answer from another terminal starts it again', async () => {
    const said = shell.whaleflow('run', 'ask.json', '--mock', '--yes');
    expect(said.exit, said.err).toBe(5);
    expect(said.out).toContain('whaleflow approve');
    const run = newest()?.run ?? '';
    await driverGone(run);
    expect(newest()).toMatchObject({ state: 'waiting', waiting: 1, liveness: 'at rest' });
    const { approvals } = shell.json('approvals', '--json') as { approvals: readonly object[] };
    expect(approvals).toMatchObject([{ id: `${run}/ship`, message: 'Ship it?' }]);
    expect(shell.json('status', '--json')).toMatchObject({ approvals: [{ path: 'ship' }] });
    expect(shell.json('show', run, '--json')).toMatchObject({ waiting_for: [{ path: 'ship' }] });
    const answered = shell.whaleflow('approve', run, '--reason', 'looks right');
    expect(answered.exit, answered.err).toBe(0);
    expect(shell.whaleflow('wait', run, '--timeout', '20s').exit).toBe(0);
    const answer = shell.events(run).filter(({ type }) => type === 'approval.answered');
    expect(answer).toMatchObject([{ path: 'ship', reason: 'looks right' }]);
    expect(shell.whaleflow('approve', run).exit).toBe(2);
    isIdentical(run);
  });

  test('that is denied fails what asked', async () => {
    shell.whaleflow('run', 'ask.json', '--mock', '--yes');
    const run = newest()?.run ?? '';
    expect(shell.whaleflow('deny', `${run}/ship`, '--reason', 'not on Friday').exit).toBe(0);
    const ended = shell.whaleflow('wait', run, '--timeout', '20s');
    expect(ended.exit).toBe(1);
    expect(shell.whaleflow('show', run).out).toContain('not on Friday');
  });

  test('that nobody answers in time is a no, by the clock', async () => {
    const said = shell.whaleflow('run', 'soon.json', '--mock', '--yes');
    expect(said.exit).toBe(1);
    const answer = said.err + said.out;
    expect(answer).toContain('timeout');
  });

  test('among several has to be named, and each is answered by itself', async () => {
    const run = start('two.json', '--mock');
    await untilRow(shell, ({ waiting }) => waiting === 2);
    const unclear = shell.whaleflow('approve', run);
    expect(unclear).toMatchObject({ exit: 2 });
    expect(unclear.err).toContain('both/left');
    shell.whaleflow('approve', `${run}/both/left`);
    await untilRow(shell, ({ waiting }) => waiting === 1);
    shell.whaleflow('deny', run);
    expect(shell.whaleflow('wait', run, '--timeout', '20s').exit).toBe(8);
    isIdentical(run);
  });

  test('that is given for good answers the same file again, and an edited one not', async () => {
    shell.whaleflow('run', 'ask.json', '--mock', '--yes');
    const first = newest()?.run ?? '';
    expect(shell.whaleflow('approve', first, '--always').exit).toBe(0);
    expect(shell.whaleflow('wait', first, '--timeout', '20s').exit).toBe(0);
    expect(shell.whaleflow('run', 'ask.json', '--mock', '--yes').exit).toBe(0);
    const second = newest()?.run ?? '';
    const answer = shell.events(second).find(({ type }) => type === 'approval.answered');
    expect(answer).toMatchObject({ by: 'rule' });
    const changed = files['ask.json'].replace('Do plan', 'Do the plan');
    shell.write('ask.json', changed);
    expect(shell.whaleflow('run', 'ask.json', '--mock', '--yes').exit).toBe(5);
    shell.write('ask.json', files['ask.json']);
  });

  test('under a pause is heard, and the run stays paused', async () => {
    shell.whaleflow('run', 'ask.json', '--mock', '--yes');
    const run = newest()?.run ?? '';
    await driverGone(run);
    shell.whaleflow('pause', run);
    await untilRow(shell, ({ state }) => state === 'paused');
    expect(shell.whaleflow('approve', run).exit).toBe(0);
    expect(newest()).toMatchObject({ state: 'paused', waiting: 0 });
    expect(shell.whaleflow('resume', run, '--yes').exit).toBe(0);
  });
});

test('a leaf in flight is skipped, and the run goes on without it', async () => {
  const run = start('chain.json', '--mock=stuck.yaml');
  await untilRow(shell, ({ done }) => done === 1);
  const said = shell.whaleflow('skip', `${run}/second`);
  expect(said.exit, said.err).toBe(0);
  expect(shell.whaleflow('wait', run, '--timeout', '20s').exit).toBe(8);
  expect(shell.whaleflow('skip', `${run}/third`).exit).toBe(2);
  expect(shell.whaleflow('show', run).out).toContain('skipped');
  isIdentical(run);
});

describe('a budget', () => {
  test('stops a run, and a resume with more goes on', async () => {
    const said = shell.whaleflow('run', 'chain.json', '--mock', '--yes', '--max-leaves', '1');
    expect(said.exit).toBe(6);
    expect(said.out).toContain('--max-leaves N');
    const run = newest()?.run ?? '';
    const resumed = shell.whaleflow('resume', run, '--yes', '--max-leaves', '9');
    expect(resumed.exit, resumed.err).toBe(0);
    expect(newest()?.done).toBe(3);
    isIdentical(run);
  });

  test('that is set while a run rests counts when it goes on, once', async () => {
    shell.whaleflow('run', 'chain.json', '--mock', '--yes', '--max-leaves', '1');
    const run = newest()?.run ?? '';
    await driverGone(run);
    const said = shell.whaleflow('budget', run, '--max-leaves', '2');
    expect(said.exit, said.err).toBe(0);
    expect(said.err).toContain('resume');
    expect(newest()?.state).toBe('stopped');
    expect(shell.whaleflow('resume', run, '--yes').exit).toBe(6);
    expect(newest()?.done).toBe(2);
    expect(countOf(run, 'budget.raised')).toBe(1);
    isIdentical(run);
  });
});

describe('rm and pin', () => {
  const refsOf = (run: string): string => shell.git('for-each-ref', `refs/whaleflow/${run}`);
  test('a finished run goes with rows, refs and log; the others stay whole', async () => {
    const made = shell.whaleflow('run', 'files.json', '--yes', '--allow', '*');
    expect(made.exit, made.err).toBe(0);
    const run = newest()?.run ?? '';
    expect(refsOf(run)).not.toBe('');
    const kept = start('chain.json', '--mock');
    expect(shell.whaleflow('wait', kept).exit).toBe(0);
    const said = shell.whaleflow('rm', run, '-y');
    expect(said.exit, said.err).toBe(0);
    expect(rows().map((row) => row.run)).toEqual([kept]);
    expect(refsOf(run)).toBe('');
    expect(existsSync(join(shell.root, '.whaleflow/state/logs', `${run}.log`))).toBe(false);
    expect(shell.whaleflow('show', run).exit).toBe(2);
    expect(shell.whaleflow('verify')).toMatchObject({ exit: 0 });
    isIdentical(kept);
  });

  test('a run that is pinned or not finished is refused, and all named with it', async () => {
    const run = start('chain.json', '--mock');
    expect(shell.whaleflow('wait', run).exit).toBe(0);
    const open = start('chain.json', '--mock=stuck.yaml');
    await untilRow(shell, ({ done }) => done === 1);
    expect(shell.whaleflow('rm', run, open, '-y').err).toContain('WF5001');
    expect(shell.whaleflow('cancel', open).exit).toBe(0);
    expect(shell.whaleflow('pin', run).exit).toBe(0);
    expect(shell.whaleflow('pin').out.trim()).toBe(run);
    expect(shell.whaleflow('rm', open, run, '-y')).toMatchObject({ exit: 2 });
    expect(rows()).toHaveLength(2);
    expect(shell.whaleflow('pin', run, '--off').exit).toBe(0);
    expect(shell.whaleflow('rm', open, run, '-y').exit).toBe(0);
    expect(rows()).toHaveLength(0);
    expect(shell.whaleflow('verify')).toMatchObject({ exit: 0 });
  });
});
