/** The library’s front door: a workflow in, its outcome out, driven in this process. */
import { hostname } from 'node:os';
import type { Diagnostic } from '../base/diagnostic.ts';
import { WhaleFlowError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import { VERSION } from '../base/version.ts';
import { drive } from '../engine/drive.ts';
import { valueAtAddress } from '../engine/outputs.ts';
import { type BegunRun, startRun } from '../engine/start-run.ts';
import { resolve, viewpointOf } from '../engine/viewpoint.ts';
import { modelRunner } from '../leaf/runners/model-runner.ts';
import type { ModelProvider, ModelRoute } from '../model/model-provider.ts';
import { noneSandbox } from '../sandbox/none/none-sandbox.ts';
import { randomId } from '../system/chance.ts';
import { nodeChance } from '../system/node/node-chance.ts';
import { nodeClock, nodeTimers } from '../system/node/node-clock.ts';
import { RULES_VERSION } from '../trace/events.ts';
import { isHeldBy } from '../trace/lease-rule.ts';
import { memoryStore } from '../trace/memory/memory-store.ts';
import type { Outcome } from '../trace/outcome.ts';
import { foldRun } from '../trace/read-run.ts';
import { planIn, type RunState } from '../trace/run-state.ts';
import type { TraceStore } from '../trace/trace-store.ts';
import type { WorkflowDocument } from '../workflow/document.ts';
import { bindParams } from '../workflow/params.ts';
import { isCostLimited, isParsed, parseWorkflow } from '../workflow/parse-workflow.ts';
import type { WorkflowSpec } from '../workflow/workflow-spec.ts';
import { noneWorkspace } from '../workspace/none/none-workspace.ts';
import { leaseOptions, thisProcess } from './driver-process.ts';
import { checkRunnable, checkRunOptions, checkWorkflow } from './library-options.ts';
import { openStore } from './open-store.ts';

export interface RunWorkflowOptions {
  /** Answers every model leaf. */
  readonly provider: ModelProvider;
  /** Folder of a durable store, made if need be; the run is kept in memory only where absent. */
  readonly stateFolder?: string;
  /** A store that is open already (`openStore`), in place of `stateFolder`; the caller closes it. */
  readonly store?: TraceStore;
  /**
   * Id of the run, 1 to 64 of `a-z 0-9 - _`: goes on where the store has it, else begins under it. A new
   * random id where absent.
   */
  readonly run?: string;
  readonly params?: JsonObject;
  /** Model leaves in flight at once; 8 where absent. */
  readonly parallel?: number;
  readonly signal?: AbortSignal;
}

export interface WorkflowResult {
  readonly run: string;
  /** Undefined when the run stopped or waits and can be resumed. */
  readonly outcome: Outcome | undefined;
  /** What the workflow gives; null where there is nothing. */
  readonly output: Json;
}

/**
 * Runs a workflow of model leaves to its end. A program that runs a workflow often gives the spec that
 * `parseWorkflow` has made of it, which is not read and checked again; a document is, each time. A run
 * that goes on keeps to the workflow that it began with.
 * @throws {WhaleFlowError} WF2002 options that do not fit; of the gate with all diagnostics; WF3001 leaves that are
 * not of a model; WF1208 bad params; WF5005 when the run is
 * driven already, by another process or by this one; what the store throws.
 */
export async function runWorkflow(
  workflow: WorkflowDocument | WorkflowSpec,
  options: RunWorkflowOptions,
): Promise<WorkflowResult> {
  checkRunOptions(options);
  checkWorkflow(workflow);
  using own = options.store === undefined ? openOwn(options) : undefined;
  const store = options.store ?? own ?? memoryStore();
  const known = options.run === undefined ? undefined : store.run(options.run);
  const run = known?.run ?? options.run ?? randomId(nodeChance, 12);
  using driving = markDriven(run);
  const epoch = known === undefined ? FIRST_EPOCH : await leaseOf(store, driving);
  const [recorded] = known === undefined ? [] : store.read(run, 0, 1);
  if (recorded?.type === 'run.started') checkRunnable(recorded.spec, options);
  const begun = known === undefined ? await begin(store, run, workflow, options) : undefined;
  const route = (): ModelRoute => ({ provider: options.provider, model: options.provider.name });
  // What calls cost is the caller’s business, unless the workflow limits it.
  const allowUnknownCost = isParsed(workflow)
    ? !isCostLimited(workflow)
    : workflow.budget?.maxCostMicroUsd === undefined;
  const world = {
    clock: nodeClock,
    timers: nodeTimers,
    chance: nodeChance,
    route,
    allowUnknownCost,
  };
  const { signal = new AbortController().signal } = options;
  let left = begun?.decider.state;
  // Aborted before it began: it is in the store and asks nobody.
  if (!signal.aborted)
    await drive(
      {
        run,
        epoch,
        driver: {
          pid: process.pid,
          host: hostname(),
          versions: { whaleflow: VERSION },
          mark: randomId(nodeChance, 20),
        },
        store,
        clock: nodeClock,
        timers: nodeTimers,
        ...(begun === undefined ? {} : { begun }),
        atEnd: (state) => {
          left = state;
        },
        world: {
          runners: { model: modelRunner(world) },
          workspace: noneWorkspace({ folder: process.cwd() }),
          sandbox: noneSandbox({ clock: nodeClock, timers: nodeTimers }),
        },
      },
      signal,
    );
  const state = left ?? foldRun(store, run);
  const lease = store.lease(run);
  if (lease !== undefined) await store.release(run, lease.epoch);
  return { run, outcome: state.finished?.outcome, output: runOutput(store, state) };
}

function openOwn({ stateFolder }: RunWorkflowOptions): TraceStore {
  return stateFolder === undefined ? memoryStore() : openStore({ stateFolder });
}

/** That whoever makes a run has. */
const FIRST_EPOCH = 1;

/** A run that a call in this process drives, or is about to. */
interface Driving extends Disposable {
  readonly run: string;
}

const allDriving = new Set<Driving>();

function markDriven(run: string): Driving {
  const driving: Driving = { run, [Symbol.dispose]: () => void allDriving.delete(driving) };
  allDriving.add(driving);
  return driving;
}

/** A lease that this process has is left from a call that threw, unless another one drives the run. */
async function leaseOf(store: TraceStore, driving: Driving): Promise<number> {
  const { run } = driving;
  const held = store.lease(run);
  const holder = thisProcess();
  if (held !== undefined && isHeldBy(held, holder) && !isDrivenBeside(driving)) return held.epoch;
  return (await store.acquire(run, holder, leaseOptions(nodeClock))).epoch;
}

const isDrivenBeside = (driving: Driving): boolean =>
  [...allDriving].some((other) => other !== driving && other.run === driving.run);

async function begin(
  store: TraceStore,
  run: string,
  workflow: WorkflowDocument | WorkflowSpec,
  options: RunWorkflowOptions,
): Promise<BegunRun> {
  const spec = accepted(workflow);
  checkRunnable(spec, options);
  const bound = bindParams(spec.params, options.params ?? {});
  if ('diagnostics' in bound) throw refused('WF1208', spec.id, bound.diagnostics);
  const parallel = options.parallel ?? 8;
  return startRun(
    store,
    {
      run,
      holder: thisProcess(),
      started: {
        type: 'run.started',
        spec,
        params: bound.params,
        seed: 0,
        config: {
          concurrency: { model: parallel, command: parallel },
          wiring: 'library',
          sandbox: 'none',
          routes: {},
        },
        consent: { by: 'library', commands: [] },
        lineage: { mode: 'live' },
        rulesVersion: RULES_VERSION,
      },
    },
    nodeClock,
  ).catch((cause: unknown) => {
    throw begunBeside(run, cause);
  });
}

/** Another call made it after this one had looked. */
function begunBeside(run: string, cause: unknown): unknown {
  if (!(cause instanceof WhaleFlowError) || cause.code !== 'WF7008') return cause;
  return new WhaleFlowError('WF5005', `run "${run}" has just begun, by another call`, {
    hint: 'wait for that one, or give this one another id',
    cause,
  });
}

function accepted(workflow: WorkflowDocument | WorkflowSpec): WorkflowSpec {
  if (isParsed(workflow)) return workflow;
  const parsed = parseWorkflow(workflow);
  if ('spec' in parsed) return parsed.spec;
  throw refused('WF1001', workflow.id, parsed.diagnostics);
}

function refused(
  code: 'WF1001' | 'WF1208',
  id: string | undefined,
  diagnostics: readonly Diagnostic[],
): WhaleFlowError {
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  const [first] = errors;
  const more = errors.length > 1 ? `, and ${errors.length - 1} more` : '';
  const why = first === undefined ? '' : `: ${first.message}${more}`;
  return new WhaleFlowError(
    code,
    `the workflow ${id === undefined ? '' : `${id} `}is refused${why}`,
    {
      diagnostics,
      ...(first?.help === undefined ? {} : { hint: first.help }),
    },
  );
}

/** What a run gives: the output that its workflow names; null where there is nothing. */
export function runOutput(store: TraceStore, state: RunState): Json {
  const { spec, root } = planIn(state);
  const target = resolve(state, viewpointOf(root, ''), spec.output);
  if (target.type === 'absent') return null;
  const field = spec.output.field === undefined ? {} : { field: spec.output.field };
  const address =
    target.type === 'one' ? { path: target.path, ...field } : { list: target.paths, ...field };
  return valueAtAddress(state, address, (ref) => {
    const data = store.blob(ref.digest);
    if (data === undefined)
      throw new WhaleFlowError('WF5003', `content ${ref.digest} is missing`, {
        hint: 'whaleflow verify',
      });
    return data;
  });
}
