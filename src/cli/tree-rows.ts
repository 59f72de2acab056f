/** The nodes of a run as rows of a tree: what `show` prints and the live view redraws. */

import { type AttemptView, workedMs } from '../trace/attempt-view.ts';
import type { NodeState, Settled } from '../trace/run-state.ts';
import type { RunView } from '../trace/run-view.ts';
import type { LiveRow } from '../trace/trace-store.ts';
import { totalTokens } from '../trace/usage.ts';
import { childPath, type NodePath } from '../workflow/node-path.ts';
import type { PlanNode } from '../workflow/plan.ts';
import { activityText, isTool } from './activity.ts';
import { addressWord } from './address.ts';
import { costText, countText } from './amounts.ts';
import { durationText } from './duration.ts';
import { whyNotRun } from './node-at.ts';
import type { Mark } from './style.ts';
import { typed } from './typed.ts';
import { readyReason, unbegunReason } from './wait-reason.ts';

export interface TreeRow {
  readonly path: NodePath;
  /** 0 for a phase. */
  readonly depth: number;
  readonly mark: Mark;
  readonly name: string;
  /** State and time: `running 1m40s`. */
  readonly word: string;
  /** `2/4`, `3/≤12`; empty for leaves. */
  readonly done: string;
  readonly tokens: string;
  readonly cost: string;
  /** What else is worth a look: why it waits or failed, what it does, who won. */
  readonly detail: string;
}

export interface TreeRequest {
  readonly now: number;
  /** Of any run, as short as it is unique. */
  readonly short: (run: string) => string;
  /** Its driver died: what looks alive is not. */
  readonly isLost?: boolean;
  /** It stands still until somebody does something. */
  readonly isResting?: boolean;
  /** What running leaves do, by path. */
  readonly live?: ReadonlyMap<NodePath, LiveRow>;
  /** Only nodes at work or in trouble are opened. */
  readonly isBrief: boolean;
  /** Children of one node at most; the rest is counted. */
  readonly maxChildren: number;
}

/** Rows of all phases, as written. */
export function treeRows(view: RunView, request: TreeRequest): readonly TreeRow[] {
  const { plan } = view.state;
  if (plan === undefined) return [];
  const rows: TreeRow[] = [];
  const phases = plan.root.children;
  for (const [at, phase] of phases.entries()) {
    const before = phases[at - 1]?.segment;
    addRows({ view, request, rows }, { plan: phase, path: phase.segment, depth: 0, before });
  }
  return rows;
}

interface Walk {
  readonly view: RunView;
  readonly request: TreeRequest;
  readonly rows: TreeRow[];
}

interface Visit {
  readonly plan: PlanNode;
  readonly path: NodePath;
  readonly depth: number;
  /** The sibling that runs before it. */
  readonly before: string | undefined;
  readonly parent?: NodePath;
}

function addRows(walk: Walk, visit: Visit): void {
  const { view, request, rows } = walk;
  const entry = view.state.nodes.get(visit.path);
  rows.push(rowOf(walk, visit, entry));
  if (visit.plan.node.kind === 'leaf' || entry === undefined) return;
  if (request.isBrief && !isInteresting(entry)) return;
  const children = childVisits(view, visit, entry);
  const shown = children.slice(0, request.maxChildren);
  for (const child of shown) addRows(walk, child);
  const hidden = children.length - shown.length;
  if (hidden > 0) rows.push(restRow(visit, hidden));
}

const isInteresting = (entry: NodeState): boolean =>
  entry.alive || entry.status === 'failed' || entry.status === 'degraded';

function restRow({ path, depth }: Visit, hidden: number): TreeRow {
  const name = `… ${hidden} more`;
  const empty = { done: '', tokens: '', cost: '', detail: '' };
  return { path, depth: depth + 1, mark: 'waiting', name, word: '', ...empty };
}

/** Children that have begun and, where their number is known, those that have not, as written. */
function childVisits(view: RunView, visit: Visit, entry: NodeState): readonly Visit[] {
  const { plan, path, depth } = visit;
  const begun = view.children(path).flatMap((child): Visit[] => {
    const childPlan = view.state.nodes.get(child)?.plan;
    if (childPlan === undefined) return [];
    return [{ plan: childPlan, path: child, depth: depth + 1, before: undefined, parent: path }];
  });
  const isGrowing = plan.node.kind === 'loop_until' || plan.node.kind === 'expand';
  if (isGrowing || !entry.alive) return begun;
  const known = new Set(begun.map((child) => child.path));
  const isInOrder = plan.node.kind === 'sequence';
  const waiting = plan.children.flatMap((child, at): Visit[] => {
    const childAt = childPath(path, child.segment);
    if (known.has(childAt)) return [];
    const before = isInOrder ? plan.children[at - 1]?.segment : undefined;
    return [{ plan: child, path: childAt, depth: depth + 1, before, parent: path }];
  });
  return [...begun, ...(plan.node.kind === 'cond' ? [] : waiting)].sort(
    (a, b) => a.plan.order - b.plan.order,
  );
}

function rowOf({ view, request }: Walk, visit: Visit, entry: NodeState | undefined): TreeRow {
  const { plan, path, depth, parent = '' } = visit;
  const sums = view.rollup(path);
  const attempt = plan.node.kind === 'leaf' ? view.attempt(path) : undefined;
  const total = view.total(plan, path);
  const isLeaf = plan.node.kind === 'leaf';
  const tries = attempt !== undefined && attempt.attempt > 1 ? `#${attempt.attempt}` : '';
  const asks = view.state.waiting.has(path);
  const { mark, word } = asks ? ASKS : stateOf({ view, path, entry, attempt }, request);
  const hasUsed = sums.modelCalls > 0;
  return {
    path,
    depth,
    mark,
    name: `${relativeName(path, parent)}${tries}`,
    word,
    done:
      isLeaf || total.count === 0 ? '' : `${sums.done}/${total.atMost ? '≤' : ''}${total.count}`,
    tokens: hasUsed ? countText(totalTokens(sums.tokens)) : '',
    cost: hasUsed ? costText(sums.costMicroUsd, sums.costStatus) : '',
    detail: detailOf(view, visit, { entry, attempt, request }),
  };
}

const ASKS = { mark: 'asks', word: 'needs you' } as const;

function relativeName(path: NodePath, parent: NodePath): string {
  const rest = parent === '' ? path : path.slice(parent.length);
  return rest.startsWith('/') ? rest.slice(1) : rest;
}

interface Subject {
  readonly view: RunView;
  readonly path: NodePath;
  readonly entry: NodeState | undefined;
  readonly attempt: AttemptView | undefined;
}

function stateOf(
  { view, path, entry, attempt }: Subject,
  { now, isLost = false, isResting = false }: TreeRequest,
): { readonly mark: Mark; readonly word: string } {
  if (entry === undefined) {
    const isOver = whyNotRun(view, path) !== undefined;
    return isOver ? { mark: 'cancelled', word: 'not run' } : { mark: 'waiting', word: 'waiting' };
  }
  if (!entry.alive) return endOf(entry, attempt);
  const isAtWork = attempt !== undefined && attempt.finishedAt === undefined;
  if (entry.plan.node.kind === 'leaf' && !isAtWork) return { mark: 'waiting', word: 'waiting' };
  if (isLost) return { mark: 'lost', word: 'lost' };
  if (isResting) return { mark: 'waiting', word: isAtWork ? 'interrupted' : 'waiting' };
  const workMs = isAtWork ? workedMs(attempt, now) : now - entry.startedAt;
  return { mark: 'running', word: `running ${durationText(workMs)}` };
}

function endOf(
  entry: Settled,
  attempt: AttemptView | undefined,
): { readonly mark: Mark; readonly word: string } {
  const time = durationText(
    attempt === undefined ? entry.endedAt - entry.startedAt : workedMs(attempt, entry.endedAt),
  );
  if (attempt?.from !== undefined) return { mark: 'reused', word: 'reused' };
  switch (entry.status) {
    case 'succeeded': {
      const isMemo = attempt !== undefined && attempt.memoHits > 0;
      return isMemo ? { mark: 'memo', word: 'memo' } : { mark: 'done', word: `done ${time}` };
    }
    case 'degraded':
      return { mark: 'done', word: `degraded ${time}` };
    case 'failed':
      return { mark: 'failed', word: `failed ${time}` };
    case 'skipped':
      return { mark: 'cancelled', word: 'skipped' };
    case 'cancelled':
      return { mark: 'cancelled', word: entry.by === 'sibling' ? 'pruned' : 'cancelled' };
  }
}

function detailOf(
  view: RunView,
  visit: Visit,
  {
    entry,
    attempt,
    request: { now, live, short, isLost },
  }: Pick<Subject, 'entry' | 'attempt'> & { readonly request: TreeRequest },
): string {
  const { path } = visit;
  if (entry === undefined) return whyNotRun(view, path) ?? unbegunReason(view, visit, isLost);
  if (!entry.alive) return endDetail(entry, attempt, short);
  if (attempt === undefined || attempt.finishedAt !== undefined) {
    const isLeaf = entry.plan.node.kind === 'leaf';
    const retried = entry.stage === 'waiting' && attempt?.failure !== undefined;
    if (isLeaf && !retried) return readyReason(view, entry, isLost);
  }
  if (attempt === undefined) return '';
  const last = live?.get(attempt.path);
  const retried = entry.stage === 'waiting' && attempt.failure !== undefined;
  if (retried) {
    return `next attempt soon · ${attempt.failure?.kind}: ${attempt.failure?.message}`;
  }
  if (last === undefined) return '';
  const offer = typed(`retry ${addressWord(short(last.run), path)}`);
  return activityText(last, { now, isTool: isTool(entry.plan), offer });
}

function endDetail(
  entry: Settled,
  attempt: AttemptView | undefined,
  short: (run: string) => string,
): string {
  const { failure, because, output, plan } = entry;
  if (failure !== undefined) return `${failure.kind}: ${failure.message}`;
  if (because === 'input') return 'an input is missing';
  if (because === 'person') return 'a person did without it';
  if (plan.node.kind === 'tournament' && output?.type === 'value') {
    const winner = winnerOf(output.value);
    return winner === undefined ? '' : `winner ${winner}`;
  }
  if (plan.node.kind === 'loop_until' && entry.iterations > 0) {
    return `${entry.iterations} iteration${entry.iterations === 1 ? '' : 's'}`;
  }
  if (attempt?.patch !== undefined) {
    const { files, added, removed } = attempt.patch;
    return `+${added} −${removed} in ${files} file${files === 1 ? '' : 's'}`;
  }
  return attempt?.from === undefined ? '' : `from ${short(attempt.from.run)}`;
}

/** The winner’s name in the output of a tournament. */
export function winnerOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null || !('winner' in value)) return undefined;
  return typeof value.winner === 'string' ? value.winner : undefined;
}
