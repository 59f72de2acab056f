/** The agents of a recorded run, under the configuration of now: names are recorded, programs never. */
import type { RunStarted } from '../../trace/run-state.ts';
import type { Workbench } from '../workbench.ts';
import { agentLeaves } from './agent-leaves.ts';
import type { AgentsConfig } from './agents-config.ts';
import type { RunAgents } from './open-agents.ts';

const NONE: AgentsConfig = { rows: new Map(), settings: [], warnings: [] };

/** The configuration is read only where the run asks an agent. @throws {WhaleFlowError} WF2007 */
export async function recordedAgents(
  { places, env }: Workbench,
  { config, spec }: Pick<RunStarted, 'config' | 'spec'>,
): Promise<RunAgents> {
  const { agents: names = {} } = config;
  if (agentLeaves(spec).length === 0) return { names, config: NONE };
  const { readConfig } = await import('../config.ts');
  const { agents } = readConfig({ places, env, set: [] });
  return { names, config: agents };
}
