/** Which agents are known, and which of them this machine has. Starts each only to ask its version. */
import { spawnSync } from 'node:child_process';
import type { AgentRow } from './agents/agents-config.ts';
import { findProgram } from './agents/open-agents.ts';
import type { EffectiveConfig } from './config.ts';
import type { Workbench } from './workbench.ts';

export interface AgentPage {
  readonly name: string;
  readonly program: string;
  /** Absent where it is not installed. */
  readonly path?: string;
  /** As it prints it; absent where it prints none. */
  readonly version?: string;
  /** `acp` or `exec (FORMAT)`. */
  readonly protocol: string;
  readonly usage: AgentUsage;
  readonly billing: AgentRow['billing'];
  readonly origin: string;
}

/** Where the record has its tokens from. */
type AgentUsage = 'counted by us' | 'as it reports' | 'unavailable';

const VERSION_TIMEOUT_MS = 10_000;
const MAX_VERSION = 60;

export function listAgents(
  { env }: Workbench,
  { agents }: Pick<EffectiveConfig, 'agents'>,
): readonly AgentPage[] {
  return [...agents.rows.values()].map((row) => agentPage(row, env));
}

export function agentPage(row: AgentRow, env: Workbench['env']): AgentPage {
  const [program = ''] = row.argv;
  const path = findProgram(program, env['PATH']);
  const version = path === undefined ? undefined : versionOf(path, row, env);
  return {
    name: row.name,
    program,
    ...(path === undefined ? {} : { path }),
    ...(version === undefined ? {} : { version }),
    protocol: row.protocol.type === 'acp' ? 'acp' : `exec (${row.protocol.format})`,
    usage: usageOf(row),
    billing: row.billing,
    origin: row.origin,
  };
}

function usageOf({ isProxied, protocol }: AgentRow): AgentUsage {
  if (isProxied) return 'counted by us';
  return protocol.type === 'exec' && protocol.format === 'text' ? 'unavailable' : 'as it reports';
}

/** The first number with dots in what it prints: programs say the rest each in their own way. */
function versionOf(
  path: string,
  { versionArgs }: AgentRow,
  env: Workbench['env'],
): string | undefined {
  const { stdout } = spawnSync(path, versionArgs, {
    env: { PATH: env['PATH'], HOME: env['HOME'], CI: '1', TERM: 'dumb' },
    encoding: 'utf8',
    timeout: VERSION_TIMEOUT_MS,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 65_536,
  });
  return /\d+(?:\.[\w-]+)+/.exec(stdout ?? '')?.[0].slice(0, MAX_VERSION);
}
