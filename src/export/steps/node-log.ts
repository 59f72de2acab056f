/** Control nodes as steps, and what was decided in them: sides, iterations, instances, winners. */
import type { Outcome } from '../../trace/outcome.ts';
import { instanceOf, type NodePath, parentPath } from '../../workflow/node-path.ts';
import type { PlanNode } from '../../workflow/plan.ts';
import { toIsoTime } from '../iso-time.ts';
import type { Score } from '../run-trace.ts';
import {
  condRuling,
  DECIDING,
  expandRuling,
  loopEndRuling,
  type Ruling,
  rulingOf,
} from './control.ts';
import type { Draft } from './draft.ts';
import { describeTask } from './leaf-attempt.ts';
import { type StepBook, setInput } from './step-book.ts';

export class NodeLog {
  readonly scores: Score[] = [];
  readonly #book: StepBook;
  /** The last iteration that has begun, by loop. */
  readonly #iterations = new Map<NodePath, number>();
  /** Conditions whose side is known. */
  readonly #asked = new Set<NodePath>();

  constructor(book: StepBook) {
    this.#book = book;
  }

  start(path: NodePath, at: number): void {
    const book = this.#book;
    const plan = book.planAt(path);
    if (plan === undefined) return;
    this.noteChild(plan, path, at);
    const { node } = plan;
    const isDeciding = DECIDING[node.kind];
    const draft = book.open(isDeciding ? 'control' : 'branch', plan, path, at);
    book.nodes.set(path, draft);
    if (isDeciding) book.setControl(draft, rulingOf(book.state, plan, path, undefined));
    if (node.kind === 'approve') setInput(draft.step, book.contents.showText(node.message));
    if (node.kind === 'expand') book.decide(path, expandRuling(book.state, plan, path), at);
  }

  finish(path: NodePath, outcome: Outcome, at: number): void {
    const plan = this.#book.planAt(path);
    if (plan === undefined || path === '') return;
    const draft = this.#book.nodes.get(path);
    if (plan.node.kind === 'leaf') {
      if (draft === undefined) this.#skipLeaf(plan, path, outcome, at);
      return;
    }
    if (draft === undefined) return;
    this.#decideEnd(plan, path, outcome, at);
    this.#book.close(draft, outcome, at);
    if (!DECIDING[plan.node.kind]) return;
    const ruling = rulingOf(this.#book.state, plan, path, outcome);
    this.#book.setControl(draft, ruling);
    this.#score(draft, plan, ruling, at);
  }

  /** Says what the node around had decided, so that this one could start. */
  noteChild(plan: PlanNode, path: NodePath, at: number): void {
    const around = parentPath(path);
    const node = plan.parent?.node;
    if (node?.kind === 'loop_until') {
      const iteration = Number(instanceOf(path) ?? 0);
      const last = this.#iterations.get(around) ?? 0;
      if (iteration <= last) return;
      this.#iterations.set(around, iteration);
      if (last === 0) return;
      const reason = JSON.stringify(node.until);
      this.#book.decide(around, { type: 'loop_until', decision: 'again', reason }, at, last);
    }
    if (node?.kind !== 'cond' || plan.side === 'derived' || this.#asked.has(around)) return;
    this.#asked.add(around);
    const reason = JSON.stringify(node.test);
    this.#book.decide(around, { type: 'cond', decision: plan.side, reason }, at);
  }

  /** A leaf that never began. */
  #skipLeaf(plan: PlanNode, path: NodePath, outcome: Outcome, at: number): void {
    this.noteChild(plan, path, at);
    const draft = this.#book.open('leaf', plan, path, at);
    describeTask(draft.step, plan);
    this.#book.nodes.set(path, draft);
    this.#book.close(draft, outcome, at);
  }

  #decideEnd(plan: PlanNode, path: NodePath, outcome: Outcome, at: number): void {
    const book = this.#book;
    const { node } = plan;
    if (node.kind === 'cond' && !this.#asked.has(path) && isGood(outcome)) {
      const ruling = condRuling(book.state, plan, path);
      if (ruling !== undefined) book.decide(path, ruling, at);
    }
    if (node.kind === 'loop_until') {
      const iteration = this.#iterations.get(path) ?? 0;
      const ruling = loopEndRuling(book.state, plan, path, { iteration, outcome });
      if (ruling !== undefined) book.decide(path, ruling, at, iteration);
    }
    if (node.kind === 'branch_set' && node.join === 'first_success' && isGood(outcome)) {
      if (outcome.output?.type !== 'node') return;
      const winner = outcome.output.path;
      const links = [{ type: 'winner', path: winner }];
      book.decide(path, { type: 'first_success', decision: 'winner', winner, links }, at);
    }
  }

  #score(draft: Draft, plan: PlanNode, ruling: Ruling, at: number): void {
    if (plan.node.kind !== 'tournament') return;
    const { by } = plan.node.rank;
    const kind = by === 'judge' || by === 'pairwise' ? 'llm' : 'code';
    for (const [index, { path }] of (ruling.links ?? []).entries()) {
      const name = ruling.candidates?.[index] ?? '';
      const target = this.#book.nodes.get(path)?.step.id;
      const value = ruling.scores?.[name];
      if (target === undefined || typeof value !== 'number') continue;
      const isWinner = name === ruling.winner;
      this.scores.push({
        name: by,
        value,
        label: isWinner ? 'winner' : null,
        explanation: isWinner ? this.#book.contents.say(ruling.reason) : null,
        target,
        scorer: { kind, name: draft.step.path },
        at: toIsoTime(at),
      });
    }
  }
}

const isGood = (
  outcome: Outcome,
): outcome is Extract<Outcome, { readonly status: 'succeeded' | 'degraded' }> =>
  outcome.status === 'succeeded' || outcome.status === 'degraded';
