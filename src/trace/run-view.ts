/**
 * A reader’s fold on top of `RunState`: what each attempt did and used, what each node adds up to, and
 * how nodes hang together. For screens and reports; nothing decides on it. Contents stay references.
 */
import { type NodePath, parentPath } from '../workflow/node-path.ts';
import { leavesBelow, type PlanNode } from '../workflow/plan.ts';
import { worstCaseLeaves } from '../workflow/population.ts';
import { apply } from './apply.ts';
import { AttemptBook } from './attempt-book.ts';
import type { AttemptView } from './attempt-view.ts';
import type { EventBody, TraceEvent } from './events.ts';
import { addCall, addSpent, countEnd, emptyRollup, type Rollup } from './rollup.ts';
import { emptyRunState, type InFlight, type NodeState, type RunState } from './run-state.ts';
import { seeAttempt } from './see-attempt.ts';
import { NO_TOKENS } from './usage.ts';

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
    const flight = this.state.inFlight.get(path);
    apply(this.state, event, event.at);
    this.state.seq = event.seq;
    const after = this.state.nodes.get(path);
    if (before === undefined && after !== undefined) this.#addNode(path);
    // What a leaf hands over when it has ended changes it, and is no second end.
    const ends = before === undefined || before.alive;
    if (ends && after !== undefined && !after.alive && isLeaf(after)) {
      this.#count(path, (sums) => countEnd(sums, after.status));
    }
    if (flight !== undefined && this.state.inFlight.get(path) !== flight) {
      this.#countUnanswered(path, flight);
    }
    this.#seeAttempt(event);
  }

  /** What was sent, and whose answer never came, counts as it does in the state: in full, as an estimate. */
  #countUnanswered(path: NodePath, { attempt, calls }: InFlight): void {
    const view = this.#book.find(path, attempt);
    for (const { costMicroUsd, tokens } of calls.values()) {
      const usage = {
        tokens: { ...NO_TOKENS, uncached: tokens },
        costMicroUsd,
        costStatus: 'estimated',
      } as const;
      const call = { usage, memo: 'bypass' } as const;
      if (view !== undefined) addCall(view, call);
      this.#count(path, (sums) => addCall(sums, call));
    }
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
    const hasEnded = seeAttempt(this.#book, event);
    switch (event.type) {
      case 'leaf.requested':
        this.#count(event.path, (sums) => {
          sums.attempts += 1;
          sums.running += 1;
        });
        return;
      case 'clock.jumped':
        for (const view of this.running()) {
          if (view.startedAt !== undefined) view.jumpedMs = (view.jumpedMs ?? 0) + event.byMs;
        }
        return;
      case 'model.called':
        this.#count(event.path, (sums) => addCall(sums, event));
        return;
      case 'tool.called':
        this.#count(event.path, (sums) => {
          sums.toolCalls += 1;
        });
        return;
      case 'leaf.finished':
      case 'leaf.lost': {
        const isReused = event.type === 'leaf.finished' && event.from !== undefined;
        if (!isReused && !hasEnded) return;
        this.#count(event.path, (sums) => {
          if (isReused) sums.reused += 1;
          if (hasEnded) sums.running -= 1;
        });
        return;
      }
      default:
        return;
    }
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
  for (const attempt of attempts) {
    addSpent(sums, attempt);
    sums.attempts += 1;
    if (attempt.finishedAt === undefined) sums.running += 1;
    if (attempt.from !== undefined) sums.reused += 1;
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
