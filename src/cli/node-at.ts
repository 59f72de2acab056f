/** Addresses held against a run: whether a node is there, and why one never ran. */
import { WhaleFlowError } from '../base/errors.ts';
import type { RunView } from '../trace/run-view.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import { type PlanNode, planNodeAt } from '../workflow/plan.ts';
import { topSegment } from './address.ts';

/** The node of an address; undefined where the plan has none there, or its iteration never began. */
export function nodeAt(view: RunView, path: NodePath): PlanNode | undefined {
  const { plan, nodes } = view.state;
  const found = plan === undefined ? undefined : planNodeAt(plan, path);
  if (found === undefined || nodes.has(path)) return found;
  const segments = path.split('/');
  let at: PlanNode | undefined = found;
  for (let last = segments.length - 1; last >= 0; last -= 1, at = at.parent) {
    const segment = segments[last] ?? '';
    const hasInstance = segment.endsWith(']');
    if (at?.parent === undefined || segment.replace(/\[.*$/, '') !== at.segment) return undefined;
    const isBelow = last < segments.length - 1;
    const { kind } = at.node;
    if (hasInstance !== (isBelow && (kind === 'loop_until' || kind === 'expand'))) return undefined;
    if (hasInstance && !hasBegun(view, segments.slice(0, last + 1).join('/'))) return undefined;
  }
  return at?.parent === undefined ? found : undefined;
}

/** Nothing stands at an address: what does. */
export function noNode(view: RunView, run: string, path: string): WhaleFlowError {
  const known = [...view.state.nodes.keys()].filter((one) => one !== '').slice(0, 10);
  return new WhaleFlowError('WF2006', `no node ${path} in ${run}`, {
    notes: known.length === 0 ? [] : [`there are: ${known.join(', ')}`],
    hint: `see them all: whaleflow show ${run}`,
  });
}

function hasBegun({ state }: RunView, scope: string): boolean {
  for (const path of state.nodes.keys()) if (path.startsWith(`${scope}/`)) return true;
  return false;
}

/** Why a node that has not begun never will; undefined while it may. */
export function whyNotRun(view: RunView, path: NodePath): string | undefined {
  const { nodes, plan, finished } = view.state;
  let around = parentPath(path);
  while (around !== '' && !nodes.has(around)) around = parentPath(around);
  const entry = around === '' ? undefined : nodes.get(around);
  if (entry !== undefined && !entry.alive) {
    const isChoice = entry.plan.node.kind === 'cond' && entry.status === 'succeeded';
    return isChoice ? `${around} chose the other way` : `${around} ${entry.status}`;
  }
  if (finished === undefined) return undefined;
  if (finished.outcome.status === 'cancelled') return 'the run was cancelled';
  const phases = plan?.root.children ?? [];
  const at = phases.findIndex(({ segment }) => segment === topSegment(path));
  const before = phases.slice(0, at).findLast(({ segment }) => {
    const ended = nodes.get(segment);
    return ended !== undefined && !ended.alive && ended.status !== 'succeeded';
  });
  const ended = before === undefined ? undefined : nodes.get(before.segment);
  if (before === undefined || ended === undefined || ended.alive) return 'the run has ended';
  return `${before.segment} ${ended.status}`;
}

/** The state of a node for programs: an outcome, `running`, `waiting` or `not_run`. */
export function stateWord(view: RunView, path: NodePath): string {
  const entry = view.state.nodes.get(path);
  if (entry !== undefined) return entry.alive ? 'running' : entry.status;
  return whyNotRun(view, path) === undefined ? 'waiting' : 'not_run';
}
