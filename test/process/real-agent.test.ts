/**
 * A real coding agent over its protocol, installed from the registry for this test alone, against a
 * scripted model server. Only in a soak, and where the registry can be reached: it is some 150 MB.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { figure } from '../soak/figure.ts';
import { openShell } from './shell.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const AGENT = '@qwen-code/qwen-code@0.24.4';
const INSTALL_LIMIT_MS = 300_000;
const CANARY = 'sk-canary-0123456789abcdef';

const folder = mkdtempSync(join(tmpdir(), 'whaleflow-real-agent-'));
const bin = join(folder, 'node_modules/.bin/qwen');
let server: ChildProcess | undefined;
let url = '';

/** False where there is no registry to install from. */
function install(): boolean {
  writeFileSync(join(folder, 'package.json'), '{"private": true}');
  try {
    execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', AGENT], {
      cwd: folder,
      stdio: 'ignore',
      timeout: INSTALL_LIMIT_MS,
    });
    return existsSync(bin);
  } catch {
    return false;
  }
}

const isInstalled = IS_SOAK && install();

beforeAll(async () => {
  if (!isInstalled) return;
  const usage = { uncached: 900, cacheRead: 100, output: 30 };
  const command = 'mkdir -p src && printf "made by it\\n" > src/made.txt';
  const input = { command, is_background: false, description: 'make the file' };
  const turns = [
    { toolCalls: [{ name: 'run_shell_command', input }], usage },
    { text: 'The file is made.', usage },
  ];
  const script = join(folder, 'script.json');
  writeFileSync(script, JSON.stringify({ small: turns }));
  const program = join(import.meta.dirname, 'model-server.ts');
  server = spawn(process.execPath, [program, script, join(folder, 'asked')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  url = await new Promise<string>((resolve) => {
    server?.stdout?.once('data', (data) => resolve(String(data).trim()));
  });
});
afterAll(() => {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
});

const flow = JSON.stringify({
  id: 'real',
  goal: 'Let a real agent make a file',
  permissions: { write: true, shell: true, commands: ['mkdir *'] },
  nodes: [
    {
      kind: 'leaf',
      id: 'make',
      mode: 'read_write',
      fileScope: ['src/**'],
      modelPolicy: { role: 'implementer' },
      task: { type: 'external', agent: 'coder', prompt: 'Make src/made.txt.' },
    },
  ],
});

test.skipIf(!isInstalled).each([
  ['without a sandbox', ['--sandbox', 'off', '--allow', '*']],
  ['in the strict sandbox, without a network', ['--sandbox', 'strict']],
])(
  '%s: a real agent asks leave, makes a file, and its calls are counted',
  { timeout: 180_000 },
  (name, flags) => {
    using shell = openShell({ 'real.json': flow });
    shell.env['LAB_KEY'] = CANARY;
    shell.write(
      '../home/.config/whaleflow/config.toml',
      [
        '[features]',
        'external_agents = true',
        '[agents.coder]',
        'preset = "qwen-acp"',
        `command = ["${bin}", "--acp"]`,
        'proxy = true',
        '[providers.lab]',
        `base_url = "${url}/v1"`,
        'api_key_env = "LAB_KEY"',
        '[roles]',
        'default = "lab:small"',
        '[prices."lab:small"]',
        'input = 2',
        'output = 10',
      ].join('\n'),
    );
    const before = shell.fingerprint();
    const began = performance.now();
    const { exit, err, out } = shell.whaleflow('run', 'real.json', '-y', ...flags);
    expect(`${out}${err}`).toContain('succeeded');
    expect(exit).toBe(0);
    figure(`a real agent’s leaf, ${name}: ${Math.round(performance.now() - began)} ms`);
    expect(shell.fingerprint()).toBe(before);
    expect(shell.whaleflow('diff', '@last').out).toContain('+made by it');
    const log = shell.whaleflow('logs', '@last', '--json').out;
    const facts = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly type: string; readonly tool?: string });
    const of = (type: string) => facts.filter((fact) => fact.type === type);
    expect(of('tool.called').map(({ tool }) => tool)).toContain('permission');
    const calls = of('model.called') as unknown as readonly {
      readonly usage: { readonly costStatus: string; readonly costMicroUsd: number };
    }[];
    expect(calls.length).toBeGreaterThanOrEqual(2);
    expect(calls[0]?.usage).toMatchObject({
      tokens: { uncached: 900, cacheRead: 100, output: 30 },
      costStatus: 'exact',
      costMicroUsd: 900 * 2 + 100 * 2 + 30 * 10,
    });
    // Each call of the agent, also those that it makes on the side, is one of ours.
    const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n').length;
    expect(asked).toBeGreaterThanOrEqual(calls.length);
    expect(log).not.toContain(CANARY);
    expect(shell.whaleflow('replay', '@last').out).toContain('0 provider calls, 0 processes');
  },
);
