import type { OutputRef } from './outcome.ts';
import type { Live, NodeState, RunState, Settled } from './run-state.ts';

/** How a node ends. */
export type Ending = Pick<Settled, 'status'> &
  Partial<Pick<Settled, 'failure' | 'because' | 'by' | 'content' | 'values' | 'fruit'>> & {
    readonly output?: OutputRef;
  };

/** The node is its outcome from now on. */
export function settle(state: RunState, live: Live, ending: Ending, at: number): void {
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
  const { status } = settled;
  if (status === 'succeeded' || status === 'degraded') parent.firstSucceeded ??= path;
}
