/**
 * A reader’s fold on top of `RunState`: what each attempt did and used, what each node adds up to, and
 * how nodes hang together. For screens and reports; nothing decides on it. Contents stay references.
 */
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import { leavesBelow, type PlanNode } from '../workflow/plan.ts';
import { worstCaseLeaves } from '../workflow/population.ts';
import { apply } from './apply.ts';
import type { ContentRef } from './content.ts';
import type {
  Decision,
  EventBody,
  Fact,
  Fruit,
  PatchRef,
  Route,
  TraceEvent,
  TreeRef,
} from './events.ts';
import type { Failure } from './outcome.ts';
import { emptyRunState, type NodeState, type RunState } from './run-state.ts';
import { addCostStatus, addTokens, type CostStatus, NO_TOKENS, type Tokens } from './usage.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { readonly type: T }>;

/** One answer of a model, or one failed sending. */
export type CallView = Omit<FactOf<'model.called'>, 'type' | 'path' | 'attempt'> & {
  readonly at: number;
};

export type ToolView = Omit<FactOf<'tool.called'>, 'type' | 'path' | 'attempt'> & {
  readonly at: number;
};

export type AttemptStatus =
  | 'requested'
  | 'running'
  | 'succeeded'
  | 'degraded'
  | 'failed'
  | 'lost'
  /** Aborted: it may still have handed something over. */
  | 'cancelled';

/** What was used: of an attempt, or of all attempts below a node. */
export interface Spent {
  modelCalls: number;
  /** Model calls that the memo answered. */
  memoHits: number;
  toolCalls: number;
  tokens: Tokens;
  costMicroUsd: number;
  costStatus: CostStatus;
}

export interface AttemptView extends Spent {
  readonly path: NodePath;
  readonly attempt: number;
  readonly requestedAt: number;
  readonly request: Extract<Decision, { readonly type: 'leaf.requested' }>;
  status: AttemptStatus;
  startedAt: number | undefined;
  finishedAt: number | undefined;
  /** The latest thing that is known of it. */
  lastActivityAt: number;
  route: Route | undefined;
  failure: Failure | undefined;
  output: ContentRef | undefined;
  patch: PatchRef | undefined;
  /** Where a leaf that may write left its tree. */
  tree: TreeRef | undefined;
  fruit: readonly Fruit[];
  /** Answered from the record of another run. */
  from: FactOf<'leaf.finished'>['from'];
  readonly calls: CallView[];
  readonly tools: ToolView[];
}

/** Sums over everything below a node, itself included. */
export interface Rollup extends Spent {
  /** Leaves that have ended, and how. */
  done: number;
  failed: number;
  skipped: number;
  /** Ended by an abort: siblings that lost, a cancel. */
  pruned: number;
  reused: number;
  attempts: number;
  /** Attempts in flight. */
  running: number;
}

export class RunView {
  readonly state: RunState = emptyRunState();
  /** Attempts of each leaf, in order. */
  readonly attempts: Map<NodePath, AttemptView[]> = new Map();
  readonly #rollups = new Map<NodePath, Rollup>();
  readonly #children = new Map<NodePath, NodePath[]>();
  readonly #written = new Map<PlanNode, LeafCount>();

  /** Folds one event in; events of a run come in order. */
  see(event: TraceEvent): void {
    const path = 'path' in event ? event.path : '';
    const before = this.state.nodes.get(path);
    apply(this.state, event, event.at);
    this.state.seq = event.seq;
    const after = this.state.nodes.get(path);
    if (before === undefined && after !== undefined) this.#addNode(path);
    if (after !== undefined && !after.alive && before !== after && isLeaf(after)) {
      this.#count(path, (sums) => countEnd(sums, after.status));
    }
    this.#seeAttempt(event);
  }

  /** The latest attempt of a leaf, or one of them by number. */
  attempt(path: NodePath, number?: number): AttemptView | undefined {
    const list = this.attempts.get(path);
    return number === undefined ? list?.at(-1) : list?.find(({ attempt }) => attempt === number);
  }

  /** What a node and everything below it have used. */
  rollup(path: NodePath): Readonly<Rollup> {
    return this.#rollups.get(path) ?? emptyRollup();
  }

  /** Nodes directly below a path that have begun, in the order of their beginning. */
  children(path: NodePath): readonly NodePath[] {
    return this.#children.get(path) ?? [];
  }

  /** How many leaves a node will come to; `atMost` while loops and the like may still grow. */
  total(plan: PlanNode, path: NodePath): { readonly count: number; readonly atMost: boolean } {
    const { done, running } = this.rollup(path);
    const entry = this.state.nodes.get(path);
    if (entry !== undefined && !entry.alive) return { count: done, atMost: false };
    const { written, most } = this.#leafCount(plan);
    const isFixed = most === written;
    return { count: Math.max(isFixed ? written : most, done + running), atMost: !isFixed };
  }

  /** Attempts in flight, the one that has been longest there first. */
  running(): readonly AttemptView[] {
    return [...this.state.inFlight.values()].flatMap(({ path, attempt }) => {
      const view = this.attempt(path, attempt);
      return view === undefined ? [] : [view];
    });
  }

  #leafCount(plan: PlanNode): LeafCount {
    const known = this.#written.get(plan);
    if (known !== undefined) return known;
    const count = {
      written: leavesBelow(plan).length,
      most: plan.parent === undefined ? sumOfPhases(plan) : worstCaseLeaves(plan.node),
    };
    this.#written.set(plan, count);
    return count;
  }

  #addNode(path: NodePath): void {
    if (path === '') return;
    const parent = parentPath(path);
    const siblings = this.#children.get(parent);
    if (siblings === undefined) this.#children.set(parent, [path]);
    else siblings.push(path);
  }

  #count(path: NodePath, add: (sums: Rollup) => void): void {
    for (let at = path; ; at = parentPath(at)) {
      const sums = this.#rollups.get(at) ?? emptyRollup();
      this.#rollups.set(at, sums);
      add(sums);
      if (at === '') return;
    }
  }

  #seeAttempt(event: TraceEvent): void {
    const { at } = event;
    switch (event.type) {
      case 'leaf.requested':
        this.#begin(event, at);
        return;
      case 'leaf.started': {
        const view = this.#touch(event, at);
        if (view === undefined) return;
        view.status = 'running';
        view.startedAt = at;
        view.route = event.route;
        return;
      }
      case 'model.requested':
        this.#touch(event, at);
        return;
      case 'model.called': {
        const { type: _type, path, attempt: _attempt, seq: _seq, ...call } = event;
        const view = this.#touch(event, at);
        view?.calls.push(call);
        if (view !== undefined) addCall(view, call);
        this.#count(path, (sums) => addCall(sums, call));
        return;
      }
      case 'tool.called': {
        const { type: _type, path, attempt: _attempt, seq: _seq, ...tool } = event;
        const view = this.#touch(event, at);
        view?.tools.push(tool);
        if (view !== undefined) view.toolCalls += 1;
        this.#count(path, (sums) => {
          sums.toolCalls += 1;
        });
        return;
      }
      case 'leaf.aborted': {
        const view = this.attempt(event.path);
        if (view !== undefined && view.finishedAt === undefined) view.status = 'cancelled';
        return;
      }
      case 'leaf.finished':
        this.#finish(event, at);
        return;
      case 'leaf.lost': {
        const view = this.#touch(event, at);
        if (view !== undefined)
          this.#close(view, view.status === 'cancelled' ? 'cancelled' : 'lost');
        return;
      }
      default:
        return;
    }
  }

  #begin(request: AttemptView['request'], at: number): void {
    const { path, attempt } = request;
    const list = this.attempts.get(path) ?? [];
    this.attempts.set(path, list);
    list.push({
      path,
      attempt,
      requestedAt: at,
      request,
      status: 'requested',
      startedAt: undefined,
      finishedAt: undefined,
      lastActivityAt: at,
      route: undefined,
      failure: undefined,
      output: undefined,
      patch: undefined,
      tree: undefined,
      fruit: [],
      from: undefined,
      calls: [],
      tools: [],
      ...nothingSpent(),
    });
    this.#count(path, (sums) => {
      sums.attempts += 1;
      sums.running += 1;
    });
  }

  #finish(event: FactOf<'leaf.finished'>, at: number): void {
    const view = this.#touch(event, at);
    if (view === undefined) return;
    const { result, patch, tree, fruit = [], from } = event;
    const { status } = result;
    view.output = result.output;
    view.failure = status === 'failed' ? result.failure : undefined;
    view.patch = patch;
    view.tree = tree;
    view.fruit = fruit;
    view.from = from;
    if (from !== undefined) {
      this.#count(event.path, (sums) => {
        sums.reused += 1;
      });
    }
    this.#close(view, view.status === 'cancelled' ? 'cancelled' : status);
  }

  #close(view: AttemptView, status: AttemptStatus): void {
    if (view.finishedAt !== undefined) return;
    view.status = status;
    view.finishedAt = view.lastActivityAt;
    this.#count(view.path, (sums) => {
      sums.running -= 1;
    });
  }

  #touch(
    { path, attempt }: { readonly path: NodePath; readonly attempt: number },
    at: number,
  ): AttemptView | undefined {
    const view = this.attempt(path, attempt);
    if (view !== undefined) view.lastActivityAt = at;
    return view;
  }
}

interface LeafCount {
  readonly written: number;
  readonly most: number;
}

const sumOfPhases = (root: PlanNode): number =>
  root.children.reduce((sum, phase) => sum + worstCaseLeaves(phase.node), 0);

const isLeaf = ({ plan }: NodeState): boolean => plan.node.kind === 'leaf';

function countEnd(sums: Rollup, status: string): void {
  if (status === 'cancelled') sums.pruned += 1;
  else if (status === 'skipped') sums.skipped += 1;
  else if (status === 'failed') sums.failed += 1;
  sums.done += 1;
}

function addCall(sums: Spent, { usage, memo }: CallView): void {
  sums.costStatus =
    sums.modelCalls === 0 ? usage.costStatus : addCostStatus(sums.costStatus, usage.costStatus);
  sums.costMicroUsd += usage.costMicroUsd;
  sums.tokens = addTokens(sums.tokens, usage.tokens);
  sums.modelCalls += 1;
  if (memo === 'hit' || memo === 'joined') sums.memoHits += 1;
}

function nothingSpent(): Spent {
  return {
    modelCalls: 0,
    memoHits: 0,
    toolCalls: 0,
    tokens: NO_TOKENS,
    costMicroUsd: 0,
    costStatus: 'exact',
  };
}

function emptyRollup(): Rollup {
  return {
    done: 0,
    failed: 0,
    skipped: 0,
    pruned: 0,
    reused: 0,
    attempts: 0,
    running: 0,
    ...nothingSpent(),
  };
}

/** How long an attempt has worked until `now`, without what it waited before it started. */
export function workedMs(attempt: AttemptView, now: number): number {
  return Math.max(0, (attempt.finishedAt ?? now) - (attempt.startedAt ?? attempt.requestedAt));
}

/** Says whether an event is about a path or something below it. */
export function isAbout(event: EventBody, path: NodePath): boolean {
  if (!('path' in event)) return false;
  const { path: at } = event;
  return at === path || at.startsWith(`${path}/`) || at.startsWith(`${path}[`);
}
