/** Runners of the leaves that ask models. What they need is loaded when the first of them runs. */
import { tmpdir } from 'node:os';
import { WhaleFlowError } from '../../base/errors.ts';
import { failure } from '../../leaf/failure.ts';
import type { LeafJob } from '../../leaf/leaf-job.ts';
import type { LeafRunner, RunnerTable } from '../../leaf/leaf-runner.ts';
import type { AgentRunnerParts } from '../../leaf/runners/agent/agent-runner.ts';
import { modelRunner } from '../../leaf/runners/model-runner.ts';
import type { Route } from '../../trace/events.ts';
import type { LeafTask } from '../../workflow/task.ts';
import type { LinkedFolder } from '../../workspace/linked-folder.ts';
import type { OwnServer } from '../demo/own-server.ts';
import type { MachinePlaces } from '../machine-slots.ts';
import type { RunMcp } from '../mcp/recorded-mcp.ts';
import type { Workbench } from '../workbench.ts';
import { adaptiveGate } from './adaptive-gate.ts';
import { parseModelName } from './models-config.ts';
import type { LearnSecret, ModelRouter } from './open-models.ts';
import { type RunModels, routeNames, withoutKeys } from './run-models.ts';
import { sharedGate } from './shared-gate.ts';

export interface ModelRunnerParts {
  readonly own: OwnServer;
  readonly places: MachinePlaces | undefined;
  readonly mcp: RunMcp;
  readonly learnSecret: LearnSecret | undefined;
  readonly linked: readonly LinkedFolder[];
}

export function modelRunners(
  workbench: Workbench,
  run: RunModels,
  { own, places, mcp, learnSecret, linked }: ModelRunnerParts,
): Pick<RunnerTable, 'model' | 'agent'> {
  const { clock, timers, chance, env } = workbench;
  let opened: Promise<ModelRouter> | undefined;
  const open = (): Promise<ModelRouter> => {
    opened ??= import('./open-models.ts').then(({ openModels }) =>
      openModels({
        ...run,
        environment: env,
        clock,
        timers,
        own,
        ...(learnSecret === undefined ? {} : { learnSecret }),
      }),
    );
    return opened;
  };
  const { allowUnknownCost } = run;
  const adaptive = adaptiveGate({ clock, timers });
  const gate = places === undefined ? adaptive : sharedGate(adaptive, places.callsTo);
  const call = { clock, timers, chance, allowUnknownCost, gate };
  const route = (job: LeafJob): Route | undefined => {
    const [first] = routeNames(job.node, run);
    return first === undefined ? undefined : parseModelName(first);
  };
  return {
    model: later(route, async () => modelRunner({ ...call, route: await open() })),
    agent: later(route, async () => {
      const [{ agentRunner }, { filesOfTrees }] = await Promise.all([
        import('../../leaf/runners/agent/agent-runner.ts'),
        import('../files-of-trees.ts'),
      ]);
      const { PATH: path } = env;
      return agentRunner({
        ...call,
        route: await open(),
        environment: withoutKeys(env, run.models),
        temporaryFolder: tmpdir(),
        files: filesOfTrees(chance, linked),
        ...(await outsideTools(workbench, run, mcp)),
        linked,
        ...(path === undefined ? {} : { path }),
        ...(places === undefined ? {} : { slots: places.commands }),
      });
    }),
  };
}

/** What speaks to servers is loaded for runs that have tools of theirs. */
async function outsideTools(
  { places, env }: Workbench,
  { models }: RunModels,
  mcp: RunMcp,
): Promise<Pick<AgentRunnerParts, 'sources'>> {
  if (Object.keys(mcp.digests).length === 0) return {};
  const [{ leafTools }, { acceptedTools }] = await Promise.all([
    import('../../leaf/mcp/leaf-tools.ts'),
    import('../mcp/run-mcp.ts'),
  ]);
  return {
    sources: [
      leafTools({
        accepted: acceptedTools({ places, env }, mcp),
        environment: withoutKeys(env, models),
        temporaryFolder: tmpdir(),
      }),
    ],
  };
}

/** A runner that is made when it is first needed. What keeps it from being made fails its leaves. */
function later<Task extends LeafTask>(
  route: (job: LeafJob) => Route | undefined,
  make: () => Promise<LeafRunner<Task>>,
): LeafRunner<Task> {
  let made: Promise<LeafRunner<Task>> | undefined;
  return {
    route,
    async run(job, world, signal) {
      try {
        made ??= make();
        return await (await made).run(job, world, signal);
      } catch (thrown) {
        if (!(thrown instanceof WhaleFlowError)) throw thrown;
        const { code, message } = thrown;
        return code === 'WF3003'
          ? { status: 'failed', failure: failure('refused', message), stop: 'credentials' }
          : { status: 'failed', failure: failure('provider', message) };
      }
    },
  };
}
