/** Runs of two repositories share the calls that one machine may make to a provider at once. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openShell, type Shell } from './shell.ts';

const LEAVES = 4;
const HOLD_MS = 60;

let folder: string;
let server: Server;
let shells: readonly Shell[];
/** Calls that the server is answering now, and the most that there were. */
let [now, most, total] = [0, 0, 0];

beforeEach(async () => {
  [now, most, total] = [0, 0, 0];
  folder = mkdtempSync(join(tmpdir(), 'whaleflow-calls-'));
  server = createServer((request, response) => {
    now += 1;
    total += 1;
    most = Math.max(most, now);
    request.resume();
    setTimeout(() => {
      now -= 1;
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      for (const frame of [{ content: 'done' }, {}]) {
        const finish = frame.content === undefined ? 'stop' : null;
        const choices = [{ index: 0, delta: frame, finish_reason: finish }];
        response.write(`data: ${JSON.stringify({ id: '1', model: 'm', choices })}\n\n`);
      }
      response.end('data: [DONE]\n\n');
    }, HOLD_MS);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  shells = [openShell({ 'ask.json': ask() }), openShell({ 'ask.json': ask() })];
  for (const { env } of shells) env['XDG_CACHE_HOME'] = join(folder, 'cache');
});
afterEach(async () => {
  for (const shell of shells) shell[Symbol.dispose]();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  rmSync(folder, { recursive: true });
});

function ask(): string {
  const children = Array.from({ length: LEAVES }, (_, index) => ({
    kind: 'leaf',
    id: `m${index}`,
    task: { type: 'model', prompt: `Say ${index}.` },
  }));
  const nodes = [{ kind: 'branch_set', id: 'all', children }];
  return JSON.stringify({ id: 'ask', goal: 'More calls than places', nodes });
}

function configure(maxCalls: string): void {
  const { port } = server.address() as AddressInfo;
  for (const shell of shells) {
    shell.configure(
      `[roles]\ndefault = "lab:m"\n[providers.lab]\nbase_url = "http://127.0.0.1:${port}/v1"\n${maxCalls}\n`,
    );
  }
}

/** Starts a run in each repository; resolves when both have ended, looking without holding up the server. */
async function runBoth(...words: readonly string[]): Promise<void> {
  const runs = shells.map((shell) => {
    const said = shell.whaleflow('run', 'ask.json', '-d', '-y', ...words);
    expect(said.exit, said.err).toBe(0);
    return { shell, run: said.out.trim() };
  });
  for (const { shell, run } of runs) {
    for (let state = ''; state !== 'succeeded'; ) {
      await new Promise((resolve) => setTimeout(resolve, 300));
      ({ state } = (shell.json('ls', '--json') as { runs: [{ state: string }] }).runs[0]);
      expect(['running', 'succeeded'], run).toContain(state);
    }
  }
  expect(total).toBe(shells.length * LEAVES);
}

test('two runs of two repositories never ask a provider more at once than its row allows', async () => {
  configure('max_calls = 1');
  await runBoth();
  expect(most).toBe(1);
});

test('--set reaches the detached driver, and commands have places of their own', async () => {
  configure('');
  // No call could be made if the places of commands were meant.
  await runBoth('--set', 'concurrency.machine_model=1', '--set', 'concurrency.machine=1');
  expect(most).toBe(1);
});

test('who allows more gets more', async () => {
  configure('max_calls = 8');
  await runBoth();
  expect(most).toBeGreaterThan(1);
  const { providers } = (shells[0] as Shell).json('providers', 'ls', '--json') as {
    providers: readonly { readonly name: string; readonly max_calls: number }[];
  };
  expect(providers.find(({ name }) => name === 'lab')?.max_calls).toBe(8);
  expect((shells[0] as Shell).whaleflow('doctor').out).toMatch(/64 calls to a provider at once/);
});
