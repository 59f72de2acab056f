/** Nodes as they come alive. */
import { instanceOf, type NodePath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import type { Live, RunState } from './run-state.ts';

/** A leaf never has any: there may be 100,000 that wait. */
const NO_CHILDREN: Set<Live> = new Set();

/** Makes a live node below `parent`; the engine calls it for leaves that it finds ready. */
export function openNode(
  state: RunState,
  plan: PlanNode,
  path: NodePath,
  parent: Live | undefined,
  at: number,
): Live {
  const live = liveNode(state, plan, path, parent, at);
  state.nodes.set(path, live);
  parent?.open.add(live);
  return live;
}

/** A live node that no state knows: as it would be if it came alive now. */
export function liveNode(
  { activeMs }: Pick<RunState, 'activeMs'>,
  plan: PlanNode,
  path: NodePath,
  parent: Live | undefined,
  at: number,
): Live {
  return {
    alive: true,
    plan,
    path,
    parent,
    startedAt: at,
    startedActiveMs: activeMs,
    open: plan.node.kind === 'leaf' ? NO_CHILDREN : new Set(),
    firstSucceeded: undefined,
    iteration: 0,
    stage: 'ready',
    attempt: 0,
    lost: 0,
    brokenOff: 0,
    restarts: 0,
    short: undefined,
    digest: '',
    restart: false,
    timer: undefined,
    answer: undefined,
    verdict: undefined,
    next: 0,
    round: 0,
    fruitfulBefore: 0,
    instance: parent?.plan.node.kind === 'loop_until' ? Number(instanceOf(path) ?? 0) : 0,
  };
}
