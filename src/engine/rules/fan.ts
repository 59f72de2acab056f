/** Children side by side: what `branch_set` and `expand` share. */

import type { Loser } from '../../trace/events.ts';
import type { Outcome, OutputRef } from '../../trace/outcome.ts';
import {
  isSuccess,
  type Live,
  liveAt,
  type RunState,
  type Settled,
  settledAt,
  treeKeyOf,
} from '../../trace/run-state.ts';
import { childPath, instanceOf, type NodePath } from '../../workflow/node-path.ts';
import { stepHarvest } from './harvest.ts';
import { outcomeLike } from './line.ts';
import { type Fan, finish, type Step, start, WAIT } from './rule.ts';

/** Its children, the merge of their trees, and trials on it; undefined when all of that has ended. */
export function stepFan(state: RunState, live: Live, fan: Fan): Step | undefined {
  // Trials are below the node too: they would have one another wait as children do.
  if (live.verdict !== undefined) return stepTrials(state, live, fan);
  return (
    stepChildren(state, live, fan) ?? stepMerge(state, live, fan) ?? stepTrials(state, live, fan)
  );
}

/** Starts what may start; undefined when every child has ended. */
export function stepChildren(state: RunState, live: Live, fan: Fan): Step | undefined {
  for (; live.next < fan.count; live.next += 1) {
    const { plan, path } = fan.at(live.next);
    if (state.nodes.has(path)) continue;
    if (live.open.size >= fan.maxParallel) return WAIT;
    return start(plan, path, live.next, fan.isPatient ? fan : undefined);
  }
  return live.open.size > 0 ? WAIT : undefined;
}

/** Merges the trees of children that asked for it; undefined when there is nothing (left) to do. */
function stepMerge(state: RunState, live: Live, fan: Fan): Step | undefined {
  const { derived, conflict } = live.plan;
  if (derived === undefined || mergeSources(state, fan).length === 0) return undefined;
  const path = childPath(live.path, derived.segment);
  const merge = settledAt(state, path);
  if (merge === undefined) return liveAt(state, path) === undefined ? start(derived, path) : WAIT;
  if (merge.status !== 'failed' && merge.status !== 'cancelled') return undefined;
  if (conflict === undefined || merge.failure?.kind !== 'merge_conflict') {
    return finish(outcomeLike(merge));
  }
  const resolverPath = childPath(live.path, conflict.segment);
  const resolver = settledAt(state, resolverPath);
  if (resolver === undefined) {
    return liveAt(state, resolverPath) === undefined ? start(conflict, resolverPath) : WAIT;
  }
  const isSolved = resolver.status === 'succeeded' || resolver.status === 'degraded';
  if (isSolved) return undefined;
  return finish(outcomeLike(resolver.status === 'skipped' ? merge : resolver));
}

/** Tries on the merged tree what failed children left; undefined when there is nothing (left) to do. */
function stepTrials(state: RunState, live: Live, fan: Fan): Step | undefined {
  const { derived, conflict } = live.plan;
  if (live.plan.harvest === undefined) return undefined;
  const merged = [conflict, derived].find((plan) => {
    const ended = plan && settledAt(state, childPath(live.path, plan.segment));
    return ended !== undefined && isSuccess(ended);
  });
  if (merged === undefined) return undefined;
  const winner = childPath(live.path, merged.segment);
  return stepHarvest(state, live, { winner, losers: failedIn(state, fan), value: null });
}

/** Children that failed or never came to their end. */
export function failedIn(state: RunState, fan: Fan): readonly Loser[] {
  const losers: Loser[] = [];
  for (let index = 0; index < fan.count; index += 1) {
    const { plan, path } = fan.at(index);
    const ended = settledAt(state, path);
    const name = plan.side === 'template' ? (instanceOf(path) ?? '') : plan.segment;
    if (ended === undefined || !isSuccess(ended)) losers.push({ name, path });
  }
  return losers;
}

export interface MergeSource {
  readonly path: NodePath;
  readonly commit: string;
  /** Where its tree was forked. */
  readonly base: string;
}

/** The changed trees of successful children, in order. */
export function mergeSources(state: RunState, fan: Fan): readonly MergeSource[] {
  const sources: MergeSource[] = [];
  for (let index = 0; index < fan.count; index += 1) {
    const { plan, path } = fan.at(index);
    const ended = settledAt(state, path);
    const isGood = ended?.status === 'succeeded' || ended?.status === 'degraded';
    const tree = treeKeyOf(path, plan) === path ? state.trees.get(path) : undefined;
    if (isGood && tree?.touched) sources.push({ path, commit: tree.at, base: tree.from });
  }
  return sources;
}

/** `all`: succeeded if all did, degraded if some did, failed if none did. */
export function fanOutcome(
  state: RunState,
  fan: Fan,
  output: OutputRef,
  isAnyEnough = false,
): Outcome {
  let succeeded = 0;
  let degraded = 0;
  for (let index = 0; index < fan.count; index += 1) {
    const { status } = settledAt(state, fan.at(index).path) ?? {};
    if (status === 'succeeded') succeeded += 1;
    if (status === 'degraded') degraded += 1;
  }
  if (succeeded + degraded === 0 && fan.count > 0) return noneSucceeded(state, fan);
  const isWhole = isAnyEnough ? succeeded > 0 : succeeded === fan.count;
  return { status: isWhole ? 'succeeded' : 'degraded', output };
}

/** As the first one written that failed, whichever ended first. */
function noneSucceeded(state: RunState, fan: Fan): Outcome {
  let first: Settled | undefined;
  for (let index = 0; index < fan.count && first === undefined; index += 1) {
    const ended = settledAt(state, fan.at(index).path);
    if (ended?.status === 'failed' || ended?.status === 'cancelled') first = ended;
  }
  if (first === undefined) return { status: 'skipped', because: 'input' };
  const like = outcomeLike(first);
  if (like.status !== 'failed') return like;
  const message = `none of ${fan.count} branches succeeded; first: ${like.failure.message}`;
  return { status: 'failed', failure: { kind: like.failure.kind, message } };
}
