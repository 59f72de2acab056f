/** Tries an agent out: found, started, let in, and, where a person wants that, asked for a word. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suggestion } from '../base/did-you-mean.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { looseHost } from '../leaf/loose-host.ts';
import type { ExternalAgent } from '../leaf/runners/external/external-agent.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import { walkingFiles } from '../tool/files/walking-files.ts';
import type { Usage } from '../trace/usage.ts';
import { totalTokens } from '../trace/usage.ts';
import type { AgentRow } from './agents/agents-config.ts';
import { toAgent } from './agents/open-agents.ts';
import type { EffectiveConfig } from './config.ts';
import { agentPage } from './list-agents.ts';
import type { Workbench } from './workbench.ts';

export interface AgentCheck {
  readonly check: 'program' | 'start' | 'session' | 'answer' | 'usage';
  readonly verdict: 'ok' | 'problem' | 'unknown';
  readonly found: string;
}

export interface TestRequest {
  readonly name: string;
  /** A tiny leaf: it asks its model, which may cost something. */
  readonly asks: boolean;
}

const START_LIMIT_MS = 60_000;
const ANSWER_LIMIT_MS = 180_000;
const PROMPT = 'Answer with the single word: pong. Use no tools and change nothing.';

/** Starts it in an empty folder. @throws {WhaleFlowError} WF3011 for no agent of that name. */
export async function testAgent(
  workbench: Workbench,
  { agents }: Pick<EffectiveConfig, 'agents'>,
  { name, asks }: TestRequest,
): Promise<readonly AgentCheck[]> {
  const row = agents.rows.get(name);
  if (row === undefined) {
    throw new WhaleFlowError('WF3011', `no agent \`${name}\` is configured`, {
      hint: suggestion(name, agents.rows.keys()) ?? 'what there is: whaleflow agents ls',
    });
  }
  const page = agentPage(row, workbench.env);
  if (page.path === undefined) {
    return [
      {
        check: 'program',
        verdict: 'problem',
        found: `${page.program} is not on the path: install it, or name another (whaleflow agents ls)`,
      },
    ];
  }
  const found = `${page.path} ${page.version ?? ''}`.trim();
  const program: AgentCheck = { check: 'program', verdict: 'ok', found };
  const folder = mkdtempSync(join(tmpdir(), 'whaleflow-agent-'));
  try {
    const trial = { workbench, folder, agent: toAgent(row, workbench.env) };
    const greeted = row.protocol.type === 'acp' ? await greet(trial) : [];
    const isIn = greeted.every(({ verdict }) => verdict === 'ok');
    return [program, ...greeted, ...(asks && isIn ? await askIt(trial, row) : [])];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Trial {
  readonly workbench: Workbench;
  readonly folder: string;
  readonly agent: ExternalAgent;
}

async function greet({ workbench, folder, agent }: Trial): Promise<readonly AgentCheck[]> {
  const { clock, timers, env } = workbench;
  const { acpHandshake } = await import('../leaf/runners/external/acp/acp-handshake.ts');
  const began = clock.monotonic();
  const answer = await acpHandshake(
    {
      sandbox: noneSandbox({ clock, timers }),
      process: {
        argv: agent.argv.filter((word) => word !== '{rights}').map(nowhere),
        root: folder,
        cwd: folder,
        env: {
          PATH: env['PATH'] ?? '',
          HOME: agent.home ?? folder,
          TERM: 'dumb',
          ...agent.env,
          ...proxied(agent),
        },
        timeoutMs: START_LIMIT_MS,
        maxOutputBytes: 65_536,
        writable: [folder],
        scratch: [],
        network: true,
      },
      ...(agent.auth === undefined ? {} : { auth: agent.auth }),
    },
    new AbortController().signal,
  );
  if ('problem' in answer) return [{ check: 'start', verdict: 'problem', found: answer.problem }];
  const seconds = ((clock.monotonic() - began) / 1000).toFixed(1);
  const start: AgentCheck = {
    check: 'start',
    verdict: 'ok',
    found: `${answer.agent}, protocol ${answer.protocolVersion}, ${seconds} s`,
  };
  if (answer.refused === undefined) {
    return [start, { check: 'session', verdict: 'ok', found: 'opened' }];
  }
  const ways = answer.ways.length === 0 ? 'none' : answer.ways.join(', ');
  const why = `${answer.refused}; its ways to sign in: ${ways}`;
  return [start, { check: 'session', verdict: 'problem', found: why }];
}

/** A talk that asks no model needs an address in the form of one. */
const nowhere = (text: string): string =>
  text.replaceAll('{url}', 'http://127.0.0.1:9').replaceAll(/\{(?:token|model)\}/g, 'none');

function proxied({ proxyEnv = {} }: ExternalAgent): Readonly<Record<string, string>> {
  const rows = Object.entries(proxyEnv).map(([name, text]) => [name, nowhere(text)] as const);
  return Object.fromEntries(rows);
}

async function askIt(
  { workbench, folder, agent }: Trial,
  row: AgentRow,
): Promise<readonly AgentCheck[]> {
  const { clock, timers, env } = workbench;
  if (row.isProxied) {
    const found = 'its model is that of a leaf’s role: try it with a workflow';
    return [{ check: 'answer', verdict: 'unknown', found }];
  }
  const { externalRunner } = await import('../leaf/runners/external/external-runner.ts');
  const host = looseHost();
  const runner = externalRunner({
    agent: () => agent,
    clock,
    timers,
    files: (root) => walkingFiles(root, () => '.whaleflow-new'),
    environment: env,
    temporaryFolder: tmpdir(),
  });
  const permissions = {
    write: false,
    shell: true,
    network: true,
    commands: [],
    tools: [],
    env: [],
  };
  const report = await runner.run(
    {
      run: 'test',
      path: 'test',
      attempt: 1,
      node: {
        id: 'test',
        kind: 'leaf',
        task: { type: 'external', agent: row.name, prompt: PROMPT, timeoutMs: ANSWER_LIMIT_MS },
        permissions,
        modelPolicy: {},
        isolation: 'shared',
        mode: 'read_only',
        inputs: {},
        retry: { maxAttempts: 1, on: [], backoffMs: 0, maxBackoffMs: 0 },
        memo: 'off',
        skills: [],
      },
      inputs: {},
      previous: {},
      params: {},
      sample: '',
      wanted: [],
      // Whoever types the command has named the program.
      consent: { by: 'person', commands: ['*'] },
    },
    { root: folder, sandbox: noneSandbox({ clock, timers }), host },
    new AbortController().signal,
  );
  if (report.status === 'failed') {
    return [{ check: 'answer', verdict: 'problem', found: report.failure.message }];
  }
  const { self_report: said } = report.output as {
    readonly self_report: { readonly summary: string };
  };
  const called = host.facts.find((fact) => fact.type === 'model.called');
  return [
    { check: 'answer', verdict: 'ok', found: said.summary.slice(0, 200) },
    ...(called?.type === 'model.called' ? [usageCheck(called.usage)] : []),
  ];
}

function usageCheck({ tokens, costStatus, costMicroUsd }: Usage): AgentCheck {
  if (costStatus === 'unknown') {
    return { check: 'usage', verdict: 'unknown', found: 'it does not say what it costs' };
  }
  const cost = costStatus === 'included' ? 'included' : `$${(costMicroUsd / 1e6).toFixed(4)}`;
  return { check: 'usage', verdict: 'ok', found: `${totalTokens(tokens)} tokens, ${cost}` };
}
