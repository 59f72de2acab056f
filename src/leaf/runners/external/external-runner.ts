/**
 * Another coding agent as a leaf. It works in the leaf’s tree, in a process group of its own and in the
 * sandbox of the run. Its word is its word: what it says it did is a self-report, only what we ran
 * ourselves is verified. What it changed is held against the leaf’s scope like any other change.
 */
import type { Json } from '../../../base/json.ts';
import type { Sandbox } from '../../../sandbox/sandbox.ts';
import type { Clock, Timers } from '../../../system/clock.ts';
import type { TreeFiles } from '../../../tool/tree-files.ts';
import type { Failure } from '../../../trace/outcome.ts';
import { DEFAULT_ROLE } from '../../../workflow/route-key.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import { failure } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerWorld } from '../../leaf-runner.ts';
import { checkOutput } from '../../output-schema.ts';
import type { Verified } from '../agent/ran-command.ts';
import { parseAnswer } from '../answer-value.ts';
import { folderBelow, type HostEnvironment } from '../command-place.ts';
import { agentRefusal } from './agent-permit.ts';
import { type AgentPlace, openAgentPlace } from './agent-place.ts';
import { agentPrompt, repairPrompt } from './agent-prompt.ts';
import type { AgentSession, AgentTurn } from './agent-session.ts';
import { execSession } from './exec/exec-session.ts';
import { agentRoute, type ExternalAgent } from './external-agent.ts';
import { type LineParts, proxiedAgent } from './proxied-agent.ts';
import { accountedSession } from './turn-account.ts';

export interface ExternalRunnerParts {
  /** The agent of a name in a workflow; undefined where none is configured. */
  readonly agent: (name: string) => ExternalAgent | undefined;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly files: (root: string) => TreeFiles;
  readonly environment: HostEnvironment;
  /** Where private homes are made. */
  readonly temporaryFolder: string;
  /** For agents whose model calls go through us. */
  readonly line?: LineParts;
}

export function externalRunner(parts: ExternalRunnerParts): LeafRunner<ExternalTask> {
  return {
    async run(job, world, signal) {
      const agent = parts.agent(job.node.task.agent);
      if (agent === undefined)
        return failed('refused', `no agent ${job.node.task.agent} is configured`);
      const { level } = world.sandbox;
      const isProxied = agent.proxyEnv !== undefined;
      const refusal = agentRefusal(job, agent, { level, isProxied });
      if (refusal !== undefined) return { status: 'failed', failure: refusal };
      if (world.root === undefined)
        return failed('sandbox', 'an agent needs a tree, and this run has none');
      const root = await folderBelow(world.root, undefined);
      if ('failure' in root) return { status: 'failed', failure: root.failure };
      const isConfined = level === 'strict';
      const place = await openAgentPlace(job, agent, { ...parts, base: root.base, isConfined });
      try {
        const { sandbox } = world;
        const talking = { ...parts, agentRow: agent, place, world, sandbox };
        return isProxied
          ? await talkThroughUs(job, talking, signal)
          : await talk(job, talking, { open: accounted, signal });
      } finally {
        await place.close();
      }
    },
    route(job) {
      const agent = parts.agent(job.node.task.agent);
      return agent === undefined ? undefined : agentRoute(agent);
    },
  };
}

interface TalkParts extends ExternalRunnerParts {
  readonly agentRow: ExternalAgent;
  readonly place: AgentPlace;
  readonly world: RunnerWorld;
  /** Where the agent itself is started. */
  readonly sandbox: Sandbox;
}

type Open = (job: LeafJob<ExternalTask>, parts: TalkParts) => AgentSession;

/** Its turns are what is known of its model calls. */
const accounted: Open = (job, parts) => {
  const { agentRow: agent, world, clock } = parts;
  return accountedSession(openSession(job, parts), { job, agent, host: world.host, clock });
};

/** Its model calls are calls of the leaf: recorded each, and within its slice. */
async function talkThroughUs(
  job: LeafJob<ExternalTask>,
  parts: TalkParts,
  signal: AbortSignal,
): Promise<RunnerReport> {
  const { line, world, agentRow } = parts;
  const opened =
    line === undefined ? undefined : await proxiedAgent(job, agentRow, { world, line, signal });
  if (opened === undefined) {
    const role = job.node.modelPolicy.role ?? DEFAULT_ROLE;
    return failed('provider', `no model is configured for role ${role}`);
  }
  const { agent, sandbox, proxy } = opened;
  try {
    const ends = AbortSignal.any([signal, proxy.onStop]);
    const talking = { ...parts, agentRow: agent, sandbox };
    const report = await talk(job, talking, { open: openSession, signal: ends });
    if (proxy.stopped === undefined) return report;
    const { output } = report;
    return { status: 'failed', ...proxy.stopped, ...(output === undefined ? {} : { output }) };
  } finally {
    proxy.close();
  }
}

async function talk(
  job: LeafJob<ExternalTask>,
  parts: TalkParts,
  { open, signal }: { readonly open: Open; readonly signal: AbortSignal },
): Promise<RunnerReport> {
  const session = open(job, parts);
  try {
    const turn = await session.prompt(agentPrompt(job), signal);
    const { output: schema } = job.node;
    const report = toReport(job, turn, session.verified);
    const isMisfit = report.status === 'failed' && report.failure.kind === 'schema';
    if (schema === undefined || !isMisfit || signal.aborted) return report;
    const second = await session.prompt(repairPrompt(schema, turn.text, report.failure), signal);
    return toReport(job, second, session.verified);
  } finally {
    await session.close();
  }
}

function openSession(
  job: LeafJob<ExternalTask>,
  { agentRow: agent, place, world, sandbox, clock, timers, files }: TalkParts,
): AgentSession {
  const until = clock.monotonic() + job.node.task.timeoutMs;
  const timeLeftMs = (): number => until - clock.monotonic();
  const common = { job, agent, place, world, sandbox, clock, timeLeftMs };
  switch (agent.protocol.type) {
    case 'exec':
      return execSession({ ...common, format: agent.protocol.format });
    case 'acp':
      return lateSession(async () => {
        const { acpSession } = await import('./acp/acp-session.ts');
        return acpSession({ ...common, timers, files });
      });
  }
}

/** The library of a protocol is loaded when the first agent that speaks it is asked. */
function lateSession(open: () => Promise<AgentSession>): AgentSession {
  let opened: AgentSession | undefined;
  return {
    get verified() {
      return opened?.verified ?? [];
    },
    async prompt(text, signal) {
      opened ??= await open();
      return opened.prompt(text, signal);
    },
    close: async () => opened?.close(),
  };
}

function failed(kind: Failure['kind'], message: string): RunnerReport {
  return { status: 'failed', failure: failure(kind, message) };
}

/** What it claims and what really ran, apart; with a schema, the typed value in place of both. */
function toReport(
  job: LeafJob<ExternalTask>,
  { text, failure: why }: AgentTurn,
  verified: readonly Verified[],
): RunnerReport {
  const status = why === undefined ? 'succeeded' : 'failed';
  const summary = text.trim() === '' ? '(it said nothing)' : text;
  const output = {
    self_report: { status, summary, artifacts: [], assumptions: [], evidence: [] },
    verified: verified.map((one) => ({ ...one })),
  } as unknown as Json;
  if (why !== undefined) return { status: 'failed', failure: why, output };
  const { output: schema } = job.node;
  if (schema === undefined) return { status: 'succeeded', output };
  const parsed = parseAnswer(text);
  if ('problem' in parsed) {
    return { status: 'failed', failure: failure('schema', parsed.problem), output };
  }
  const misfit = checkOutput(schema, parsed.value);
  if (misfit !== undefined) return { status: 'failed', failure: misfit, output: parsed.value };
  return { status: 'succeeded', output: parsed.value };
}
