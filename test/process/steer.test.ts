/** Two terminals: one runs, the other steers; drivers die and are found dead. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell, until, untilRow } from './shell.ts';

const slow = JSON.stringify({
  id: 'slow',
  goal: 'Take a while',
  nodes: [
    { kind: 'leaf', id: 'first', task: { type: 'model', prompt: 'First' } },
    { kind: 'leaf', id: 'second', inputs: ['first'], task: { type: 'model', prompt: 'Second' } },
  ],
});
const fixture = `- path: second
  latencyMs: 60000
  answer: late
`;

let shell: Shell;
let before: string;
beforeEach(() => {
  shell = openShell({ 'slow.json': slow, 'slow.yaml': fixture });
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
  readonly driver?: { readonly pid: number };
}

const rows = (): readonly Row[] => (shell.json('ls', '--json') as { runs: readonly Row[] }).runs;
const state = (): string => rows()[0]?.state ?? 'none';

/** Starts the run in the background and waits until its second leaf is in flight. */
async function startSlow(): Promise<string> {
  const said = shell.whaleflow('run', 'slow.json', '--mock=slow.yaml', '--yes', '-d');
  expect(said).toMatchObject({ exit: 0 });
  await untilRow(shell, ({ done }) => done === 1);
  return said.out.trim();
}

test('a run is cancelled from another terminal, and says so', async () => {
  const run = await startSlow();
  expect(shell.whaleflow('cancel', run).exit).toBe(0);
  await untilRow(shell, (row) => row.state === 'cancelled');
  expect(shell.whaleflow('wait', run).exit).toBe(1);
});

test('a run whose driver was killed is lost within 10 s, and goes on where it stood', async () => {
  const run = await startSlow();
  process.kill(shell.driverOf(run), 'SIGKILL');
  expect(await until(() => state() === 'lost')).toBeLessThan(10_000);
  shell.whaleflow('resume', run, '--yes', '-d');
  await until(() => state() === 'running');
  // The new driver holds the lease a moment before its first commit, in which the leaf is lost.
  const log = (): string => shell.whaleflow('logs', run, '--json').out;
  await until(() => log().includes('leaf.lost'));
  expect(log().match(/"leaf.finished"/g)).toHaveLength(1);
  expect(shell.whaleflow('cancel', run).exit).toBe(0);
  await untilRow(shell, (row) => row.state === 'cancelled');
});

test('only one process drives a run', async () => {
  const run = await startSlow();
  const said = shell.whaleflow('resume', run, '--yes');
  expect(said.err).toContain('WF5005');
  expect(said.exit).toBe(9);
  shell.whaleflow('cancel', run);
  await untilRow(shell, (row) => row.state === 'cancelled');
});
