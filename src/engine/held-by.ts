/** Why a leaf that is ready has not begun, for people: nothing decides on it. */
import { slotOf } from '../trace/apply.ts';
import { liveNode } from '../trace/open-node.ts';
import { type Live, liveAt, type RunState } from '../trace/run-state.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { cutSlice } from './admission/slice.ts';

export interface HoldingBudget {
  /** The node whose budget it is; undefined for the run’s. */
  readonly path: string | undefined;
  /** What is short there; undefined where others are in line before it. */
  readonly shortage: string | undefined;
}

/** The same for a leaf that no reader has seen come alive: it has no event of its own before its request. */
export function unbegunHeldBy(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
): HoldingBudget | undefined {
  if (plan.node.kind !== 'leaf') return undefined;
  return heldBy(state, liveNode(state, plan, path, liveAt(state, parentPath(path)), state.at));
}

/** The budget that a ready leaf waits for; undefined where it waits for a slot, or for nothing. */
export function heldBy(state: RunState, live: Live): HoldingBudget | undefined {
  const { started } = state;
  const slot = slotOf(live.plan);
  if (started === undefined || started.rulesVersion < 2) return undefined;
  if (state.busy[slot] >= started.config.concurrency[slot]) return undefined;
  const cut = cutSlice(state, live, slot);
  if ('at' in cut) {
    const isRun = cut.at.parent === undefined;
    const { message } = cut;
    const id = `${cut.at.plan.node.id}: `;
    return isRun
      ? { path: undefined, shortage: message }
      : {
          path: cut.at.path,
          shortage: message.startsWith(id) ? message.slice(id.length) : message,
        };
  }
  // Whoever is first in line at a budget keeps all those behind it there.
  for (let at: Live | undefined = live.parent; at !== undefined; at = at.parent) {
    if (at.plan.node.budget === undefined || state.inFlight.size === 0) continue;
    return { path: at.parent === undefined ? undefined : at.path, shortage: undefined };
  }
  return undefined;
}
