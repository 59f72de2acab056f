/** The runner of other coding agents. What it needs is loaded when the first of them runs. */
import { tmpdir } from 'node:os';
import type { LeafRunner } from '../../leaf/leaf-runner.ts';
import { agentRoute } from '../../leaf/runners/external/external-agent.ts';
import type { ExternalTask } from '../../workflow/task.ts';
import { type RunModels, withoutKeys } from '../models/run-models.ts';
import type { Workbench } from '../workbench.ts';
import { openAgents, type RunAgents } from './open-agents.ts';

export interface RunParts {
  readonly agents: RunAgents;
  readonly models: RunModels;
}

export function lateExternalRunner(
  { clock, timers, chance, env }: Workbench,
  { agents, models }: RunParts,
): LeafRunner<ExternalTask> {
  const agent = openAgents(agents, env);
  let made: Promise<LeafRunner<ExternalTask>> | undefined;
  const make = async (): Promise<LeafRunner<ExternalTask>> => {
    const [{ externalRunner }, { walkingFiles }] = await Promise.all([
      import('../../leaf/runners/external/external-runner.ts'),
      import('../../tool/files/walking-files.ts'),
    ]);
    return externalRunner({
      agent,
      clock,
      timers,
      files: (root) => walkingFiles(root, () => temporaryName(chance.bytes(NAME_BYTES))),
      environment: withoutKeys(env, models.models),
      temporaryFolder: tmpdir(),
    });
  };
  return {
    route(job) {
      const found = agent(job.node.task.agent);
      return found === undefined ? undefined : agentRoute(found);
    },
    async run(job, world, signal) {
      made ??= make();
      return (await made).run(job, world, signal);
    },
  };
}

const NAME_BYTES = 8;
const temporaryName = (bytes: Uint8Array): string =>
  `.whaleflow-${Buffer.from(bytes).toString('hex')}`;
