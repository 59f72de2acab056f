/**
 * How an attempt of a leaf ends: its slot and what is left of its slice come back, and the leaf is its
 * outcome, or is asked again.
 */
import type { NodePath } from '../workflow/node-path.ts';
import { subtractAmounts } from './amounts.ts';
import { addUsage, count } from './apply-sums.ts';
import { moveTree, undoMarks } from './apply-trees.ts';
import type { Fact } from './events.ts';
import { type InFlight, type Live, liveAt, type RunState, triesOf } from './run-state.ts';
import { settle } from './settle.ts';
import { settleBranches } from './unsettled.ts';
import { NO_TOKENS, type Usage } from './usage.ts';

/** A leaf attempt may be lost so often before it fails. */
const MAX_LOST = 3;

/** An attempt that has said how it ended. */
export function applyLeafFinished(
  state: RunState,
  event: Extract<Fact, { readonly type: 'leaf.finished' }>,
  at: number,
): void {
  const flight = giveSlotBack(state, event.path, event.attempt);
  if (flight === undefined) return;
  count(state, event.path, (sums) => {
    if (event.from !== undefined) sums.reused += 1;
    if (event.patch !== undefined) sums.diffLines += event.patch.added + event.patch.removed;
  });
  if (event.fruit !== undefined || event.patch !== undefined) state.fruitful.push(event.path);
  const live = liveAt(state, event.path);
  if (live === undefined) {
    keepLateFruit(state, event);
    return;
  }
  if (isBrokenOff(live, event)) {
    live.short = event.late === true || event.stop !== undefined ? live.short : event.short;
    undoMarks(state, live);
    breakOff(live);
    return;
  }
  if (event.tree !== undefined) moveTree(state, event.tree);
  const { result } = event;
  if (result.status === 'failed' && mayTryAgain(live, result.failure.kind)) {
    live.stage = 'waiting';
    return;
  }
  const content = result.output === undefined ? {} : { content: result.output };
  const values = event.values === undefined ? {} : { values: event.values };
  const failure = result.status === 'failed' ? { failure: result.failure } : {};
  const fruit = event.fruit === undefined ? {} : { fruit: event.fruit };
  settle(state, live, { status: result.status, ...failure, ...content, ...values, ...fruit }, at);
}

/** An attempt that nobody heard the end of: the leaf is ready again, a few times. */
export function applyLeafLost(
  state: RunState,
  event: Extract<Fact, { readonly type: 'leaf.lost' }>,
  at: number,
): void {
  const flight = giveSlotBack(state, event.path, event.attempt);
  const live = liveAt(state, event.path);
  if (flight === undefined || live === undefined) return;
  undoMarks(state, live);
  if (live.restart) {
    breakOff(live);
    return;
  }
  live.lost += 1;
  if (live.lost < MAX_LOST) {
    live.stage = 'ready';
    return;
  }
  const message =
    event.because === 'tree'
      ? `lost ${live.lost} times, at last because its tree was deleted under it`
      : `lost ${live.lost} times with its driver`;
  settle(state, live, { status: 'failed', failure: { kind: 'lost', message } }, at);
}

/** The attempt says nothing about the leaf: it is to be asked again. */
function isBrokenOff(
  live: Live,
  { late, short, stop }: Extract<Fact, { readonly type: 'leaf.finished' }>,
): boolean {
  return live.restart || late === true || short !== undefined || stop !== undefined;
}

/** What an aborted leaf found is no outcome any more, but it is fruit. */
function keepLateFruit(
  state: RunState,
  { path, fruit }: Extract<Fact, { readonly type: 'leaf.finished' }>,
): void {
  const settled = state.nodes.get(path);
  if (fruit === undefined || settled === undefined || settled.alive) return;
  state.nodes.set(path, { ...settled, fruit });
}

/** The attempt counts as nothing: the leaf is ready again. */
function breakOff(live: Live): void {
  if (live.restart) live.restarts += 1;
  live.restart = false;
  live.brokenOff += 1;
  live.stage = 'ready';
}

/** Says whether the author’s retries allow another attempt; lost attempts do not use them up. */
function mayTryAgain(live: Live, kind: string): boolean {
  const { node } = live.plan;
  if (node.kind !== 'leaf') return false;
  return triesOf(live) < node.retry.maxAttempts && node.retry.on.some((wanted) => wanted === kind);
}

/** Calls that never came back count as spent in full; what is left of the slice is free again. */
function giveSlotBack(state: RunState, path: NodePath, attempt: number): InFlight | undefined {
  const flight = state.inFlight.get(path);
  if (flight === undefined || flight.attempt !== attempt) return undefined;
  state.inFlight.delete(path);
  settleBranches(state, path);
  state.waiting.delete(path);
  state.busy[flight.slot] -= 1;
  for (const { costMicroUsd, tokens } of flight.calls.values()) {
    const usage: Usage = {
      tokens: { ...NO_TOKENS, uncached: tokens },
      costMicroUsd,
      costStatus: 'estimated',
    };
    count(state, path, (sums) => {
      addUsage(sums, usage);
      sums.modelCalls += 1;
    });
  }
  count(state, path, (sums) => {
    sums.inFlight -= 1;
    sums.held = subtractAmounts(sums.held, flight.left);
  });
  return flight;
}
