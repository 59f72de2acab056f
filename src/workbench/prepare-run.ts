/** Everything about a run that can be known before it begins: compiled, bound, wired, permitted. */

import type { Diagnostic } from '../base/diagnostic.ts';
import { WhaleFlowError } from '../base/errors.ts';
import { matchesText } from '../base/glob.ts';
import type { JsonObject } from '../base/json.ts';
import { needsTree } from '../leaf/leaf-job.ts';
import type { Sandbox, SandboxLevel } from '../sandbox/sandbox.ts';
import type { Consent, RunConfig, RunDependencies } from '../trace/run-terms.ts';
import { bindParams, paramsFromText } from '../workflow/params.ts';
import { leavesBelow, planOf } from '../workflow/plan.ts';
import { commandOf } from '../workflow/task.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { agentLeaves } from './agents/agent-leaves.ts';
import { agentCommands, agentNames, agentObstacle } from './agents/agent-obstacle.ts';
import { type AgentNames, asksUs, type RunAgents } from './agents/open-agents.ts';
import { type CompiledFile, compileFile, compileText } from './compile.ts';
import type { EffectiveConfig } from './config.ts';
import { featureObstacle, featureWarnings } from './feature-problems.ts';
import { NO_RUN_MCP, type RunMcp } from './mcp/recorded-mcp.ts';
import { mcpDigests, mcpObstacle } from './mcp/run-mcp.ts';
import { type AskedRequest, askedModels, toRecord } from './models/asked-models.ts';
import { modelObstacle } from './models/model-obstacle.ts';
import { modelLeaves } from './models/routing.ts';
import type { RunModels } from './models/run-models.ts';
import { chooseSandbox, openSandbox, type SandboxMode } from './open-sandbox.ts';
import { isBare, type Places } from './places.ts';
import { secretGrants } from './secret-grants.ts';
import { findSkills, recordedSkills, refuseSkills } from './skill-problems.ts';
import type { LoadedSkill } from './skills/find-skills.ts';
import { trustObstacle } from './trust.ts';
import { readFixture, runnerObstacle, type Wiring, wiringNamed } from './wiring.ts';
import type { Workbench } from './workbench.ts';

export interface PrepareRequest extends AskedRequest {
  /** A file or the name of a saved workflow. */
  readonly workflow: string;
  /** The workflow itself, in place of a file. */
  readonly text?: string;
  readonly params: JsonObject;
  /** Parameters as they were typed, read by the schema of the workflow; they beat `params`. */
  readonly texts?: Readonly<Record<string, string>>;
  /** `--mock`: true, or the path of a fixture. */
  readonly mock?: true | string;
  /** `--model mock`: the built-in mock answers for models, the rest is real. */
  readonly model?: 'mock';
  /** `--allow`: globs of commands that may run without a sandbox. */
  readonly allow: readonly string[];
  /** `--allow-env`: variables that look like secrets and that its processes may be given. */
  readonly allowEnv?: readonly string[];
  /** `-j`: leaves in flight at most. */
  readonly parallel?: number;
  /** `--sandbox`; what the configuration says where absent. */
  readonly sandbox?: SandboxMode;
  /** `--agent NAME=AGENT`: who answers to the name of an agent in the workflow. */
  readonly agents?: readonly string[];
  /** Of the run that this one goes on from. */
  readonly recordedAgents?: AgentNames;
  /** Only to look: what a run would be refused for is kept as `obstacle`. */
  readonly isDry?: boolean;
}

export interface PreparedRun {
  readonly compiled: CompiledFile;
  readonly params: JsonObject;
  readonly wiring: Wiring;
  readonly config: RunConfig;
  /** The text of the mock fixture, to be kept with the run. */
  readonly fixture: string | undefined;
  /** Commands that the workflow may run here, as joined argv or globs. */
  readonly commands: readonly string[];
  /** Those of them that somebody has to accept and has not yet; none in a strict sandbox. */
  readonly unaccepted: readonly string[];
  /** Variables that look like secrets and that its processes would be given. */
  readonly secrets: readonly string[];
  /** Those of them that nobody has accepted. */
  readonly unacceptedSecrets: readonly string[];
  /** What its leaves name, with the texts to be kept with the run. */
  readonly skills: readonly LoadedSkill[];
  /** Leaves work on files, so that the run needs a base. */
  readonly needsBase: boolean;
  /** What it uses though it is off here, as warnings; empty where that is the obstacle. */
  readonly featureProblems: readonly Diagnostic[];
  /** Why it cannot start here; only where it is not to start. */
  readonly obstacle?: WhaleFlowError;
}

/**
 * Compiles and checks a run without starting anything.
 * @throws {WhaleFlowError} of compiling; WF1208 bad params; WF1402 a feature that is off; WF3001 a leaf without a runner; WF6001
 * leaves that write, without git.
 */
export async function prepareRun(
  workbench: Workbench,
  config: EffectiveConfig,
  request: PrepareRequest,
): Promise<PreparedRun> {
  const { workflow, text } = request;
  const compiled =
    text === undefined ? compileFile(workbench, workflow) : compileText(workbench, text);
  return prepareCompiled(workbench, config, compiled, request);
}

/** As `prepareRun`, for a workflow that is compiled already (a fork of a recorded spec). */
export async function prepareCompiled(
  workbench: Workbench,
  config: EffectiveConfig,
  compiled: CompiledFile,
  request: Omit<PrepareRequest, 'workflow'>,
): Promise<PreparedRun> {
  const { spec } = compiled;
  const params = boundParams(spec, request);
  const fixture =
    typeof request.mock === 'string' ? await readFixture(workbench, request.mock) : undefined;
  const real = request.model === undefined ? 'real' : 'real+mock';
  const name = request.mock === undefined ? real : (fixture?.name ?? 'mock');
  const text = fixture?.text;
  const agents = askedAgents(spec, config, { ...request, wiring: name });
  const throughUs = asksUs(agents);
  const models = askedModels(spec, config.models, { ...request, wiring: name, asksUs: throughUs });
  const mcp = askedMcp(workbench, spec, config, name);
  const { level, sandbox, sandboxObstacle } = await sandboxFor(workbench, spec, {
    ...request,
    mode: request.sandbox ?? config.sandbox.mode,
  });
  const wiring = await wiringNamed(workbench, {
    name,
    models,
    agents,
    mcp,
    readContent: () => (text === undefined ? undefined : new TextEncoder().encode(text)),
    sandbox,
  });
  const needsBase = !wiring.isMock && filesAreNeeded(spec);
  const found = findSkills(workbench, compiled);
  refuseSkills(found);
  const dependencies = needsBase ? dependenciesOf(config, level) : undefined;
  const setup = dependencies?.setup?.command;
  const started = wiring.isMock ? [] : [...commandsOf(spec), ...agentCommands(spec, agents)];
  const commands = [...new Set([...(setup === undefined ? [] : [setup]), ...started])];
  const secrets = wiring.isMock ? [] : secretGrants(spec, config.models, workbench.env);
  const { allowEnv = [] } = request;
  const featureProblems = featureWarnings(compiled, config);
  // A mock run uses nothing: no memory, no agent, no write.
  const refused = wiring.isMock ? undefined : featureObstacle(featureProblems);
  const obstacle =
    refused ??
    runnerObstacle(spec, wiring) ??
    (name === 'real'
      ? await routeObstacle(workbench, modelLeaves(spec, throughUs), models)
      : undefined) ??
    (wiring.isMock
      ? undefined
      : (agentObstacle(agentLeaves(spec), agents, { ...models, env: workbench.env }) ??
        mcpObstacle(workbench, spec, mcp))) ??
    gitObstacle(spec, wiring, workbench.places) ??
    sandboxObstacle ??
    (wiring.isMock ? undefined : trustObstacle(workbench.places));
  if (obstacle !== undefined && request.isDry !== true) throw obstacle;
  return {
    compiled,
    params,
    wiring,
    config: {
      ...runConfig(config, { wiring: name, sandbox: level, parallel: request.parallel }),
      ...toRecord(models),
      ...recordedSkills(found.skills),
      ...(Object.keys(agents.names).length === 0 ? {} : { agents: agents.names }),
      ...(dependencies === undefined ? {} : { workspace: dependencies }),
      ...(Object.keys(mcp.digests).length === 0 ? {} : { mcp: mcp.digests }),
    },
    fixture: text,
    skills: found.skills,
    commands,
    unaccepted: level === 'none' ? unacceptedOf(commands, request.allow) : [],
    secrets,
    unacceptedSecrets: secrets.filter((name) => !allowEnv.includes(name)),
    needsBase: needsBase && wiring.world.workspace.kind === 'git',
    featureProblems: refused === undefined ? featureProblems : [],
    ...(obstacle === undefined ? {} : { obstacle }),
  };
}

/** A mock asks none of them. */
function askedAgents(
  spec: WorkflowSpec,
  config: EffectiveConfig,
  {
    agents = [],
    recordedAgents,
    wiring,
  }: Pick<PrepareRequest, 'agents' | 'recordedAgents'> & { readonly wiring: string },
): RunAgents {
  const isMock = wiring.startsWith('mock');
  const names = isMock ? {} : agentNames(agents, agentLeaves(spec), recordedAgents);
  return { names, config: config.agents };
}

/** Nothing where no process is ever started: there is nobody to use them. */
function dependenciesOf(
  { workspace: { link, setup, hasSetupNetwork, setupMs } }: EffectiveConfig,
  level: SandboxLevel,
): RunDependencies | undefined {
  if (level === 'in-process' || (link.length === 0 && setup === '')) return undefined;
  const recorded = { command: setup, network: hasSetupNetwork, limitMs: setupMs };
  return { link, ...(setup === '' ? {} : { setup: recorded }) };
}

/** A mock reaches none of them. */
function askedMcp(
  workbench: Workbench,
  spec: WorkflowSpec,
  { mcp: config }: EffectiveConfig,
  wiring: string,
): RunMcp {
  if (wiring.startsWith('mock')) return NO_RUN_MCP;
  return { digests: mcpDigests(workbench, spec, config), config };
}

/** There is always a ceiling of money: one is built in. */
function routeObstacle(
  { env }: Workbench,
  leaves: ReturnType<typeof modelLeaves>,
  models: RunModels,
): Promise<WhaleFlowError | undefined> {
  return modelObstacle(leaves, models, { env, isPriced: true });
}

interface PreparedSandbox {
  readonly level: SandboxLevel;
  readonly sandbox: Sandbox;
  readonly sandboxObstacle?: WhaleFlowError;
}

/** A mock starts no process, so that nothing has to be confined. */
async function sandboxFor(
  workbench: Workbench,
  spec: WorkflowSpec,
  { mock, mode }: Pick<PrepareRequest, 'mock'> & { readonly mode: SandboxMode },
): Promise<PreparedSandbox> {
  const none = { level: 'none', sandbox: await openSandbox(workbench, 'none') } as const;
  if (mock !== undefined) return none;
  try {
    return await chooseSandbox(workbench, spec, mode);
  } catch (error) {
    if (!(error instanceof WhaleFlowError)) throw error;
    return { ...none, level: 'strict', sandboxObstacle: error };
  }
}

/** Of these commands, those that no glob accepts. */
export function unacceptedOf(
  commands: readonly string[],
  allow: readonly string[],
): readonly string[] {
  return commands.filter(
    (command) => !allow.some((glob) => glob === command || matchesText(glob, command)),
  );
}

function boundParams(
  spec: WorkflowSpec,
  { params, texts = {} }: Pick<PrepareRequest, 'params' | 'texts'>,
): JsonObject {
  const bound = bindParams(spec.params, { ...params, ...paramsFromText(spec.params, texts) });
  if ('params' in bound) return bound.params;
  const { diagnostics } = bound;
  throw new WhaleFlowError('WF1208', `the parameters do not fit ${spec.id}`, {
    diagnostics,
    hint: 'give them as -a KEY=VALUE or --args FILE',
  });
}

/** Commands that a run of it may start, as joined argv or globs. */
export function commandsOf(spec: WorkflowSpec): readonly string[] {
  const hasCommands = leavesBelow(planOf(spec).root).some(
    ({ node }) =>
      commandOf(node.task) !== undefined || (node.task.type === 'agent' && node.permissions.shell),
  );
  return hasCommands ? spec.permissions.commands : [];
}

function filesAreNeeded(spec: WorkflowSpec): boolean {
  return leavesBelow(planOf(spec).root).some(({ node }) => needsTree(node.task));
}

/** Without git there are no trees: only leaves that read may work on files. */
function gitObstacle(
  spec: WorkflowSpec,
  { isMock, world }: Wiring,
  { root }: Places,
): WhaleFlowError | undefined {
  if (isMock || world.workspace.kind === 'git') return undefined;
  const writers = leavesBelow(planOf(spec).root).filter(
    ({ node }) => node.task.type !== 'search' && needsTree(node.task),
  );
  const [first] = writers;
  if (first === undefined) return undefined;
  if (isBare(root)) {
    const message = `${first.node.id} works on files, and ${root} is a bare repository`;
    const hint = 'make a checkout and run there: git worktree add ../checkout && cd ../checkout';
    return new WhaleFlowError('WF6001', message, { hint });
  }
  return new WhaleFlowError(
    'WF6001',
    `${first.node.id} needs a git worktree, and this is no repository`,
    {
      hint: 'git init && git add -A && git commit -m start, then run again',
    },
  );
}

function runConfig(
  config: EffectiveConfig,
  {
    parallel,
    ...recorded
  }: Pick<RunConfig, 'wiring' | 'sandbox'> & { readonly parallel: number | undefined },
): Omit<RunConfig, 'routes'> {
  const { model, command } = config.concurrency;
  return {
    concurrency: {
      model: parallel ?? model,
      command: parallel === undefined ? command : Math.min(parallel, command),
    },
    ...recorded,
  };
}

/** What was accepted, for the record. */
export function consentOf(
  by: Consent['by'],
  { allow, allowEnv = [] }: Pick<PrepareRequest, 'allow' | 'allowEnv'>,
  { commands, secrets }: Accepted = NOTHING_MORE,
): Consent {
  return {
    by,
    commands: [...new Set([...allow, ...commands])],
    env: [...new Set([...allowEnv, ...secrets])],
  };
}

/** What a person has accepted at the question. */
interface Accepted {
  readonly commands: readonly string[];
  readonly secrets: readonly string[];
}

const NOTHING_MORE: Accepted = { commands: [], secrets: [] };
