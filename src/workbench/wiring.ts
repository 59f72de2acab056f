/** The only place that knows every implementation: which runners, models, trees and sandbox a run gets. */
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { WhaleFlowError } from '../base/errors.ts';
import type { LeafRunner, RunnerTable } from '../leaf/leaf-runner.ts';
import type { LeafWorld } from '../leaf/run-leaf.ts';
import { commandRunner } from '../leaf/runners/command-runner.ts';
import { harvestRunner } from '../leaf/runners/harvest-runner.ts';
import { mergeRunner } from '../leaf/runners/merge-runner.ts';
import { mockRunners } from '../leaf/runners/mock/mock-runners.ts';
import { modelRunner } from '../leaf/runners/model-runner.ts';
import { searchRunner } from '../leaf/runners/search-runner.ts';
import { mockProvider } from '../model/mock/mock-provider.ts';
import { EMPTY_FIXTURE, type MockFixture } from '../model/mock-rule.ts';
import type { ModelRoute } from '../model/model-provider.ts';
import { linkedSandbox } from '../sandbox/linked/linked-sandbox.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { TreeFiles } from '../tool/tree-files.ts';
import { digestText } from '../workflow/digest.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import type { ModelTask, TaskType } from '../workflow/task.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { gitWorkspace } from '../workspace/git/git-workspace.ts';
import type { LinkedFolders } from '../workspace/linked-folder.ts';
import { noneWorkspace } from '../workspace/none/none-workspace.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { lateExternalRunner } from './agents/external-runners.ts';
import type { RunAgents } from './agents/open-agents.ts';
import { ownServer } from './demo/own-server.ts';
import { openHooks } from './hooks/open-hooks.ts';
import type { RunMcp } from './mcp/recorded-mcp.ts';
import { modelRunners } from './models/model-runners.ts';
import type { LearnSecret } from './models/open-models.ts';
import { type RunModels, withoutKeys } from './models/run-models.ts';
import type { Workbench } from './workbench.ts';

/**
 * How a run is wired, as recorded: `real`; `real+mock`, where the built-in mock answers for models and
 * the rest is real; `mock`, where nothing touches the world; `mock:DIGEST`, the same by a fixture that
 * is kept with the run.
 */
export interface Wiring {
  readonly name: string;
  readonly isMock: boolean;
  readonly world: Omit<LeafWorld, 'host'>;
  /** Ends what was started for the run’s leaves to talk to. Never rejects. */
  readonly close: () => Promise<void>;
}

export interface WiringRequest {
  readonly name: string;
  readonly models: RunModels;
  readonly agents: RunAgents;
  readonly mcp: RunMcp;
  /** `mock:DIGEST` names its fixture among the contents of the run. */
  readonly readContent: (digest: string) => Uint8Array | undefined;
  /** Where processes run; a mock starts none. */
  readonly sandbox: Sandbox;
  /** Told each key that a command prints, before it is used. */
  readonly learnSecret?: LearnSecret;
  /** What its trees have beside what git holds; nothing when absent. */
  readonly links?: LinkedFolders;
}

/** The wiring of a recorded run. */
export async function wiringNamed(workbench: Workbench, request: WiringRequest): Promise<Wiring> {
  const { name, readContent } = request;
  if (!name.startsWith('mock')) return realWiring(workbench, request);
  const digest = name.slice('mock:'.length);
  const text = digest === '' ? undefined : readContent(digest);
  const fixture = text === undefined ? EMPTY_FIXTURE : await fixtureOf(decode(text), 'fixture');
  return mockWiring(workbench, fixture, name);
}

const decode = (data: Uint8Array): string => new TextDecoder().decode(data);

/** A fixture file for `--mock=FILE`. */
export async function readFixture(
  workbench: Workbench,
  file: string,
): Promise<{ readonly text: string; readonly name: string }> {
  let text: string;
  try {
    text = readFileSync(resolve(workbench.cwd, file), 'utf8');
  } catch (cause) {
    throw new WhaleFlowError('WF2003', `no fixture ${file}`, {
      hint: 'give the path of a YAML file, or `--mock` alone for made-up answers',
      cause,
    });
  }
  await fixtureOf(text, file);
  return { text, name: `mock:${digestText(text)}` };
}

/** The reader is loaded for runs that have a fixture only. */
async function fixtureOf(text: string, file: string): Promise<MockFixture> {
  const { parseMockFixture } = await import('../model/mock/mock-fixture.ts');
  const parsed = parseMockFixture(text, file);
  if ('fixture' in parsed) return parsed.fixture;
  const { diagnostics } = parsed;
  throw new WhaleFlowError('WF1001', `${file} is no fixture`, { diagnostics });
}

function mockWiring(workbench: Workbench, fixture: MockFixture, name: string): Wiring {
  const { clock, timers, chance, places } = workbench;
  const provider = mockProvider({ timers, fixture });
  const runners = mockRunners(fixture, { provider, clock, timers, chance });
  const workspace = noneWorkspace({ folder: places.root });
  const sandbox = noneSandbox({ clock, timers });
  return { name, isMock: true, world: { runners, workspace, sandbox }, close: async () => {} };
}

/** What reads the limits of the machine stays away from runs that do nothing in the world. */
async function realWiring(
  workbench: Workbench,
  { name, models, agents, mcp, sandbox, learnSecret, links }: WiringRequest,
): Promise<Wiring> {
  const { machinePlaces } = await import('./machine-slots.ts');
  const { clock, env, timers } = workbench;
  const own = ownServer(timers);
  const workspace = workspaceOf(workbench, links);
  const linked = links?.folders ?? [];
  const search = { clock, linked, ...(env['PATH'] === undefined ? {} : { path: env['PATH'] }) };
  const places = machinePlaces(workbench, models.models);
  const slots = places.commands;
  const environment = withoutKeys(env, models.models);
  const command = commandRunner({ environment, temporaryFolder: tmpdir(), slots, files });
  const runners: RunnerTable = {
    ...(name === 'real+mock'
      ? { model: mockModel(workbench) }
      : modelRunners(workbench, models, { own, places, mcp, learnSecret, linked })),
    command,
    external: lateExternalRunner(workbench, { agents, models, places, linked }),
    search: searchRunner(search),
    merge: mergeRunner(workspace),
    harvest: harvestRunner({ workspace, command }),
  };
  const hooks = await openHooks(workbench);
  const around = hooks === undefined ? {} : { hooks };
  const world = { runners, workspace, sandbox: linkedSandbox(sandbox, linked), ...around };
  return { name, isMock: false, world, close: own.close };
}

/** For reading: nothing is ever written by it, so no file needs a new name. */
async function files(root: string): Promise<TreeFiles> {
  const { walkingFiles } = await import('../tool/files/walking-files.ts');
  return walkingFiles(root, () => '.whaleflow-new');
}

/** Trees as real runs have them. */
export function workspaceOf({ places, chance }: Workbench, links?: LinkedFolders): Workspace {
  const linked = links === undefined ? {} : { links };
  return places.hasGit
    ? gitWorkspace({
        repositoryRoot: places.root,
        cacheFolder: places.cacheFolder,
        chance,
        ...linked,
      })
    : noneWorkspace({ folder: places.root });
}

function mockModel({ clock, timers, chance }: Workbench): LeafRunner<ModelTask> {
  const provider = mockProvider({ timers, fixture: EMPTY_FIXTURE });
  const route = (): ModelRoute => ({ provider, model: 'mock', estimateCost: () => 0 });
  return modelRunner({ clock, timers, chance, route });
}

const articleOf = (noun: string): string => (/^[aeiou]/.test(noun) ? 'an' : 'a');

/** WF3001 for a kind of leaf without a runner. */
export function runnerObstacle(
  spec: WorkflowSpec,
  { name, world }: Wiring,
): WhaleFlowError | undefined {
  const table: { readonly [T in TaskType]?: LeafRunner<never> } = world.runners;
  const missing = leavesBelow(planOf(spec).root).filter(({ node }) => !table[node.task.type]);
  const [first] = missing;
  if (first === undefined) return undefined;
  const notes = missing
    .slice(0, 10)
    .map(({ node }) => `${node.id} is ${articleOf(node.task.type)} ${node.task.type} leaf`);
  const { type } = first.node.task;
  const hint = 'try it without the world: --mock';
  if (name === 'real+mock' && type === 'agent') {
    const message = 'the built-in mock model calls no tools, which agent leaves need';
    return new WhaleFlowError('WF3004', message, { notes, hint });
  }
  return new WhaleFlowError('WF3001', `this build has no runner for ${type} leaves`, {
    notes,
    hint,
  });
}
