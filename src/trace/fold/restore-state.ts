import { parentPath } from '../../workflow/node-path.ts';
import { planNodeAt } from '../../workflow/plan.ts';
import { addAmounts } from '../amounts.ts';
import { apply } from '../apply.ts';
import type { TraceEvent } from '../events.ts';
import { openNode } from '../open-node.ts';
import { statusOf } from '../rollup.ts';
import {
  emptyRunState,
  emptySums,
  liveAt,
  planIn,
  type RunState,
  type Settled,
  type Sums,
} from '../run-state.ts';
import { addTokens } from '../usage.ts';
import type { EndedPart, OpenPart } from './segment.ts';

/**
 * The state of a run after the events that a row of snapshots stands for: exactly what folding them
 * gives. Without `ended` only what is open is there.
 */
export function restoreState(
  first: TraceEvent,
  ended: readonly EndedPart[],
  open: OpenPart,
): RunState {
  const state = startState(first);
  Object.assign(state, open.run);
  for (const [path, tree] of open.trees) state.trees.set(path, tree);
  for (const [path, branch] of open.unsettled) state.unsettled.set(path, { ...branch });
  for (const path of open.waiting) state.waiting.add(path);
  for (const { calls, ...flight } of open.inFlight) {
    state.inFlight.set(flight.path, { ...flight, calls: new Map(calls) });
  }
  for (const part of ended) {
    for (const path of part.fruitful) state.fruitful.push(path);
    for (const [path, sums] of part.sums) state.sums.set(path, added(state.sums.get(path), sums));
  }
  restoreNodes(state, ended, open);
  return state;
}

function startState(first: TraceEvent): RunState {
  const state = emptyRunState();
  apply(state, first, first.at);
  state.nodes.clear();
  state.trees.clear();
  return state;
}

/** Nodes stand in the order of their beginning, whether they have ended or not. */
function restoreNodes(state: RunState, ended: readonly EndedPart[], open: OpenPart): void {
  const plan = planIn(state);
  const settled = new Map<string, Settled>();
  for (const record of [...ended.map((part) => part.settled), open.ending].flat()) {
    const node = planNodeAt(plan, record.path);
    if (node !== undefined) settled.set(record.path, { alive: false, plan: node, ...record });
  }
  const live = new Map(open.live.map((record) => [record.path, record]));
  const begun =
    ended.length === 0 ? [[...live.keys(), ...settled.keys()]] : ended.map((part) => part.begun);
  for (const path of begun.flat()) {
    const entry = settled.get(path);
    const record = live.get(path);
    const node = planNodeAt(plan, path);
    if (entry !== undefined) state.nodes.set(path, entry);
    else if (record !== undefined && node !== undefined) {
      const parent = path === '' ? undefined : liveAt(state, parentPath(path));
      Object.assign(openNode(state, node, path, parent, record.startedAt), record);
    }
  }
}

function added(sums: Sums = emptySums(), more: Sums): Sums {
  return {
    costMicroUsd: sums.costMicroUsd + more.costMicroUsd,
    costStatus: statusOf(sums, more),
    tokens: addTokens(sums.tokens, more.tokens),
    modelCalls: sums.modelCalls + more.modelCalls,
    toolCalls: sums.toolCalls + more.toolCalls,
    leaves: sums.leaves + more.leaves,
    reused: sums.reused + more.reused,
    diffLines: sums.diffLines + more.diffLines,
    inFlight: sums.inFlight + more.inFlight,
    held: addAmounts(sums.held, more.held),
  };
}
