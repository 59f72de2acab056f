/** Who answers to the agents of a workflow, and why one of them cannot run here. */
import { suggestion } from '../../base/did-you-mean.ts';
import { WhaleFlowError } from '../../base/errors.ts';
import { agentCommand } from '../../leaf/runners/external/external-agent.ts';
import type { WorkflowSpec } from '../../workflow/workflow-spec.ts';
import { providerOf } from '../models/provider-of.ts';
import { namesFor } from '../models/routing.ts';
import type { RunModels } from '../models/run-models.ts';
import { type AgentLeaf, agentLeaves } from './agent-leaves.ts';
import { type AgentNames, findProgram, type RunAgents, rowOf, toAgent } from './open-agents.ts';

/** `--agent NAME=AGENT`, over what was recorded. @throws {WhaleFlowError} WF2002 */
export function agentNames(
  words: readonly string[],
  leaves: readonly AgentLeaf[],
  recorded: AgentNames = {},
): AgentNames {
  const names: Record<string, string> = { ...recorded };
  const known = [...new Set(leaves.map(({ agent }) => agent))];
  for (const word of words) {
    const [name = '', agent = '', ...rest] = word.split('=');
    if (name === '' || agent === '' || rest.length > 0) {
      throw new WhaleFlowError('WF2002', `--agent ${word} names no agent`, {
        hint: 'write --agent NAME=AGENT: the name in the workflow, and one of `whaleflow agents ls`',
      });
    }
    if (!known.includes(name)) {
      throw new WhaleFlowError('WF2002', `no leaf of this workflow asks the agent ${name}`, {
        hint: suggestion(name, known) ?? `it asks ${known.join(', ') || 'none'}`,
      });
    }
    names[name] = agent;
  }
  return names;
}

/** Command lines of the agents of a workflow, for a person to accept where there is no sandbox. */
export function agentCommands(spec: WorkflowSpec, agents: RunAgents): readonly string[] {
  const rows = agentLeaves(spec).flatMap(({ agent }) => rowOf(agent, agents) ?? []);
  return [...new Set(rows.map((row) => agentCommand(toAgent(row, {}))))];
}

export interface ObstacleParts extends RunModels {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The first of: WF3011 no such agent, WF3012 not installed, WF3004 a model in another dialect, WF4003 nobody knows what it costs. */
export function agentObstacle(
  leaves: readonly AgentLeaf[],
  agents: RunAgents,
  { env, ...models }: ObstacleParts,
): WhaleFlowError | undefined {
  for (const { id, agent, policy } of leaves) {
    const row = rowOf(agent, agents);
    const notes = [`${id} asks the agent ${agent}`];
    if (row === undefined) {
      return new WhaleFlowError('WF3011', `no agent \`${agent}\` is configured`, {
        notes,
        hint: `for this run: --agent ${agent}=AGENT     for all: [agents.${agent}] preset = "…"     what there is: whaleflow agents ls`,
      });
    }
    const [program = ''] = row.argv;
    if (findProgram(program, env['PATH']) === undefined) {
      return new WhaleFlowError(
        'WF3012',
        `${program} is not installed, which the agent ${row.name} is`,
        {
          notes,
          hint: 'install it, or name another: whaleflow agents ls',
        },
      );
    }
    const [first] = row.isProxied ? namesFor(policy, models.routes) : [];
    const spoken = first === undefined ? undefined : providerOf(first, models.models).row.dialect;
    if (spoken !== undefined && row.proxy !== undefined && !row.proxy.dialects.includes(spoken)) {
      return new WhaleFlowError(
        'WF3004',
        `the agent ${row.name} speaks ${row.proxy.dialects[0]}, and ${first} is asked in ${spoken}`,
        { notes, hint: `name a model of a provider with that dialect: whaleflow providers ls` },
      );
    }
    if (row.billing === 'unknown' && !row.isProxied && !models.allowUnknownCost) {
      return new WhaleFlowError('WF4003', `nobody can say what the agent ${row.name} costs`, {
        notes,
        hint: `its calls through WhaleFlow: [agents.${row.name}] proxy = true     paid by a plan: billing = "included"     or spend without knowing: --allow-unknown-cost`,
      });
    }
  }
  return undefined;
}
