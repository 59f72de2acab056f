/**
 * A driver that is killed in the middle of another agent’s work: the agent is ended with all that it
 * started, its leaf begins anew in the tree as it was recorded, and what was spent stays on the bill.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startTicks } from '../../src/sandbox/none/process-table.ts';
import { type ModelScript, type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Shell, until } from './shell.ts';
import { wholeLines } from './whole-lines.ts';

const DOUBLES = resolve(import.meta.dirname, '../external');

const ask = (said: readonly string[]): object => ({
  ask: {
    path: '/v1/chat/completions',
    body: {
      messages: [
        { role: 'user', content: 'What next?' },
        ...said.map((content) => ({ role: 'assistant', content })),
      ],
      max_tokens: 1000,
    },
  },
});

/** It keeps what it found when it began, leaves half a file, asks twice, and is done. */
const steps = (pids: string): readonly object[] => [
  { exists: ['half.txt', 'begins.txt'] },
  { write: ['half.txt', 'half\n'] },
  ask([]),
  ...(pids === '' ? [] : [{ fork: pids }]),
  ask(['one']),
  { write: ['whole.txt', 'whole\n'] },
];

const flow = (pids: string): string =>
  JSON.stringify({
    id: 'other',
    goal: 'Let another agent do it',
    permissions: { write: true, shell: true, commands: ['*'] },
    nodes: [
      {
        kind: 'leaf',
        id: 'mend',
        mode: 'read_write',
        task: {
          type: 'external',
          agent: 'coder',
          prompt: `Do it.\ndouble:${JSON.stringify(steps(pids))}`,
        },
      },
    ],
  });

const usage = { uncached: 1000, cacheRead: 500, output: 100 };
const COST = 1000 * 2 + 500 + 100 * 10;

let shell: Shell;
let server: ModelServer;
let folder = '';
let tag = '';
beforeEach(async () => {
  shell = openShell();
  folder = join(shell.root, '..');
  tag = `--tag=${folder}`;
  server = await startModelServer(folder, saying(600_000));
  shell.configure(config(server.url));
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  shell[Symbol.dispose]();
});

/** The second answer takes so long. */
function saying(latencyMs: number): ModelScript {
  return {
    small: [
      { text: 'one', usage },
      { text: 'two', usage, latencyMs },
    ],
  };
}

const config = (url: string): string =>
  [
    '[features]',
    'external_agents = true',
    '[agents.coder]',
    `command = [${JSON.stringify(process.execPath)}, "${DOUBLES}/exec-agent.mjs", "${tag}"]`,
    'output = "jsonl"',
    `read = ["${DOUBLES}"]`,
    'proxy = true',
    'set = { MODEL_URL = "{url}", MODEL_TOKEN = "{token}" }',
    '[providers.lab]',
    `base_url = "${url}/v1"`,
    '[roles]',
    'default = "lab:small"',
    '[prices."lab:small"]',
    'input = 2',
    'output = 10',
    'cache_read = 1',
  ].join('\n');

const asked = (): number => server.asked().length;

/** Processes of the agent that run now, the sandbox around it among them. */
function agents(): readonly number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words.includes(tag) ? [Number(name)] : [];
    } catch {
      return [];
    }
  });
}

/** Deaf processes that agents have left in sessions of their own and that are still there. */
function deafPids(): readonly number[] {
  const started = wholeLines(join(folder, 'deaf')).map(Number);
  return started.filter((pid) => startTicks(pid) !== undefined);
}

describe.each([
  ['without a sandbox', ['--sandbox', 'off', '--allow', '*'], true],
  ['in the strict sandbox', ['--sandbox', 'strict'], false],
] as const)('%s', (_name, flags, canFork) => {
  test('it begins anew where it began, is told so with the cost, and nothing is billed unseen', async () => {
    const pidFile = canFork ? join(folder, 'deaf') : '';
    shell.write('mend.json', flow(pidFile));
    const before = shell.fingerprint();
    const started = shell.whaleflow('run', 'mend.json', '-y', '-d', ...flags);
    expect(started.exit, started.err).toBe(0);
    const [run = ''] = started.out.trim().split('\n');
    await until(() => asked() === 2);
    const old = agents();
    const deaf = canFork ? deafPids() : [];
    expect(deaf).toHaveLength(canFork ? 1 : 0);
    expect(old.length).toBeGreaterThan(0);
    process.kill(shell.driverOf(run), 'SIGKILL');

    server.say(saying(0));
    const resumed = shell.whaleflow('resume', run, '-y', '-d');
    expect(resumed.err).toContain('spent in it: $0.0035');
    expect(resumed.err).toMatch(/a call that was under way counts as ≈\$0\.\d+ and is made again/);
    expect(resumed.err).toContain('begins anew: the work of another program cannot be continued');
    await until(() => asked() === 4);
    // Nothing of the first is left by the time that the second asks.
    const now = agents();
    expect(old.filter((pid) => now.includes(pid))).toEqual([]);
    expect(deaf.map((pid) => startTicks(pid))).toEqual(deaf.map(() => undefined));
    expect(shell.whaleflow('wait', run).exit).toBe(0);

    const events = shell.events(run);
    const lost = events.find(({ type }) => type === 'leaf.lost');
    expect(lost).toMatchObject({ path: 'mend', attempt: 1 });
    const patch = shell.whaleflow('diff', run).out;
    expect(patch).toContain('+was not there');
    expect(patch).toContain('+whole');
    const held = events.find((event) => event.type === 'model.requested' && event['call'] === 2);
    const { costMicroUsd } = (held?.['reserved'] ?? {}) as { readonly costMicroUsd: number };
    expect(shell.json('ls', '--json')).toMatchObject({
      runs: [{ cost_microusd: 3 * COST + costMicroUsd, cost_status: 'estimated' }],
    });
    // What a look inside says is what the list says.
    expect(shell.whaleflow('show', run).out).toContain('1 leaf   ≈$0.02');
    expect(shell.whaleflow('verify', run).exit).toBe(0);
    expect(shell.whaleflow('replay', run).out).toContain('0 provider calls, 0 processes');
    expect(asked()).toBe(4);
    expect(shell.fingerprint()).toBe(before);
  }, 120_000);
});
