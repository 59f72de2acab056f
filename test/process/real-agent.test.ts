/**
 * Real coding agents, installed from the registry for this test alone, against a scripted model server.
 * Only in a soak, and where the registry can be reached: they are some 1.7 GB. With WHALEFLOW_AGENTS_DIR
 * what has been downloaded is kept there, and taken from there.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { figure } from '../soak/figure.ts';
import { installAgent, type RealAgent, realAgents } from './real-agents.ts';
import { type ModelServer, startModelServer } from './server-process.ts';
import { openShell, type Shell } from './shell.ts';

const IS_SOAK = process.env['WHALEFLOW_SOAK'] === '1';
const KEPT = process.env['WHALEFLOW_AGENTS_DIR'];
const CANARY = 'sk-canary-0123456789abcdef';
const LIMIT_MS = 240_000;

const downloads = KEPT ?? mkdtempSync(join(tmpdir(), 'whaleflow-real-agents-'));
afterAll(() => {
  if (KEPT === undefined) rmSync(downloads, { recursive: true, force: true });
});

const usage = { uncached: 900, cacheRead: 100, output: 30 };
const flow = (agent: RealAgent): string =>
  JSON.stringify({
    id: 'real',
    goal: 'Let a real agent make a file',
    permissions: {
      write: true,
      shell: true,
      network: !agent.isProxied,
      commands: ['mkdir *'],
    },
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

interface Fact {
  readonly type: string;
  readonly tool?: string;
  readonly failure?: object;
  readonly usage?: { readonly tokens?: Readonly<Record<string, number>> };
}

const nameOf = ({ preset, isProxied }: RealAgent): string =>
  isProxied ? preset : `${preset} by itself`;

describe.skipIf(!IS_SOAK).each(realAgents.map((agent) => [nameOf(agent), agent] as const))(
  '%s',
  (_name, agent) => {
    const { preset } = agent;
    const folder = mkdtempSync(join(tmpdir(), 'whaleflow-real-agent-'));
    let bin: string | undefined;
    let server: ModelServer;
    beforeAll(async () => {
      const place = agent.packages.join('+').replaceAll(/[^\w.-]+/g, '_');
      bin = installAgent(join(downloads, place), agent);
      const turns = [
        { toolCalls: [agent.call], usage },
        { text: 'The file is made.', usage },
      ];
      server = await startModelServer(folder, { small: turns });
    }, LIMIT_MS);
    afterAll(async () => {
      await server[Symbol.asyncDispose]();
      rmSync(folder, { recursive: true, force: true });
    });

    function configure(shell: Shell, isConfined: boolean): void {
      shell.env['LAB_KEY'] = CANARY;
      const programs = dirname(bin ?? '');
      shell.env['PATH'] = `${programs}:${shell.env['PATH']}`;
      const settings = [...agent.settings, ...(isConfined ? (agent.confined ?? []) : [])];
      const lines = [
        '[features]',
        'external_agents = true',
        '[agents.coder]',
        `preset = "${preset}"`,
        ...settings.map((line) => line.replaceAll('{server}', server.url)),
        '[providers.lab]',
        `dialect = "${agent.dialect ?? 'openai'}"`,
        `base_url = "${server.url}/v1"`,
        'api_key_env = "LAB_KEY"',
        '[roles]',
        'default = "lab:small"',
        '[prices."lab:small"]',
        'input = 2',
        'output = 10',
      ];
      shell.configure(lines.join('\n'));
      for (const [path, text] of Object.entries(agent.home ?? {}))
        shell.write(`../home/${path}`, text);
    }

    const places = [
      ['without a sandbox', ['--sandbox', 'off', '--allow', '*'], false],
      ['in the strict sandbox', ['--sandbox', 'strict'], true],
    ] as const;
    const fit = places.filter(([, , isConfined]) => isConfined || agent.isConfinedOnly !== true);
    test.each(fit)(
      '%s: makes a file, and what it used is recorded',
      (name, flags, isConfined) => {
        if (bin === undefined) {
          figure(`${preset}: skipped, ${agent.packages.join(', ')} could not be installed`);
          return;
        }
        using shell = openShell({ 'real.json': flow(agent) });
        configure(shell, isConfined);
        const before = shell.fingerprint();
        const began = performance.now();
        const { exit, err, out } = shell.whaleflow('run', 'real.json', '-y', ...flags);
        const log = shell.whaleflow('logs', '@last', '--json').out;
        expect(`${out}${err}`, log).toContain('succeeded');
        expect(exit).toBe(0);
        figure(`${preset} as a leaf, ${name}: ${Math.round(performance.now() - began)} ms`);
        expect(shell.fingerprint()).toBe(before);
        expect(shell.whaleflow('diff', '@last').out).toContain('+made by it');
        expectRecord(log);
        expect(running(shell.root), 'its processes').toEqual([]);
        expect(shell.whaleflow('replay', '@last').out).toContain('0 provider calls, 0 processes');
      },
      LIMIT_MS,
    );

    function expectRecord(log: string): void {
      const facts = log
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Fact);
      const of = (type: string): readonly Fact[] => facts.filter((fact) => fact.type === type);
      const tools = of('tool.called').map(({ tool }) => tool);
      if (agent.asksLeave) expect(tools).toContain('permission');
      expect(log).not.toContain(CANARY);
      // What it asks on the side may still be under way when it is done.
      const calls = of('model.called').filter(({ failure }) => failure === undefined);
      if (!agent.isProxied) {
        // One turn is what it reports of its two calls; not every one tells what caches had.
        expect(calls).toHaveLength(1);
        const { uncached = 0, cacheRead = 0, output = 0 } = calls[0]?.usage?.tokens ?? {};
        expect({ input: uncached + cacheRead, output }).toEqual({ input: 2000, output: 60 });
        return;
      }
      expect(calls.length).toBeGreaterThanOrEqual(2);
      for (const call of calls) {
        expect(call.usage).toMatchObject({
          tokens: { uncached: 900, cacheRead: 100, output: 30 },
          costStatus: 'exact',
          costMicroUsd: 900 * 2 + 100 * 2 + 30 * 10,
        });
      }
      // Each call of the agent, also those that it makes on the side, is one of ours.
      expect(server.asked().length).toBeGreaterThanOrEqual(calls.length);
    }
  },
);

/** Command lines of processes that work below a folder. */
function running(root: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
      return words.includes(root) ? [words.slice(0, 200)] : [];
    } catch {
      return [];
    }
  });
}
