/**
 * The fold of a trace: `apply(state, event)` is the only code that changes a `RunState`, in the engine
 * as in every reader. Each event costs O(depth of nesting), never O(run).
 */
import { instanceOf, type NodePath, parentPath } from '../workflow/node-path.ts';
import { type PlanNode, planNodeAt, planOf } from '../workflow/plan.ts';
import type { EventBody, Fact } from './events.ts';
import type { OutputRef } from './outcome.ts';
import {
  emptySums,
  type Live,
  liveAt,
  type NodeState,
  planIn,
  type RunState,
  type Settled,
  type SlotClass,
  type Sums,
  treeCommit,
} from './run-state.ts';
import { addCostStatus, addTokens, type Usage } from './usage.ts';

type EventOf<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;
type Handlers = {
  readonly [T in EventBody['type']]?: (state: RunState, event: EventOf<T>, at: number) => void;
};

/** Folds one event in. Types that this build does not know are ignored. */
export function apply(state: RunState, event: EventBody, at: number): void {
  state.at = at;
  const handler = handlers[event.type] as
    | ((state: RunState, event: EventBody, at: number) => void)
    | undefined;
  handler?.(state, event, at);
}

const handlers: Handlers = {
  'run.started'(state, event, at) {
    state.started = event;
    state.startedAt = at;
    state.plan = planOf(event.spec);
    if (event.base !== undefined) {
      state.trees.set('', { from: event.base.commit, at: event.base.commit, touched: false });
    }
    openNode(state, state.plan.root, '', undefined, at);
  },
  'run.driven'(state, event) {
    state.epoch = event.epoch;
    state.stopped = undefined;
  },
  'node.started'(state, event, at) {
    openAt(state, event.path, at);
  },
  'leaf.requested'(state, event, at) {
    const live = liveAt(state, event.path) ?? openAt(state, event.path, at);
    live.stage = 'requested';
    live.attempt = event.attempt;
    live.digest = event.digest;
    live.timer = undefined;
    const slot = slotOf(live.plan);
    const { path, attempt } = event;
    state.inFlight.set(path, {
      path,
      attempt,
      requestedAt: at,
      slot,
      started: false,
      aborted: false,
    });
    state.busy[slot] += 1;
    count(state, path, (sums) => {
      sums.leaves += 1;
    });
  },
  'leaf.started'(state, event) {
    const flight = state.inFlight.get(event.path);
    if (flight?.attempt === event.attempt) flight.started = true;
  },
  'model.called'(state, event) {
    count(state, event.path, (sums) => {
      addUsage(sums, event.usage);
      sums.modelCalls += 1;
    });
  },
  'tool.called'(state, event) {
    count(state, event.path, (sums) => {
      sums.toolCalls += 1;
    });
  },
  'leaf.finished': applyLeafFinished,
  'leaf.lost'(state, event, at) {
    const flight = giveSlotBack(state, event.path, event.attempt);
    const live = liveAt(state, event.path);
    if (flight === undefined || live === undefined) return;
    live.lost += 1;
    if (live.lost < MAX_LOST) {
      live.stage = 'ready';
      return;
    }
    const message = `lost ${live.lost} times with its driver`;
    settle(state, live, { status: 'failed', failure: { kind: 'lost', message } }, at);
  },
  'leaf.aborted'(state, event, at) {
    const flight = state.inFlight.get(event.path);
    if (flight !== undefined) flight.aborted = true;
    const live = liveAt(state, event.path);
    if (live !== undefined && !live.restart) {
      settle(state, live, { status: 'cancelled', by: event.by }, at);
    }
  },
  'leaf.restarted'(state, event) {
    const live = liveAt(state, event.path);
    if (live !== undefined && state.inFlight.has(event.path)) live.restart = true;
  },
  'timer.requested'(state, event) {
    const live = liveAt(state, event.path);
    if (live !== undefined) live.timer = event.timer;
  },
  'timer.cancelled'(state, event) {
    const live = liveAt(state, event.path);
    if (live !== undefined) live.timer = undefined;
  },
  'timer.fired'(state, event) {
    const live = liveAt(state, event.path);
    if (live === undefined || live.timer !== event.timer) return;
    live.timer = undefined;
    if (live.stage === 'waiting') live.stage = 'ready';
    if (live.plan.node.kind === 'approve') {
      live.answer = { approved: live.plan.node.onTimeout === 'approve', by: 'timeout' };
    }
  },
  'tree.merged'() {},
  'approval.requested'(state, event) {
    state.waiting.add(event.path);
  },
  'approval.answered'(state, event) {
    state.waiting.delete(event.path);
    const live = liveAt(state, event.path);
    if (live === undefined) return;
    const reason = event.reason === undefined ? {} : { reason: event.reason };
    live.answer = { approved: event.approved, by: event.by, ...reason };
  },
  'run.paused'(state) {
    state.paused = true;
  },
  'run.resumed'(state) {
    state.paused = false;
  },
  'run.cancelled'(state) {
    state.cancelled = true;
  },
  'run.stopped'(state, event) {
    state.stopped = event;
  },
  'node.finished'(state, event, at) {
    const { path, outcome, adopted } = event;
    if (adopted !== undefined) {
      const into = state.trees.get(adopted.into);
      state.trees.set(adopted.into, {
        from: into?.from ?? adopted.from.commit,
        at: adopted.from.commit,
        touched: true,
      });
    }
    state.waiting.delete(path);
    const live = liveAt(state, path) ?? openAt(state, path, at);
    settle(state, live, outcome, at);
  },
  'run.finished'(state, event, at) {
    state.finished = { outcome: event.outcome, totals: event.totals, at };
  },
};

/** A leaf attempt may be lost so often before it fails. */
export const MAX_LOST = 3;

function applyLeafFinished(
  state: RunState,
  event: Extract<Fact, { readonly type: 'leaf.finished' }>,
  at: number,
): void {
  const flight = giveSlotBack(state, event.path, event.attempt);
  count(state, event.path, (sums) => {
    if (event.from !== undefined) sums.reused += 1;
    if (event.patch !== undefined) sums.diffLines += event.patch.added + event.patch.removed;
  });
  if (event.fruit !== undefined || event.patch !== undefined) state.fruitful.push(event.path);
  if (flight === undefined) return;
  if (event.tree !== undefined) {
    const tree = state.trees.get(event.tree.key);
    state.trees.set(event.tree.key, {
      from: tree?.from ?? event.tree.commit,
      at: event.tree.commit,
      touched: true,
    });
  }
  const live = liveAt(state, event.path);
  if (live === undefined) return;
  if (live.restart) {
    live.restart = false;
    live.stage = 'ready';
    return;
  }
  const { result } = event;
  if (result.status === 'failed' && mayTryAgain(live, result.failure.kind)) {
    live.stage = 'waiting';
    return;
  }
  const content = result.output === undefined ? {} : { content: result.output };
  const values = event.values === undefined ? {} : { values: event.values };
  const failure = result.status === 'failed' ? { failure: result.failure } : {};
  settle(state, live, { status: result.status, ...failure, ...content, ...values }, at);
}

/** Says whether the author’s retries allow another attempt; lost attempts do not use them up. */
function mayTryAgain(live: Live, kind: string): boolean {
  const { node } = live.plan;
  if (node.kind !== 'leaf') return false;
  const used = live.attempt - live.lost;
  return used < node.retry.maxAttempts && node.retry.on.some((wanted) => wanted === kind);
}

function giveSlotBack(state: RunState, path: NodePath, attempt: number): unknown {
  const flight = state.inFlight.get(path);
  if (flight === undefined || flight.attempt !== attempt) return undefined;
  state.inFlight.delete(path);
  state.busy[flight.slot] -= 1;
  return flight;
}

/** The slots that a leaf takes: processes and models are limited apart. */
export function slotOf(plan: PlanNode): SlotClass {
  if (plan.node.kind !== 'leaf') return 'model';
  const { type } = plan.node.task;
  return type === 'command' || type === 'search' || type === 'merge' ? 'command' : 'model';
}

function openAt(state: RunState, path: NodePath, at: number): Live {
  const plan = planNodeAt(planIn(state), path);
  if (plan === undefined) throw new Error(`no node at ${path}`);
  return openNode(state, plan, path, liveAt(state, parentPath(path)), at);
}

/** Makes a live node below `parent`. The engine calls it for leaves that it finds ready. */
export function openNode(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  parent: Live | undefined,
  at: number,
): Live {
  const live: Live = {
    alive: true,
    plan,
    path,
    parent,
    startedAt: at,
    open: new Set(),
    settled: 0,
    succeeded: 0,
    degraded: 0,
    firstFailed: undefined,
    firstSucceeded: undefined,
    iteration: 0,
    stage: 'ready',
    attempt: 0,
    lost: 0,
    digest: '',
    restart: false,
    timer: undefined,
    answer: undefined,
    next: 0,
    instance: 0,
    keys: undefined,
  };
  state.nodes.set(path, live);
  parent?.open.add(live);
  if (parent?.plan.node.kind === 'loop_until') {
    live.instance = Number(instanceOf(path) ?? 0);
    parent.iteration = Math.max(parent.iteration, live.instance);
  }
  if (plan.node.isolation === 'worktree') forkTree(state, plan, path);
  return live;
}

/** An isolated tree begins where the enclosing one stands when its node starts. */
function forkTree(state: RunState, plan: PlanNode, path: NodePath): void {
  if (state.trees.has(path)) return;
  const from = treeCommit(state, path, plan);
  if (from !== undefined) state.trees.set(path, { from, at: from, touched: false });
}

type Ending = Pick<Settled, 'status'> &
  Partial<Pick<Settled, 'failure' | 'because' | 'by' | 'content' | 'values'>> & {
    readonly output?: OutputRef;
  };

function settle(state: RunState, live: Live, ending: Ending, at: number): void {
  const { plan, path, parent } = live;
  const isLeaf = plan.node.kind === 'leaf';
  const settled: NodeState = {
    alive: false,
    plan,
    path,
    ...ending,
    ...(isLeaf ? { digest: live.digest } : {}),
    attempt: live.attempt,
    iterations: live.iteration,
    startedAt: live.startedAt,
    endedAt: at,
  };
  state.nodes.set(path, settled);
  if (isLeaf) state.leavesDone += 1;
  if (parent === undefined) return;
  parent.open.delete(live);
  parent.settled += 1;
  const { status } = settled;
  if (status === 'succeeded') parent.succeeded += 1;
  if (status === 'degraded') parent.degraded += 1;
  if (status === 'succeeded' || status === 'degraded') parent.firstSucceeded ??= path;
  else if (status !== 'skipped') parent.firstFailed ??= path;
}

/** Adds to the sums of the run and of every tracked node around a path. */
function count(state: RunState, path: NodePath, add: (sums: Sums) => void): void {
  add(state.totals);
  const plan = planIn(state);
  if (plan.tracked.size === 0) return;
  let node = planNodeAt(plan, path);
  for (let at = path; node?.parent !== undefined; node = node.parent, at = parentPath(at)) {
    if (!plan.tracked.has(node.node.id)) continue;
    const sums = state.sums.get(at) ?? emptySums();
    state.sums.set(at, sums);
    add(sums);
  }
}

function addUsage(sums: Sums, usage: Usage): void {
  sums.costMicroUsd += usage.costMicroUsd;
  sums.costStatus =
    sums.modelCalls === 0 ? usage.costStatus : addCostStatus(sums.costStatus, usage.costStatus);
  sums.tokens = addTokens(sums.tokens, usage.tokens);
}
