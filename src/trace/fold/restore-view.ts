import { type NodePath, parentPath } from '../../workflow/node-path.ts';
import { AttemptBook, type KeptAttempts } from '../attempt-book.ts';
import type { TraceEvent } from '../events.ts';
import { addRollup, emptyRollup, type Rollup } from '../rollup.ts';
import type { RunViewParts } from '../run-view.ts';
import { revive } from './kept-attempts.ts';
import { restoreState } from './restore-state.ts';
import type { EndedPart, OpenPart } from './segment.ts';

export interface ViewStart {
  /** The run’s first event. */
  readonly first: TraceEvent;
  readonly ended: readonly EndedPart[];
  readonly open: OpenPart;
  readonly kept: KeptAttempts;
}

/** A reader’s fold after the events that a row of snapshots stands for. */
export function restoreView({ first, ended, open, kept }: ViewStart): RunViewParts {
  const state = restoreState(first, ended, open);
  const book = new AttemptBook(kept);
  for (const [path, attempts] of open.attempts) book.put(path, revive(attempts));
  const rollups = new Map<NodePath, Rollup>();
  for (const [path, more] of ended.flatMap((part) => part.rollups)) {
    const sums = rollups.get(path) ?? emptyRollup();
    addRollup(sums, more);
    rollups.set(path, sums);
  }
  return { state, book, rollups, children: childrenOf(state.nodes.keys()) };
}

function childrenOf(paths: Iterable<NodePath>): Map<NodePath, NodePath[]> {
  const children = new Map<NodePath, NodePath[]>();
  for (const path of paths) {
    if (path === '') continue;
    const parent = parentPath(path);
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [path]);
    else siblings.push(path);
  }
  return children;
}
