/**
 * The fold of a trace: `apply(state, event)`, with the files beside it, is the only code that changes a
 * `RunState`, in the engine as in every reader. Each event costs O(depth of nesting), never O(run).
 */
import { instanceOf, type NodePath, parentPath } from '../workflow/node-path.ts';
import { type PlanNode, planNodeAt, planOf } from '../workflow/plan.ts';
import { addAmounts, NO_AMOUNTS, ONE_STEP, subtractAmounts } from './amounts.ts';
import { applyLeafFinished, applyLeafLost } from './apply-leaf-end.ts';
import { addUsage, count, takeFrom } from './apply-sums.ts';
import { endConflict, forkTree, moveTree } from './apply-trees.ts';
import type { EventBody } from './events.ts';
import { openNode } from './open-node.ts';
import { type Live, liveAt, planIn, type RunState, type SlotClass } from './run-state.ts';
import { type Ending, settle } from './settle.ts';
import { awaitHarvest } from './unsettled.ts';
import { totalTokens } from './usage.ts';

type EventOf<T extends EventBody['type']> = Extract<EventBody, { readonly type: T }>;
type Handlers = {
  readonly [T in EventBody['type']]?: (state: RunState, event: EventOf<T>, at: number) => void;
};

/** Folds one event in. Types that this build does not know are ignored. */
export function apply(state: RunState, event: EventBody, at: number): void {
  // What lies between two drivers, or in a pause, is no time of the run.
  const isActive = state.started !== undefined && event.type !== 'run.driven' && !state.paused;
  const jumpMs = event.type === 'clock.jumped' ? event.byMs : 0;
  const sinceMs = Math.max(0, at - state.at - jumpMs);
  if (isActive) state.activeMs += sinceMs;
  // A first driver is only on its way.
  const isDrivenAgain = event.type === 'run.driven' && state.epoch > 0;
  if (isDrivenAgain || isResting(state)) state.restMs += sinceMs;
  state.at = at;
  const handler = handlers[event.type] as
    | ((state: RunState, event: EventBody, at: number) => void)
    | undefined;
  handler?.(state, event, at);
}

/** Nothing is at work, and nothing will be before somebody says a word. */
export function isResting({ paused, waiting, stopped, inFlight }: RunState): boolean {
  if (!paused && waiting.size === 0 && stopped === undefined) return false;
  // A leaf may ask in the middle of its work.
  for (const path of inFlight.keys()) if (!waiting.has(path)) return false;
  return true;
}

const handlers: Handlers = {
  'run.started'(state, event, at) {
    if (state.started !== undefined) return;
    state.started = event;
    state.startedAt = at;
    state.plan = planOf(event.spec);
    if (event.base !== undefined) {
      state.trees.set('', { from: event.base.commit, at: event.base.commit, touched: false });
    }
    beginNode(state, openNode(state, state.plan.root, '', undefined, at), at);
  },
  'run.driven'(state, event) {
    state.epoch = event.epoch;
    state.stopped = undefined;
  },
  'node.started'(state, event, at) {
    const live = openAt(state, event.path, at);
    beginNode(state, live, at);
    forkTree(state, live);
  },
  'leaf.requested'(state, event, at) {
    const live = liveAt(state, event.path) ?? openAt(state, event.path, at);
    if (live.attempt === 0) {
      beginNode(state, live, at);
      forkTree(state, live, event.tree?.commit);
    }
    live.stage = 'requested';
    live.attempt = event.attempt;
    live.digest = event.digest;
    live.timer = undefined;
    const slot = slotOf(live.plan);
    const { path, attempt } = event;
    const { costMicroUsd = 0, tokens = 0, steps = 0 } = event.slice ?? {};
    const left = { costMicroUsd, tokens, steps };
    state.inFlight.set(path, {
      path,
      attempt,
      requestedAt: at,
      slot,
      started: false,
      aborted: false,
      calls: new Map(),
      left,
    });
    state.busy[slot] += 1;
    count(state, path, (sums) => {
      sums.leaves += 1;
      sums.inFlight += 1;
      sums.held = addAmounts(sums.held, left);
    });
  },
  'leaf.started'(state, event) {
    const flight = state.inFlight.get(event.path);
    if (flight?.attempt === event.attempt) flight.started = true;
  },
  'model.requested'(state, event) {
    const flight = state.inFlight.get(event.path);
    if (flight?.attempt === event.attempt) flight.calls.set(callKey(event), event.reserved);
  },
  'model.called'(state, event) {
    const flight = state.inFlight.get(event.path);
    const { usage } = event;
    const isHeld = flight?.attempt === event.attempt;
    if (isHeld) flight.calls.delete(callKey(event));
    const used = { costMicroUsd: usage.costMicroUsd, tokens: totalTokens(usage.tokens), steps: 1 };
    const taken = isHeld ? takeFrom(flight, used) : NO_AMOUNTS;
    count(state, event.path, (sums) => {
      addUsage(sums, usage);
      sums.modelCalls += 1;
      sums.held = subtractAmounts(sums.held, taken);
    });
  },
  'tool.called'(state, event) {
    const flight = state.inFlight.get(event.path);
    const isHeld = flight?.attempt === event.attempt;
    const taken = isHeld ? takeFrom(flight, ONE_STEP) : NO_AMOUNTS;
    count(state, event.path, (sums) => {
      sums.toolCalls += 1;
      sums.held = subtractAmounts(sums.held, taken);
    });
  },
  'leaf.finished': applyLeafFinished,
  'leaf.lost': applyLeafLost,
  'leaf.aborted'(state, event, at) {
    const flight = state.inFlight.get(event.path);
    const live = liveAt(state, event.path);
    // The first abort of a leaf that is to run again ends the attempt only; a second one ends the leaf.
    const isRestart = live?.restart === true && flight?.aborted === false;
    if (flight !== undefined) flight.aborted = true;
    state.waiting.delete(event.path);
    if (live !== undefined && !isRestart) {
      const ending: Ending =
        event.by === 'skip'
          ? { status: 'skipped', because: 'person' }
          : { status: 'cancelled', by: event.by };
      settle(state, live, ending, at);
    }
  },
  'leaf.restarted'(state, event) {
    const live = liveAt(state, event.path);
    const flight = state.inFlight.get(event.path);
    if (live !== undefined && flight?.aborted === false) live.restart = true;
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
  'tree.merged'(state, event) {
    const owner = planNodeAt(planIn(state), event.path)?.parent;
    const isHeld = state.inFlight.get(event.path)?.aborted === false;
    if (!isHeld || event.conflicts.length === 0 || owner?.conflict === undefined) return;
    const { key, commit } = event.into;
    const tree = state.trees.get(key);
    if (tree === undefined) return;
    state.trees.set(key, { ...tree, at: commit, beforeConflict: tree.at });
  },
  'approval.asked'(state, event) {
    if (state.inFlight.get(event.path)?.aborted === false) state.waiting.add(event.path);
  },
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
  'budget.raised'(state, event) {
    state.raised = { ...state.raised, ...event.budget };
    if (state.stopped?.because === 'budget') state.stopped = undefined;
  },
  'candidates.ranked'(state, { path, winner, losers, value }) {
    const live = liveAt(state, path);
    if (live !== undefined) live.verdict = { winner, losers, value };
  },
  'node.finished'(state, event, at) {
    const { path, outcome, adopted, unsettled = [] } = event;
    if (adopted !== undefined) {
      moveTree(state, { key: adopted.into, commit: adopted.from.commit });
    }
    state.waiting.delete(path);
    const live = liveAt(state, path) ?? openAt(state, path, at);
    if (live.attempt === 0 && live.plan.node.kind === 'leaf') beginNode(state, live, at);
    endConflict(state, live, outcome.status === 'succeeded' || outcome.status === 'degraded');
    settle(state, live, outcome, at);
    for (const loser of unsettled) awaitHarvest(state, path, loser);
  },
  'run.finished'(state, event, at) {
    state.finished = { outcome: event.outcome, totals: event.totals, at };
  },
};

const callKey = (event: { readonly call: number; readonly try: number }): string =>
  `${event.call}/${event.try}`;

/** The slots that a leaf takes: processes and models are limited apart. */
export function slotOf(plan: PlanNode): SlotClass {
  if (plan.node.kind !== 'leaf') return 'model';
  const { type } = plan.node.task;
  return type === 'command' || type === 'search' || type === 'merge' || type === 'harvest'
    ? 'command'
    : 'model';
}

function openAt(state: RunState, path: NodePath, at: number): Live {
  const plan = planNodeAt(planIn(state), path);
  if (plan === undefined) throw new Error(`no node at ${path}`);
  return openNode(state, plan, path, liveAt(state, parentPath(path)), at);
}

/** A node begins with its first event; a leaf that only waits for admission has not begun. */
function beginNode(state: RunState, live: Live, at: number): void {
  const { parent } = live;
  live.startedAt = at;
  live.startedActiveMs = state.activeMs;
  if (parent?.plan.node.kind !== 'loop_until') return;
  parent.iteration = Math.max(parent.iteration, Number(instanceOf(live.path) ?? 0));
}
