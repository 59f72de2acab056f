/**
 * A reader’s fold on top of `RunState`: what each attempt did and used, what each node adds up to, and
 * how nodes hang together. For screens and reports; nothing decides on it. Contents stay references.
 */
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import { leavesBelow, type PlanNode } from '../workflow/plan.ts';
import { worstCaseLeaves } from '../workflow/population.ts';
import { apply } from './apply.ts';
import { AttemptBook } from './attempt-book.ts';
import type { AttemptStatus, AttemptView } from './attempt-view.ts';
import type { EventBody, Fact, TraceEvent } from './events.ts';
import { addCall, countEnd, emptyRollup, type Rollup } from './rollup.ts';
import { emptyRunState, type NodeState, type RunState } from './run-state.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { readonly type: T }>;

/** What a fold that does not begin at the first event begins with. */
export interface RunViewParts {
  readonly state: RunState;
  readonly book: AttemptBook;
  /** Of control nodes and the run. */
  readonly rollups: Map<NodePath, Rollup>;
  readonly children: Map<NodePath, NodePath[]>;
}

export function emptyView(): RunViewParts {
  const [rollups, children] = [new Map(), new Map()];
  return { state: emptyRunState(), book: new AttemptBook(), rollups, children };
}

export class RunView {
  readonly state: RunState;
  readonly #book: AttemptBook;
  readonly #rollups: Map<NodePath, Rollup>;
  readonly #children: Map<NodePath, NodePath[]>;
  readonly #written = new Map<PlanNode, LeafCount>();

  constructor(parts: RunViewParts = emptyView()) {
    this.state = parts.state;
    this.#book = parts.book;
    this.#rollups = parts.rollups;
    this.#children = parts.children;
  }

  /** Folds one event in; events of a run come in order. */
  see(event: TraceEvent): void {
    const path = 'path' in event ? event.path : '';
    const before = this.state.nodes.get(path);
    apply(this.state, event, event.at);
    this.state.seq = event.seq;
    const after = this.state.nodes.get(path);
    if (before === undefined && after !== undefined) this.#addNode(path);
    // What a leaf hands over when it has ended changes it, and is no second end.
    const ends = before === undefined || before.alive;
    if (ends && after !== undefined && !after.alive && isLeaf(after)) {
      this.#count(path, (sums) => countEnd(sums, after.status));
    }
    this.#seeAttempt(event);
  }

  /** The latest attempt of a leaf, or one of them by number. */
  attempt(path: NodePath, number?: number): AttemptView | undefined {
    return number === undefined ? this.#book.of(path).at(-1) : this.#book.find(path, number);
  }

  /** The attempts of a leaf, in order. */
  attemptsOf(path: NodePath): readonly AttemptView[] {
    return this.#book.of(path);
  }

  /** The attempts of all leaves, in the order of their first request: reads all that a snapshot keeps. */
  allAttempts(): readonly (readonly [NodePath, readonly AttemptView[]])[] {
    return this.#book.all();
  }

  /** What a node and everything below it have used. */
  rollup(path: NodePath): Readonly<Rollup> {
    const entry = this.state.nodes.get(path);
    if (entry === undefined || !isLeaf(entry)) return this.#rollups.get(path) ?? emptyRollup();
    return rollupOf(entry, this.#book.of(path));
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

  /** Adds to the sums around a leaf. */
  #count(path: NodePath, add: (sums: Rollup) => void): void {
    for (let at = parentPath(path); ; at = parentPath(at)) {
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
        this.#begin(event);
        return;
      case 'clock.jumped':
        for (const view of this.running()) {
          if (view.startedAt !== undefined) view.jumpedMs = (view.jumpedMs ?? 0) + event.byMs;
        }
        return;
      case 'leaf.started': {
        const view = this.#touch(event, at);
        if (view === undefined) return;
        view.status = 'running';
        view.startedAt = at;
        view.route = event.route;
        view.sandbox = event.sandbox;
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
      case 'leaf.continued': {
        const view = this.#touch(event, at);
        if (view === undefined) return;
        const { calls, tools, dropped } = event;
        view.continued = { calls, tools, ...(dropped === undefined ? {} : { dropped }) };
        return;
      }
      case 'leaf.restarted': {
        const view = this.attempt(event.path);
        if (view !== undefined && view.finishedAt === undefined) view.isOpen = false;
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

  #begin(request: AttemptView['request']): void {
    this.#book.begin(request);
    this.#count(request.path, (sums) => {
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
    const { late, short, stop } = event;
    if (late !== true && short === undefined && stop === undefined) view.isOpen = false;
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
    const view = this.#book.find(path, attempt);
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

/** The sums of one leaf. */
function rollupOf(leaf: NodeState, attempts: readonly AttemptView[]): Rollup {
  const sums = emptyRollup();
  for (const { calls, toolCalls, finishedAt, from } of attempts) {
    for (const call of calls) addCall(sums, call);
    sums.toolCalls += toolCalls;
    sums.attempts += 1;
    if (finishedAt === undefined) sums.running += 1;
    if (from !== undefined) sums.reused += 1;
  }
  if (!leaf.alive) countEnd(sums, leaf.status);
  return sums;
}

/** Says whether an event is about a path or something below it. */
export function isAbout(event: EventBody, path: NodePath): boolean {
  if (!('path' in event)) return false;
  const { path: at } = event;
  return at === path || at.startsWith(`${path}/`) || at.startsWith(`${path}[`);
}
