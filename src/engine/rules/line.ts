/** Children one after the other: what `sequence`, an iteration of a loop and a side of `cond` share. */

import type { Outcome, OutputRef } from '../../trace/outcome.ts';
import type { Live, RunState, Settled } from '../../trace/run-state.ts';
import { settledAt } from '../../trace/run-state.ts';
import { childPath, type NodePath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { NONE, type Step, start, WAIT } from './rule.ts';

export type LineStep = Step | { readonly do: 'end'; readonly stoppedBy: Settled | undefined };

/** Asks for the next child in `scope`; ends at the first failure, or behind the last child. */
export function stepLine(
  state: RunState,
  live: Live,
  line: {
    readonly scope: NodePath;
    readonly children: readonly PlanNode[];
    readonly onFailure: 'stop' | 'continue';
    readonly instance: number;
  },
): LineStep {
  for (; ; live.next += 1) {
    const child = line.children[live.next];
    if (child === undefined) return { do: 'end', stoppedBy: undefined };
    const path = childPath(line.scope, child.segment);
    const entry = state.nodes.get(path);
    if (entry === undefined) return start(child, path, line.instance);
    if (entry.alive) return WAIT;
    const isBad = entry.status === 'failed' || entry.status === 'cancelled';
    if (isBad && line.onFailure === 'stop') return { do: 'end', stoppedBy: entry };
  }
}

/** The children of a line that have ended, in order. */
export function settledLine(
  state: RunState,
  scope: NodePath,
  children: readonly PlanNode[],
): readonly Settled[] {
  return children
    .map((child) => settledAt(state, childPath(scope, child.segment)))
    .filter((entry) => entry !== undefined);
}

/** The outcome of a line that has ended: its last child’s output, and the worst of what happened. */
export function lineOutcome(ended: readonly Settled[], stoppedBy: Settled | undefined): Outcome {
  if (stoppedBy !== undefined) return outcomeLike(stoppedBy);
  const good = ended.filter((entry) => entry.status === 'succeeded' || entry.status === 'degraded');
  if (good.length === 0 && ended.length > 0) {
    const failed = ended.find((entry) => entry.status === 'failed' || entry.status === 'cancelled');
    return failed === undefined ? { status: 'skipped', because: 'input' } : outcomeLike(failed);
  }
  const allWell = ended.every((entry) => entry.status === 'succeeded');
  return { status: allWell ? 'succeeded' : 'degraded', output: outputOfLast(ended) };
}

/** Failed or cancelled as a node below was, saying which. */
export function outcomeLike(below: Settled): Outcome {
  if (below.status === 'cancelled') return { status: 'cancelled', by: below.by ?? 'parent' };
  const failure = below.failure ?? { kind: 'internal', message: 'failed without a reason' };
  const isLeaf = below.plan.node.kind === 'leaf';
  const message = isLeaf ? `${below.plan.segment}: ${failure.message}` : failure.message;
  return { status: 'failed', failure: { kind: failure.kind, message } };
}

function outputOfLast(ended: readonly Settled[]): OutputRef {
  const last = ended.at(-1);
  return last === undefined || last.status === 'skipped' ? NONE : { type: 'node', path: last.path };
}
