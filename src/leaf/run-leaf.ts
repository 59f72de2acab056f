/**
 * The leaf chain, once per attempt: permit → tree → sandbox → runner. It records where the attempt began
 * and, always, how it ended; what it records in one turn of the event loop shares a commit.
 */
import type { Sandbox } from '../sandbox/sandbox.ts';
import type { Fact, StopCause, TreeRef } from '../trace/events.ts';
import type { Failure } from '../trace/outcome.ts';
import type { LeafTask } from '../workflow/task.ts';
import type { Tree, Workspace } from '../workspace/workspace.ts';
import { Continuation } from './continuation.ts';
import { stopOf, unlessDiskFull } from './disk-full.ts';
import { failure, messageOf } from './failure.ts';
import { hookedRun } from './hooked-run.ts';
import { HOOK_MOMENTS, type HookParts, LeafHooks } from './hooks.ts';
import { failedEnd, failReport, type LeafEnd, toEnd } from './leaf-end.ts';
import type { LeafHost } from './leaf-host.ts';
import { type LeafJob, needsTree } from './leaf-job.ts';
import type { LeafRunner, RunnerReport, RunnerTable } from './leaf-runner.ts';
import { leafTree } from './leaf-tree.ts';
import { leaveTree } from './leave-tree.ts';
import { linkedWatch } from './linked-watch.ts';
import { permit } from './permit.ts';
import { Recorder } from './recorder.ts';
import { strayFailure } from './stray-error.ts';

/** What the chain works with. */
export interface LeafWorld {
  readonly host: LeafHost;
  readonly runners: RunnerTable;
  readonly workspace: Workspace;
  readonly sandbox: Sandbox;
  /** Programs of the person that are told of leaves and tools. */
  readonly hooks?: HookParts;
}

/** Where a runner works, and which. */
interface Place {
  readonly world: LeafWorld;
  readonly host: Recorder;
  readonly runner: LeafRunner<LeafTask>;
}

/**
 * Runs one attempt to its recorded end; an abort ends it soon, as late, or as failed where the reason is
 * a `StrayError`. The tree is given back before
 * the end is recorded, so that the leaf after it finds the tree free.
 * @throws only what `host.record` rejects with: a leaf that cannot be recorded has no driver any more.
 */
export async function runLeaf(job: LeafJob, world: LeafWorld, signal: AbortSignal): Promise<void> {
  const host = new Recorder(world.host);
  const end = await attemptEnd(job, world, host, signal);
  const stray = strayFailure(signal);
  if (!host.isBroken) {
    const { path, attempt } = job;
    const late = signal.aborted && stray === undefined ? { late: true } : {};
    const failed = stray === undefined ? {} : failedEnd(stray);
    if (end !== TREE_GONE)
      void host.record({ type: 'leaf.finished', path, attempt, ...end, ...failed, ...late });
    else
      void host.record({ type: 'leaf.lost', path, attempt, because: 'tree', maybeRepeated: true });
  }
  await host.settled();
}

/** Somebody deleted the tree: that is no failure of the leaf, and the next attempt gets a new one. */
const TREE_GONE = Symbol('the tree is gone');

/** Never rejects. What was broken off is no failure that could be the disk’s. */
async function attemptEnd(
  job: LeafJob,
  world: LeafWorld,
  host: Recorder,
  stop: AbortSignal,
): Promise<LeafEnd | typeof TREE_GONE> {
  const end = await runAttempt(job, world, host, stop);
  if (end === TREE_GONE || stop.aborted || !needsTree(job.node.task)) return end;
  return unlessDiskFull(end, world.workspace);
}

/** Never rejects. */
async function runAttempt(
  job: LeafJob,
  world: LeafWorld,
  host: Recorder,
  stop: AbortSignal,
): Promise<LeafEnd | typeof TREE_GONE> {
  const permitted = permit(job, world);
  if ('failure' in permitted) return refuse(job, host, permitted);
  const { runner } = permitted;
  const place = { world, host, runner };
  try {
    if (!worksOnFiles(job, runner)) return await work(job, place, undefined, stop);
    const opened = await openTree(job, place, stop);
    if ('failure' in opened) return refuse(job, host, opened);
    return await work(job, place, opened.tree, stop);
  } catch (thrown) {
    return { ...failedEnd(failure('internal', messageOf(thrown))), ...stopOf(thrown) };
  }
}

/** Why nothing was begun. */
interface Refusal {
  readonly failure: Failure;
  readonly stop?: StopCause;
}

function refuse(job: LeafJob, host: Recorder, { failure: why, ...stop }: Refusal): LeafEnd {
  void recordStarted(job, host, {});
  return { ...failedEnd(why), ...stop };
}

async function openTree(
  job: LeafJob,
  { world: { workspace }, runner }: Place,
  stop: AbortSignal,
): Promise<{ readonly tree: Tree | undefined } | Refusal> {
  const { run, node } = job;
  const tree = job.tree ?? folderOf(job, workspace);
  if (tree === undefined || !opensTree(job, runner)) return { tree: undefined };
  const scope = node.mode === 'read_only' ? [] : node.fileScope;
  const request = { run, tree: tree.key, commit: tree.commit };
  try {
    const scoped = scope === undefined ? request : { ...request, scope };
    return { tree: await workspace.open(scoped, stop) };
  } catch (thrown) {
    const why = failure('sandbox', `no tree to work in: ${messageOf(thrown)}`);
    return { failure: why, ...stopOf(thrown) };
  }
}

/** Without git no run has trees; what only looks may look at the folder itself, as it is now. */
function folderOf({ node }: LeafJob, { kind }: Workspace): TreeRef | undefined {
  const onlyLooks = node.task.type === 'search' && node.mode === 'read_only';
  return kind === 'none' && onlyLooks ? { key: '', commit: '' } : undefined;
}

/** A harvest opens its tree itself, once it knows what to put there. */
function opensTree(job: LeafJob, runner: LeafRunner<LeafTask>): boolean {
  return worksOnFiles(job, runner) && job.node.task.type !== 'harvest';
}

/** A merge works on commits and needs no checkout. */
function worksOnFiles({ node }: LeafJob, runner: LeafRunner<LeafTask>): boolean {
  return needsTree(node.task) && node.task.type !== 'merge' && runner.worksOnFiles !== false;
}

/** What another program had done is not ours to go on with: it begins again, in the tree as it was. */
function withItsPast(job: LeafJob): LeafJob {
  return job.node.task.type === 'external' ? { ...job, past: [] } : job;
}

async function work(
  job: LeafJob,
  { world, host, runner }: Place,
  tree: Tree | undefined,
  stop: AbortSignal,
): Promise<LeafEnd | typeof TREE_GONE> {
  const { workspace } = world;
  const { sandbox, judged } = linkedWatch(world.sandbox);
  const route = runner.route?.(job);
  const isInWorld = worksOnFiles(job, runner);
  const started = recordStarted(job, host, {
    ...(route === undefined ? {} : { route }),
    ...(isInWorld ? { sandbox: sandbox.level } : {}),
  });
  const own = tree === undefined ? undefined : leafTree(job, { workspace, tree });
  const past = new Continuation({ job: withItsPast(job), host, tree: own });
  const hooks = hooksOf(job, { host, root: own?.root }, world.hooks);
  const place = own === undefined ? {} : { root: own.root, tree: own };
  try {
    // A process must not run before its start is durable; a model call waits for its own request.
    if (isInWorld || hooks !== undefined) await started;
    const run = async (): Promise<RunnerReport> => {
      if (!past.isTold) await past.begin(stop);
      const record = past.isTold ? {} : { past };
      const around = hooks === undefined ? {} : { hooks };
      return runner.run(job, { ...place, sandbox, host, ...record, ...around }, stop);
    };
    const ended = await answerOf(hooks === undefined ? run() : hookedRun(hooks, run, stop));
    const report = judged(ended);
    if (!past.isTold && !stop.aborted) await past.end(stop);
    const isDone = report.status !== 'failed' && job.node.mode === 'read_only';
    if (!isDone && (await tree?.isThere()) === false) return TREE_GONE;
    const commit = report.status === 'failed' ? undefined : report.commit;
    if (job.tree === undefined) return toEnd(job, host, report);
    const left = await leaveTree(job, { workspace, host, tree }, commit);
    return { ...toEnd(job, host, failReport(report, left.failure)), ...left.refs };
  } finally {
    if (tree !== undefined) await tree.release();
  }
}

/** Undefined where no hook is meant by this leaf. */
function hooksOf(
  job: LeafJob,
  place: { readonly host: LeafHost; readonly root: string | undefined },
  parts: HookParts | undefined,
): LeafHooks | undefined {
  if (parts === undefined) return undefined;
  const hooks = new LeafHooks(job, place, parts);
  return HOOK_MOMENTS.some((on) => hooks.has(on)) ? hooks : undefined;
}

/** What a runner throws against its promise is a failure of the leaf; its tree is handed over all the same. */
async function answerOf(running: Promise<RunnerReport>): Promise<RunnerReport> {
  try {
    return await running;
  } catch (thrown) {
    const why = failure('internal', messageOf(thrown));
    return { status: 'failed', failure: why, ...stopOf(thrown) };
  }
}

function recordStarted(
  { path, attempt, tree }: LeafJob,
  host: LeafHost,
  parts: Pick<Extract<Fact, { readonly type: 'leaf.started' }>, 'route' | 'sandbox'>,
): Promise<void> {
  const where = tree === undefined ? {} : { tree };
  return host.record({ type: 'leaf.started', path, attempt, ...where, ...parts });
}
