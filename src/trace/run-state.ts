/**
 * What a run is after some of its events. The engine decides on it, every reader folds its own. It has
 * one owner and changes in place; nothing in it came from anywhere but the events (`next`, `round`,
 * `instance`, `fruitfulBefore` and leaves that were never requested are hints that the engine makes again after a fold).
 */
import type { Json } from '../base/json.ts';
import type { Budget } from '../workflow/limits.ts';
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import type { Plan, PlanNode } from '../workflow/plan.ts';
import { type Amounts, NO_AMOUNTS, type Reserved } from './amounts.ts';
import type { ContentRef } from './content.ts';
import type { Fact, Fruit, RunTotals, Shortage, Verdict } from './events.ts';
import type { CancelReason, Failure, Outcome, OutputRef, SkipReason } from './outcome.ts';
import type { Unsettled } from './unsettled.ts';
import { type CostStatus, NO_TOKENS, type Tokens } from './usage.ts';

export type RunStarted = Extract<Fact, { readonly type: 'run.started' }>;

/** `ready`: waits for admission · `requested`: in flight · `waiting`: for the timer of its retry. */
export type LeafStage = 'ready' | 'requested' | 'waiting';

/** A node that has been started and has not ended. */
export interface Live {
  readonly alive: true;
  readonly plan: PlanNode;
  readonly path: NodePath;
  readonly parent: Live | undefined;
  /** Of a leaf: when it was first requested. */
  startedAt: number;
  /** What `RunState.activeMs` was then. */
  startedActiveMs: number;
  /** Live nodes directly below. */
  readonly open: Set<Live>;
  /** The first node below that succeeded. */
  firstSucceeded: NodePath | undefined;
  /** Iteration of a loop, from 1; 0 before the first. */
  iteration: number;
  /** Leaves: */
  stage: LeafStage;
  attempt: number;
  /** Attempts that ended with their driver; so many fail the leaf. */
  lost: number;
  /** Attempts that a person or the end of a driver broke off: they count as nothing. */
  brokenOff: number;
  /** Those of them that a person wanted made anew. */
  restarts: number;
  /** What its last slice was too small for. */
  short: Shortage | undefined;
  digest: string;
  /** Its attempt in flight is to be run again. */
  restart: boolean;
  /** The name of the timer that is armed. */
  timer: string | undefined;
  /** An answer of a person, for `approve`. */
  answer: { readonly approved: boolean; readonly by: string; readonly reason?: string } | undefined;
  /** Of a node whose losers are being harvested: who won. */
  verdict: Verdict | undefined;
  /** Hints: */
  next: number;
  /** Iteration that the engine has come to, before anything in it has begun. */
  round: number;
  instance: number;
  /** How many leaves of the run had handed something over when it began. */
  fruitfulBefore: number;
}

/** A node that has ended. */
export interface Settled {
  readonly alive: false;
  readonly plan: PlanNode;
  readonly path: NodePath;
  readonly status: Outcome['status'];
  readonly failure?: Failure;
  readonly because?: SkipReason;
  readonly by?: CancelReason;
  /** Of control nodes. */
  readonly output?: OutputRef;
  /** Of leaves: the output, the fields that the plan wants, the identity of its work. */
  readonly content?: ContentRef;
  readonly values?: Readonly<Record<string, Json>>;
  readonly digest?: string;
  readonly fruit?: readonly Fruit[];
  readonly attempt: number;
  /** Of loops: how many iterations there were. */
  readonly iterations: number;
  readonly startedAt: number;
  readonly endedAt: number;
}

export type NodeState = Live | Settled;

/** An attempt that holds a slot. */
export interface InFlight {
  readonly path: NodePath;
  readonly attempt: number;
  readonly requestedAt: number;
  readonly slot: SlotClass;
  started: boolean;
  aborted: boolean;
  /** Calls that were sent and have not come back, by `call/try`: what was set aside for them. */
  readonly calls: Map<string, Reserved>;
  /** What is left of its slice; nothing of what no budget limits. */
  left: Amounts;
}

export type SlotClass = 'model' | 'command';

/** Where a tree was forked and where it stands. */
export interface TreeState {
  readonly from: string;
  at: string;
  /** Leaves that may write have changed it. */
  touched: boolean;
  /** Where it stood before a merge left conflicts in it, while somebody resolves them. */
  beforeConflict?: string;
}

/** What a subtree has used; kept for nodes whose sums a rule reads, and for the run. */
export interface Sums {
  costMicroUsd: number;
  costStatus: CostStatus;
  tokens: Tokens;
  modelCalls: number;
  toolCalls: number;
  leaves: number;
  reused: number;
  /** Changed lines of all patches. */
  diffLines: number;
  /** Leaves in flight, and what they hold of budgets and have not spent. */
  inFlight: number;
  held: Amounts;
}

export interface RunState {
  plan: Plan | undefined;
  started: RunStarted | undefined;
  startedAt: number;
  readonly nodes: Map<NodePath, NodeState>;
  readonly inFlight: Map<NodePath, InFlight>;
  readonly busy: Record<SlotClass, number>;
  readonly trees: Map<NodePath, TreeState>;
  readonly sums: Map<NodePath, Sums>;
  readonly totals: Sums;
  /** Ceilings of the run that were raised after it began. */
  raised: Budget;
  /** Milliseconds in which somebody drove the run and it was not paused. */
  activeMs: number;
  /**
   * Milliseconds in which nothing was at work: paused, waiting for a person, or without a driver.
   * For screens; budgets go by `activeMs`.
   */
  restMs: number;
  /** Leaves that have ended, with an outcome of their own. */
  leavesDone: number;
  readonly waiting: Set<NodePath>;
  /** Leaves that handed over fruit, a patch or a tree, in the order of their ends. */
  readonly fruitful: NodePath[];
  /** Losing branches that are to be harvested when their last leaf has reported. */
  readonly unsettled: Map<NodePath, Unsettled>;
  paused: boolean;
  stopped: Extract<Fact, { readonly type: 'run.stopped' }> | undefined;
  cancelled: boolean;
  finished:
    | { readonly outcome: Outcome; readonly totals: RunTotals; readonly at: number }
    | undefined;
  epoch: number;
  seq: number;
  at: number;
}

/** The state before the first event. */
export function emptyRunState(): RunState {
  return {
    plan: undefined,
    started: undefined,
    startedAt: 0,
    nodes: new Map(),
    inFlight: new Map(),
    busy: { model: 0, command: 0 },
    trees: new Map(),
    sums: new Map(),
    totals: emptySums(),
    raised: {},
    activeMs: 0,
    restMs: 0,
    leavesDone: 0,
    waiting: new Set(),
    fruitful: [],
    unsettled: new Map(),
    paused: false,
    stopped: undefined,
    cancelled: false,
    finished: undefined,
    epoch: 0,
    seq: 0,
    at: 0,
  };
}

export function emptySums(): Sums {
  return {
    costMicroUsd: 0,
    costStatus: 'exact',
    tokens: NO_TOKENS,
    modelCalls: 0,
    toolCalls: 0,
    leaves: 0,
    reused: 0,
    diffLines: 0,
    inFlight: 0,
    held: NO_AMOUNTS,
  };
}

/** The plan of a run that has begun. */
export function planIn(state: RunState): Plan {
  if (state.plan === undefined) throw new Error('the run has no run.started yet');
  return state.plan;
}

/** What a leaf that has ended handed over besides its output. */
export function fruitAt(state: RunState, path: NodePath): readonly Fruit[] {
  return settledAt(state, path)?.fruit ?? [];
}

/** The live node at a path, or undefined. */
export function liveAt(state: RunState, path: NodePath): Live | undefined {
  const entry = state.nodes.get(path);
  return entry?.alive ? entry : undefined;
}

/** The ended node at a path, or undefined. */
export function settledAt(state: RunState, path: NodePath): Settled | undefined {
  const entry = state.nodes.get(path);
  return entry === undefined || entry.alive ? undefined : entry;
}

/** Succeeded or degraded: good enough for what comes after. */
export function isSuccess(settled: Settled): boolean {
  return settled.status === 'succeeded' || settled.status === 'degraded';
}

/** Attempts that used up the author’s retries: neither lost nor broken off. */
export function triesOf(live: Pick<Live, 'attempt' | 'lost' | 'brokenOff'>): number {
  return live.attempt - live.lost - live.brokenOff;
}

/** The tree that a node works in: the nearest isolated node at or above it, or the run tree (`''`). */
export function treeKeyOf(path: NodePath, node: PlanNode): NodePath {
  let key = path;
  for (let at = node; at.parent !== undefined; at = at.parent) {
    if (at.node.isolation === 'worktree') return key;
    key = parentPath(key);
  }
  return '';
}

/** The commit at which a tree stands, or would be forked from; undefined when the run has no base. */
export function treeCommit(state: RunState, path: NodePath, node: PlanNode): string | undefined {
  let key = path;
  for (let at = node; at.parent !== undefined; at = at.parent) {
    const tree = at.node.isolation === 'worktree' ? state.trees.get(key) : undefined;
    if (tree !== undefined) return tree.at;
    key = parentPath(key);
  }
  return state.trees.get('')?.at ?? state.started?.base?.commit;
}
