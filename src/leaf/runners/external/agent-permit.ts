import { matchesText } from '../../../base/glob.ts';
import type { SandboxLevel } from '../../../sandbox/sandbox.ts';
import type { Failure } from '../../../trace/outcome.ts';
import type { ExternalTask } from '../../../workflow/task.ts';
import { failure, listSome } from '../../failure.ts';
import type { LeafJob } from '../../leaf-job.ts';
import { agentCommand, type ExternalAgent } from './external-agent.ts';

export interface PermitPlace {
  readonly level: SandboxLevel;
  /** Its model is reached through us: it needs no network of its own. */
  readonly isProxied: boolean;
}

/**
 * Why an agent may not be started, or undefined. What it does inside of its process nobody sees: where it
 * asks nobody before it runs a command, the leaf has to permit commands, and without a sandbox a person
 * has to have accepted the program itself.
 */
export function agentRefusal(
  { node, consent }: LeafJob<ExternalTask>,
  agent: ExternalAgent,
  { level, isProxied }: PermitPlace,
): Failure | undefined {
  const { permissions } = node;
  const command = agentCommand(agent);
  if (agent.protocol.type === 'exec' && !permissions.shell) {
    return failure(
      'permission',
      `agent ${agent.name} runs commands of its own and asks nobody: it needs permissions.shell`,
    );
  }
  if (level === 'strict' && !isProxied && !permissions.network) {
    return failure(
      'permission',
      `agent ${agent.name} asks its model itself, and the leaf has no network: give it permissions.network, or let its calls go through WhaleFlow ([agents.${agent.name}] proxy = true)`,
    );
  }
  const isAgreed = consent.commands.some((glob) => glob === command || matchesText(glob, command));
  if (level === 'none' && !isAgreed) {
    const agreed = consent.commands.length === 0 ? 'none' : listSome(consent.commands);
    return failure(
      'permission',
      `${command} is not among the commands that may run without a sandbox: ${agreed}`,
    );
  }
  return undefined;
}
