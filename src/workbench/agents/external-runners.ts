/** The runner of other coding agents. What it needs is loaded when the first of them runs. */
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { WhaleFlowError } from '../../base/errors.ts';
import { type CallChainParts, modelCalls } from '../../leaf/call/call-chain.ts';
import { failure } from '../../leaf/failure.ts';
import type { LeafRunner } from '../../leaf/leaf-runner.ts';
import { agentRoute } from '../../leaf/runners/external/external-agent.ts';
import type { ExternalTask } from '../../workflow/task.ts';
import type { LinkedFolder } from '../../workspace/linked-folder.ts';
import type { MachinePlaces } from '../machine-slots.ts';
import { adaptiveGate } from '../models/adaptive-gate.ts';
import { parseModelName } from '../models/models-config.ts';
import type { Forwarder } from '../models/open-forwarding.ts';
import { type RunModels, routeNames, withoutKeys } from '../models/run-models.ts';
import { sharedGate } from '../models/shared-gate.ts';
import type { Workbench } from '../workbench.ts';
import { openAgents, type RunAgents } from './open-agents.ts';

export interface RunParts {
  readonly agents: RunAgents;
  readonly models: RunModels;
  readonly places: MachinePlaces;
  readonly linked: readonly LinkedFolder[];
}

export function lateExternalRunner(
  { clock, timers, chance, env }: Workbench,
  { agents, models, places, linked }: RunParts,
): LeafRunner<ExternalTask> {
  const agent = openAgents(agents, env);
  const { allowUnknownCost } = models;
  const call: CallChainParts = {
    clock,
    timers,
    chance,
    allowUnknownCost,
    gate: sharedGate(adaptiveGate({ clock, timers }), places.callsTo),
    route: () => undefined,
  };
  let forwarder: Promise<Forwarder> | undefined;
  const openLine = async (): Promise<Forwarder> => {
    const { openForwarding } = await import('../models/open-forwarding.ts');
    return openForwarding({ ...models, environment: env, clock, timers });
  };
  let made: Promise<LeafRunner<ExternalTask>> | undefined;
  const make = async (): Promise<LeafRunner<ExternalTask>> => {
    const [{ externalRunner }, { filesOfTrees }] = await Promise.all([
      import('../../leaf/runners/external/external-runner.ts'),
      import('../files-of-trees.ts'),
    ]);
    return externalRunner({
      agent,
      clock,
      timers,
      files: filesOfTrees(chance, linked),
      environment: withoutKeys(env, models.models),
      temporaryFolder: tmpdir(),
      line: {
        open: async (job, host) => {
          const [model] = routeNames(job.node, models).map(parseModelName);
          if (model === undefined) return undefined;
          forwarder ??= openLine();
          const route = (await forwarder)(job.node);
          return { calls: modelCalls(job, host, call), route, model: model.model };
        },
        newToken: () => Buffer.from(chance.bytes(TOKEN_BYTES)).toString('base64url'),
        relay: fileURLToPath(new URL(RELAY, import.meta.url)),
        node: process.execPath,
      },
    });
  };
  return {
    route(job) {
      const found = agent(job.node.task.agent);
      if (found?.proxyEnv === undefined) return found === undefined ? undefined : agentRoute(found);
      const [first] = routeNames(job.node, models);
      return first === undefined ? undefined : parseModelName(first);
    },
    async run(job, world, signal) {
      try {
        made ??= make();
        return await (await made).run(job, world, signal);
      } catch (thrown) {
        if (!(thrown instanceof WhaleFlowError)) throw thrown;
        return { status: 'failed', failure: failure('provider', thrown.message) };
      }
    },
  };
}

/** Beside this file, or beside the bundle. */
const RELAY = import.meta.url.endsWith('.ts')
  ? '../../leaf/runners/external/relay/agent-relay.ts'
  : './agent-relay.js';
const TOKEN_BYTES = 32;
