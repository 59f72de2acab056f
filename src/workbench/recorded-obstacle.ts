import type { WhaleFlowError } from '../base/errors.ts';
import type { RunStarted } from '../trace/run-state.ts';
import { agentLeaves } from './agents/agent-leaves.ts';
import { agentObstacle } from './agents/agent-obstacle.ts';
import { asksUs } from './agents/open-agents.ts';
import { recordedAgents } from './agents/recorded-agents.ts';
import { recordedMcp } from './mcp/recorded-mcp.ts';
import { mcpObstacle } from './mcp/run-mcp.ts';
import { modelObstacle } from './models/model-obstacle.ts';
import { modelLeaves } from './models/routing.ts';
import { recordedModels } from './recorded-models.ts';
import { trustObstacle } from './trust.ts';
import type { Workbench } from './workbench.ts';

/** Why a recorded run cannot ask its models or agents any more; undefined where it can, or asks none. */
export async function recordedObstacle(
  workbench: Workbench,
  started: RunStarted,
): Promise<WhaleFlowError | undefined> {
  const { env } = workbench;
  const { config, spec } = started;
  if (config.wiring.startsWith('mock')) return undefined;
  const run = await recordedModels(workbench, started);
  const agents = await recordedAgents(workbench, started);
  const asked = Object.keys(config.routes).length > 0 ? modelLeaves(spec, asksUs(agents)) : [];
  return (
    trustObstacle(workbench.places) ??
    (await modelObstacle(asked, run, { env, isPriced: true })) ??
    agentObstacle(agentLeaves(spec), agents, { ...run, env }) ??
    mcpObstacle(workbench, spec, await recordedMcp(workbench, config.mcp))
  );
}
